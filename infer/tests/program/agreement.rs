//! `infer verify`: whether the engines agree.

use serde_json::Value;

use crate::support::{Folder, infer, run};

#[test]
fn verify_compares_engines_on_real_pairs() {
    let text = run(infer().arg("verify")).succeeds();
    assert!(text.contains(" agree on 5000 pairs") && text.contains("decisions that differ: 0"), "{text}");
}

/// Engines sum in different orders, so their last bits differ on any hundred pairs.
#[test]
fn verify_fails_when_the_engines_differ_beyond_the_tolerance() {
    let folder = Folder::new();
    folder.write_test_split(200);
    let ran = run(infer().args(["verify", "--json", "--tolerance", "0", "--data"]).arg(folder.path("")));
    assert_eq!(ran.code, 1, "{ran:?}");
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&object["agrees"], &object["decisions_that_differ"]), (&false.into(), &0.into()));
    assert_eq!(object["pairs"], 100);
}

#[test]
fn verify_needs_a_model_and_data() {
    let folder = Folder::new();
    run(infer().arg("verify").arg(folder.path("absent.onnx"))).fails(3, &["absent.onnx: no such model file"]);
    run(infer().args(["verify", "--data"]).arg(folder.path(""))).fails(3, &["t10k-images-idx3-ubyte is missing"]);
}
