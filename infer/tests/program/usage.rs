//! Options that contradict each other, or that would do nothing: exit code 2 before anything is read.

use crate::support::{Folder, infer, run};

#[test]
fn options_that_would_do_nothing_are_refused() {
    let folder = Folder::new();
    folder.write("rows.jsonl", "{\"left\":\"two.png\",\"right\":\"seven.png\"}\n");
    std::fs::create_dir(folder.path("pairs")).unwrap();
    let cases: [(&[&str], &str); 18] = [
        (&["batch", "rows.jsonl", "--delimiter", ";"], "JSON lines have no delimiter"),
        (&["batch", "-", "--from", "jsonl", "--delimiter", ";"], "JSON lines have no delimiter"),
        (&["batch", "pairs", "--from", "csv"], "describe a list"),
        (&["batch", "pairs", "--label", "truth"], "describe a list"),
        (&["batch", "pairs", "--root", "."], "--root is for the relative paths of a list"),
        (&["batch", "-", "--resume", "-o", "-"], "need an output that is a file"),
        (&["batch", "-", "--overwrite", "-o", "/dev/null"], "need an output that is a file"),
        (&["batch", "-", "--engine", "leq", "--onnxruntime", "absent"], "--engine leq loads no library"),
        (&["compare", "a", "b", "--engine", "rten", "--onnxruntime", "absent"], "--engine rten loads no library"),
        (&["eval", "--engine", "rten", "--onnxruntime", "absent"], "--engine rten loads no library"),
        (&["bench", "--trust"], "--model"),
        (&["bench", "--engines", "leq,rten", "--onnxruntime", "absent"], "none of --engines loads a library"),
        (&["bench", "-o", "-"], "-o takes a file"),
        (&["verify", "--trust"], "MODEL"),
        (&["robustness", "--only", "scene/phone", "--scenes", "0"], "what --scenes 0 or --non-digits 0 leaves out"),
        (&["robustness", "--development", "--scenes", "0", "--non-digits", "0"], "and none is measured"),
        (&["robustness", "--development", "--only", "rotation"], "and none is measured"),
        (&["robustness", "--out", "-"], "name a folder"),
    ];
    for (arguments, part) in cases {
        let ran = run(infer().args(arguments).current_dir(folder.path("")));
        assert!(ran.code == 2 && ran.stdout.is_empty() && ran.stderr.contains(part), "{arguments:?}: {ran:?}");
    }
    assert!(!folder.path("-").exists());
}

#[test]
fn a_label_that_no_json_line_has_is_a_fault_of_each_row() {
    let folder = Folder::new();
    let list = folder.write("rows.jsonl", "{\"left\":\"two.png\",\"right\":\"seven.png\",\"truth\":1}\n");
    let ran = run(infer().arg("batch").arg(&list).args(["--label", "truth"]));
    assert!(ran.code == 0 && ran.stderr.contains("accuracy: 100.00 % (1 of 1;"), "{ran:?}");
    let ran = run(infer().arg("batch").arg(&list).args(["--label", "typo"]));
    assert!(ran.code == 1 && ran.stderr.contains("row 1: no pair: it has no \"typo\""), "{ran:?}");
}
