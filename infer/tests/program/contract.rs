//! `docs/model-contract.md` as it is written: its examples run.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Folder, infer, run};

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/model-contract.md")).unwrap()
}

/// The page's one example in a language.
fn example(language: &str) -> String {
    let page = page();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// A Python that has the package onnx: set-up's.
fn python() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.setup");
    let usual = [set_up.join("python/bin/python3"), set_up.join("python/Scripts/python.exe")];
    let has_onnx = |python: &PathBuf| {
        Command::new(python).args(["-c", "import onnx, numpy"]).output().is_ok_and(|output| output.status.success())
    };
    let found = usual.into_iter().chain([PathBuf::from("python3")]).find(has_onnx);
    found.expect("a Python with onnx; run `cargo xtask setup`")
}

#[test]
fn the_example_in_python_writes_a_model_that_is_answered_by_every_engine() {
    let folder = Folder::new();
    let (script, model) = (folder.write("model.py", example("python")), folder.path("model.onnx"));
    let written = Command::new(python()).arg(&script).arg(&model).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    run(infer().arg("inspect").arg(&model)).succeeds();
    for engine in ["leq", "rten", "ort"] {
        let mut command = infer();
        command.args(["compare", "--engine", engine, "--model"]).arg(&model);
        let said = run(command.args([folder.path("two.png"), folder.path("seven.png")])).succeeds();
        assert!(said.starts_with("first "), "{said}");
    }
}

/// The session is a stand-in that answers with what it is given: name, type, shape and mean.
#[test]
fn the_example_in_javascript_feeds_what_the_contract_says() {
    let check = r#"
const ort = { Tensor: class { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } } };
const session = { run: async ({ pair }) => {
  if (pair.type !== "float32" || pair.dims.join() !== "1,2,14,14" || pair.data.length !== 392) throw new Error("input");
  return { p_leq: { data: [pair.data[0] + pair.data[195] + pair.data[196] + pair.data[391]] } };
} };
const ramp = Array.from({ length: 784 }, (_, at) => at % 28);
console.log(await pLeq(ort, session, ramp, ramp.map((level) => 2 * level)));
"#;
    let folder = Folder::new();
    let script = folder.write("compare.mjs", example("js") + check);
    let output = Command::new("node").arg(&script).output().expect("Node.js");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // 0.5 and 26.5 of the first image, twice that of the second.
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "81");
}

#[test]
fn the_page_tells_every_name_and_limit_of_the_contract() {
    use digits::contract::{self, metadata};
    let page = page();
    let names = [
        contract::INPUT_PAIR,
        contract::OUTPUT_P_LEQ,
        contract::OUTPUT_LEQ_LOGIT,
        contract::OUTPUT_DIGIT_PROBS,
        contract::OUTPUT_DIGIT_LOGITS,
        contract::OUTPUT_NO_DIGIT,
        metadata::CONTRACT,
        metadata::DATA_SHA256,
        metadata::DATA_AUTHOR,
    ];
    assert!(names.iter().all(|name| page.contains(&format!("`{name}`"))));
    assert!(page.contains(&format!("{} MiB", infer::model::MAX_FILE_BYTES >> 20)));
}
