//! The `trainer` program as a user meets it: exit codes, messages, Ctrl-C.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its place is the message")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn trainer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(arguments: &[&str]) -> Output {
    trainer(arguments).output().unwrap()
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

#[test]
fn a_network_is_trained_exported_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (out, model) = (path(&folder, "run"), path(&folder, "model.onnx"));
    let training = run(&["train", "report-a-mlp-ws-aux", "--epochs", "2", "--seed", "3", "--out", &out]);
    assert!(training.status.success(), "{}", text(&training.stderr));
    assert!(text(&training.stdout).contains("test pairs, learned head"));
    assert!(text(&training.stderr).contains("epoch 2/2  loss"), "{}", text(&training.stderr));
    let export = run(&["export", &format!("{out}/checkpoint.safetensors"), "--out", &model, "--text"]);
    assert!(export.status.success(), "{}", text(&export.stderr));
    assert!(text(&export.stdout).contains("output p_leq: float[batch]"));
    let card = std::fs::read_to_string(path(&folder, "model.md")).unwrap();
    assert!(card.contains("--epochs 2 --seed 3") && card.contains("| parameters | 47083 |"), "{card}");
}

#[test]
fn samples_are_28x28_pictures_named_after_their_digit() {
    let folder = tempfile::tempdir().unwrap();
    let samples = run(&["samples", "--count", "3", "--out", folder.path().to_str().unwrap()]);
    let printed = text(&samples.stdout);
    let paths: Vec<&str> = printed.lines().collect();
    assert_eq!(paths.len(), 3);
    assert!(paths[0].ends_with("test-07953-digit-0.png"), "{printed}");
    for path in paths {
        let picture = image::open(path).unwrap();
        assert_eq!((picture.width(), picture.height()), (28, 28));
    }
}

#[test]
fn what_was_typed_wrong_is_exit_code_2_and_names_what_there_is() {
    let cases: [&[&str]; 4] = [
        &["train", "report-a-headlin"],
        &["train", "report-a-mlp", "--epochs", "0"],
        &["study", "run", "headline", "--rounds", "0"],
        &["samples", "--count", "0"],
    ];
    for arguments in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert!(text(&run(cases[0]).stderr).contains("report-a-headline"));
}

#[test]
fn what_cannot_work_is_exit_code_3_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "run");
    let missing = run(&["train", "report-a-mlp", "--data", &path(&folder, "nowhere"), "--out", &out]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(text(&missing.stderr).contains("train-images-idx3-ubyte is missing"), "{}", text(&missing.stderr));
    let checkpoint = run(&["export", &path(&folder, "none.safetensors"), "--out", &path(&folder, "model.onnx")]);
    assert_eq!(checkpoint.status.code(), Some(3));
    assert!(text(&checkpoint.stderr).contains("none.safetensors"));
    std::fs::write(folder.path().join("file"), "").unwrap();
    let unwritable = run(&["train", "report-a-mlp", "--epochs", "1", "--out", &path(&folder, "file")]);
    assert_eq!(unwritable.status.code(), Some(3));
    assert!(!Path::new(&out).exists());
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let mut child = trainer(&["experiments"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_epoch_and_the_training_can_be_resumed_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopped) = (path(&folder, "whole"), path(&folder, "stopped"));
    let arguments = |out| ["train", "report-a-mlp", "--epochs", "300", "--out", out];
    assert!(run(&arguments(&whole)).status.success());

    let mut child = trainer(&arguments(&stopped)).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("epoch 3/300")));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("--resume")), "{rest:?}");

    let resumed = trainer(&arguments(&stopped)).arg("--resume").output().unwrap();
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    let bytes = |folder: &str| std::fs::read(format!("{folder}/checkpoint.safetensors")).unwrap();
    assert_eq!(bytes(&stopped), bytes(&whole));
}
