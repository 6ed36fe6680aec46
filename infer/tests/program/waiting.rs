//! Pipes and devices where files are meant: nothing waits for them, and none is read without an end.

#![cfg(unix)]

use crate::support::{Folder, infer, make_pipe, run_briefly};

/// Runs `arguments` in a folder that has a `pipe`, and expects that it is refused as what it is.
fn refused(folder: &Folder, arguments: &[&str], part: &str) {
    let ran = run_briefly(infer().args(arguments).current_dir(folder.path("")));
    ran.fails(3, &[part]);
}

#[test]
fn no_command_waits_for_a_pipe() {
    let folder = Folder::new();
    make_pipe(&folder.path("pipe"));
    let cases: [&[&str]; 7] = [
        &["compare", "two.png", "seven.png", "--model", "pipe"],
        &["compare", "two.png", "seven.png", "--engine", "ort", "--onnxruntime", "pipe"],
        &["inspect", "pipe"],
        &["verify", "pipe"],
        &["bench", "--baseline", "pipe"],
        &["robustness", "--only", "clean", "--scenes", "0", "--before", "pipe"],
        &["eval", "--model", "pipe"],
    ];
    for arguments in cases {
        refused(&folder, arguments, "it is a pipe, not a file");
    }
    let data = folder.path("data");
    std::fs::create_dir(&data).unwrap();
    make_pipe(&data.join("t10k-images-idx3-ubyte"));
    refused(&folder, &["eval", "--data", "data"], "t10k-images-idx3-ubyte: it is a pipe, not a file");
}

#[test]
fn no_result_waits_for_a_pipe_in_its_place() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("out")).unwrap();
    folder.write("out/README.md", "# Robustness of preparation\n");
    make_pipe(&folder.path("out/raw.json"));
    let arguments = ["robustness", "--pairs", "5", "--only", "clean", "--scenes", "0", "--out", "out"];
    refused(&folder, &arguments, "raw.json: it is a pipe, not a file");
}

#[test]
fn a_device_without_an_end_is_not_read() {
    let folder = Folder::new();
    for arguments in [["inspect", "/dev/zero"].as_slice(), &["bench", "--baseline", "/dev/zero"]] {
        refused(&folder, arguments, "it is a device, not a file");
    }
}
