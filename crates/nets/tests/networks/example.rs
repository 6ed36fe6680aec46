//! Runs the example.

use candle_onnx::onnx::ModelProto;
use prost::Message;

#[allow(dead_code, reason = "the example's `main`")]
#[path = "../../examples/train_and_export.rs"]
mod train_and_export;

#[test]
fn the_example_trains_a_network_that_has_learned_and_writes_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.onnx");
    let test = train_and_export::train_and_export(&mnist::default_folder(), &path).unwrap();
    assert!(test.learned_head.value() > 0.7, "{}", test.learned_head);
    let model = ModelProto::decode(std::fs::read(&path).unwrap().as_slice()).unwrap();
    let outputs: Vec<String> = model.graph.unwrap().output.into_iter().map(|output| output.name).collect();
    assert_eq!(outputs, ["leq_logit", "p_leq", "digit_logits", "digit_probs"]);
}
