//! `infer verify`: whether the engines agree.

use serde_json::Value;

use crate::onnx::{self, stored};
use crate::support::{Folder, infer, run};

#[test]
fn verify_compares_engines_on_real_pairs() {
    let text = run(infer().arg("verify")).succeeds();
    let agreeing = text.lines().filter(|line| line.contains(" agree on 5000 pairs"));
    let others = if cfg!(feature = "rten") { 2 } else { 1 };
    assert_eq!((agreeing.count(), text.matches("decisions that differ: 0").count()), (others, others), "{text}");
    assert!(text.contains(" and leq "), "{text}");
}

#[test]
fn an_engine_that_cannot_compute_a_model_is_named_and_the_others_are_compared() {
    let folder = Folder::new();
    folder.write_test_split(20);
    let mut model = onnx::sound();
    model.nodes.push(("QuantizeLinear", vec!["leq_logit", "scale"], "unused"));
    model.more_graph = stored("scale", 1, &[], &1.0f32.to_le_bytes(), Vec::new());
    let path = folder.write("model.onnx", model.bytes());
    let ran = run(infer().args(["verify", "--data"]).arg(folder.path("")).arg(&path));
    assert!(ran.stderr.contains("leq cannot load this model"), "{ran:?}");
    match cfg!(feature = "rten") {
        true => assert!(ran.code == 0 && ran.stdout.contains(" and rten "), "{ran:?}"),
        false => ran.fails(3, &["nothing to compare"]),
    }
}

/// Engines sum in different orders, so their last bits differ on any hundred pairs.
#[test]
fn verify_fails_when_the_engines_differ_beyond_the_tolerance() {
    let folder = Folder::new();
    folder.write_test_split(200);
    let ran = run(infer().args(["verify", "--json", "--tolerance", "0", "--data"]).arg(folder.path("")));
    assert_eq!(ran.code, 1, "{ran:?}");
    let object: Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&object["agrees"], &object["decisions_that_differ"]), (&false.into(), &0.into()));
    assert_eq!(object["pairs"], 100);
}

#[test]
fn verify_needs_a_model_and_data() {
    let folder = Folder::new();
    run(infer().arg("verify").arg(folder.path("absent.onnx"))).fails(3, &["absent.onnx: no such model file"]);
    run(infer().args(["verify", "--data"]).arg(folder.path(""))).fails(3, &["t10k-images-idx3-ubyte is missing"]);
}
