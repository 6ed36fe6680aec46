//! Trainings, exports and samples: exit codes, messages, Ctrl-C.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use candle_onnx::onnx::ModelProto;
use prost::Message;

#[cfg(unix)]
use crate::support::{interruptible, start_held_back};
use crate::support::{path, run, text, trainer, write_digits};

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
    let rebuilt = run(&["export", "--check", &model]);
    assert!(text(&rebuilt.stdout).contains("rebuilt to the same"), "{rebuilt:?}");
    // A machine that rounds otherwise trains other bytes that are as accurate.
    let checked = |more: i64| {
        let mut file = ModelProto::decode(std::fs::read(&model).unwrap().as_slice()).unwrap();
        for entry in &mut file.metadata_props {
            if entry.key == "instructions" {
                entry.value = "others".into();
            } else if entry.key == "accuracy" {
                let mut accuracy: serde_json::Value = serde_json::from_str(&entry.value).unwrap();
                let right = &mut accuracy["learned_head"]["right"];
                *right = (right.as_i64().unwrap() + more).into();
                entry.value = accuracy.to_string();
            }
        }
        let path = path(&folder, "changed.onnx");
        std::fs::write(&path, file.encode_to_vec()).unwrap();
        run(&["export", "--check", &path])
    };
    let elsewhere = checked(10);
    assert!(text(&elsewhere.stdout).contains("was trained with others; this machine has"), "{elsewhere:?}");
    let worse = checked(100);
    assert_eq!(worse.status.code(), Some(1), "{worse:?}");
    assert!(text(&worse.stderr).contains("% by the file"), "{worse:?}");
}

#[test]
fn the_cost_of_a_network_is_told_layer_by_layer() {
    let printed = text(&run(&["experiments", "leq-1000", "--cost"]).stdout);
    assert!(printed.contains("1319616 multiply-adds an image, 2639232 a pair; 107338 parameters"), "{printed}");
    assert_eq!(printed.lines().filter(|line| line.starts_with("tower: conv ")).count(), 6, "{printed}");
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
    assert_eq!(text(&missing.stderr).matches("is missing").count(), 1, "each cause is said once");
    let checkpoint = run(&["export", &path(&folder, "none.safetensors"), "--out", &path(&folder, "model.onnx")]);
    assert_eq!(checkpoint.status.code(), Some(3));
    assert!(text(&checkpoint.stderr).contains("none.safetensors"));
    std::fs::write(folder.path().join("file"), "").unwrap();
    let unwritable = run(&["train", "report-a-mlp", "--epochs", "1", "--out", &path(&folder, "file")]);
    assert_eq!(unwritable.status.code(), Some(3));
    assert!(!text(&unwritable.stderr).contains("epoch"), "before the first epoch: {}", text(&unwritable.stderr));
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
    let arguments = |out| ["train", "report-a-mlp", "--set", "data.pairs=200", "--epochs", "100", "--out", out];
    assert!(run(&arguments(&whole)).status.success());

    let mut training = trainer(&arguments(&stopped));
    interruptible(&mut training);
    let (mut child, mut lines) = start_held_back(training);
    assert!(lines.any(|line| line.starts_with("epoch 1/100")));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("--resume")), "{rest:?}");

    let resumed = trainer(&arguments(&stopped)).arg("--resume").output().unwrap();
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    let bytes = |folder: &str| std::fs::read(format!("{folder}/checkpoint.safetensors")).unwrap();
    assert_eq!(bytes(&stopped), bytes(&whole));
}

/// Trains two epochs into a folder and gives the checkpoint.
fn trained(folder: &tempfile::TempDir, name: &str, more: &[&str]) -> String {
    let out = path(folder, name);
    let training = run(&[&["train", "report-a-mlp", "--epochs", "2", "--out", &out], more].concat());
    assert!(training.status.success(), "{}", text(&training.stderr));
    format!("{out}/checkpoint.safetensors")
}

/// Runs `arguments`, expects wrong usage that says all of `parts`, and that `file` is untouched.
fn refused(arguments: &[&str], file: &str, parts: &[&str]) {
    let before = std::fs::read(file).unwrap();
    let output = run(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(parts.iter().all(|part| said.contains(part)), "{arguments:?}: {said}");
    assert!(std::fs::read(file).unwrap() == before, "{arguments:?} changed {file}");
}

#[test]
fn a_checkpoint_is_not_replaced_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = trained(&folder, "run", &[]);
    let out = path(&folder, "run");
    let again = ["train", "report-a-mlp", "--epochs", "3", "--out", &out];
    refused(
        &again,
        &checkpoint,
        &["already exists: report-a-mlp, seed 0, epoch 2 of 2", "--resume", "--overwrite", "--out"],
    );
    refused(&[&again[..], &["--resume"]].concat(), &checkpoint, &["its recipe.epochs is 2, not 3"]);
    let seed = [&again[..3], &["2", "--seed", "7", "--out", &out, "--resume"]].concat();
    refused(&seed, &checkpoint, &["its seed is 0, not 7"]);
    let other = ["train", "report-a-mlp-ws", "--epochs", "2", "--out", &out, "--resume"];
    refused(&other, &checkpoint, &["its name is \"report-a-mlp\", not \"report-a-mlp-ws\""]);
    assert!(run(&[&again[..], &["--overwrite"]].concat()).status.success());
}

#[test]
fn export_replaces_neither_checkpoint_nor_notes() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = trained(&folder, "run", &[]);
    refused(&["export", &checkpoint, "--out", &checkpoint], &checkpoint, &["--out would replace the checkpoint"]);
    let model = path(&folder, "model.onnx");
    let record = ["export", &checkpoint, "--out", &model, "--record", &checkpoint];
    refused(&record, &checkpoint, &["--record would replace the checkpoint"]);
    let notes = path(&folder, "notes.md");
    std::fs::write(&notes, "my notes\n").unwrap();
    refused(&["export", &checkpoint, "--out", &path(&folder, "notes.onnx")], &notes, &["notes.md is no model card"]);
    refused(&["export", &checkpoint, "--out", &notes], &notes, &["--out and the card of --out are the same file"]);
    // A card may be replaced by a newer one.
    for _ in 0..2 {
        assert!(run(&["export", &checkpoint, "--out", &model]).status.success());
    }
}

#[test]
fn a_checkpoint_with_a_flipped_bit_or_a_nan_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = trained(&folder, "run", &[]);
    let sound = std::fs::read(&checkpoint).unwrap();
    let bad = path(&folder, "bad.safetensors");
    // Every part of the file: lengths, names, description, numbers.
    for at in (0..4000).step_by(97).chain((4000..sound.len()).step_by(40_009)) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&bad, &bytes).unwrap();
        let error = nets::training::Checkpoint::read(Path::new(&bad)).err().map(|error| format!("{error:#}"));
        assert!(error.is_some(), "a flipped bit in byte {at} of {}", sound.len());
    }
    let export = run(&["export", &bad, "--out", &path(&folder, "model.onnx")]);
    assert_eq!(export.status.code(), Some(3));
    assert!(text(&export.stderr).contains("it is damaged: the tensor"), "{}", text(&export.stderr));
}

#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_written_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "run");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let arguments = ["train", "report-a-mlp", "--epochs", "3", "--out", &out];
    let status = trainer(&arguments).stderr(full).stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(Path::new(&out).join("checkpoint.safetensors").exists());

    let gone = path(&folder, "gone");
    let arguments = ["train", "report-a-mlp", "--epochs", "40", "--out", &gone];
    let mut child = trainer(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(Path::new(&gone).join("checkpoint.safetensors").exists());
}

#[cfg(unix)]
#[test]
fn a_killed_training_continues_from_its_last_checkpoint_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed) = (path(&folder, "whole"), path(&folder, "killed"));
    let arguments = |out| ["train", "report-a-mlp", "--set", "data.pairs=200", "--epochs", "60", "--out", out];
    let often = ["--checkpoint-every", "0"];
    assert!(run(&arguments(&whole)).status.success());
    let mut training = trainer(&arguments(&killed));
    training.args(often);
    let (mut child, mut lines) = start_held_back(training);
    assert!(lines.any(|line| line.starts_with("epoch 5/60")));
    child.kill().unwrap();
    child.wait().unwrap();
    // What a power cut may leave of the last file: the one before it is taken.
    let checkpoint = format!("{killed}/checkpoint.safetensors");
    if let Ok(bytes) = std::fs::read(&checkpoint) {
        std::fs::write(&checkpoint, &bytes[..bytes.len() / 2]).unwrap();
    }
    let resumed = trainer(&arguments(&killed)).args(often).arg("--resume").output().unwrap();
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    let bytes = |folder: &str| std::fs::read(format!("{folder}/checkpoint.safetensors")).unwrap();
    assert_eq!(bytes(&killed), bytes(&whole));
    assert!(!Path::new(&killed).join("checkpoint.previous.safetensors").exists());
}

#[cfg(unix)]
#[test]
fn two_trainings_into_one_folder_are_told_apart_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "run");
    let arguments = ["train", "report-a-mlp", "--epochs", "100000", "--out", &out];
    let mut child = trainer(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("epoch 1/")));
    let second = run(&arguments);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(second.status.code(), Some(3));
    assert!(text(&second.stderr).contains("another process is training into"), "{}", text(&second.stderr));
}

#[test]
fn a_model_of_other_data_says_so_and_how_to_rebuild_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = write_digits(&folder.path().join("Ann's digits"), 2_400, |digit| digit);
    let checkpoint = trained(&folder, "run", &["--data", &data]);
    let model = path(&folder, "mine.onnx");
    let export = run(&["export", &checkpoint, "--out", &model, "--data", &data]);
    assert!(export.status.success(), "{}", text(&export.stderr));
    let card = std::fs::read_to_string(path(&folder, "mine.md")).unwrap();
    assert!(!card.contains("MNIST") && !card.contains("LeCun") && !card.contains("CC BY"), "{card}");
    assert!(card.contains("| data | unknown data, SHA-256 "), "{card}");
    let quoted = data.replace('\'', r"'\''");
    assert_eq!(card.matches(&format!("--data '{quoted}'")).count(), 3, "{card}");
    assert!(!String::from_utf8_lossy(&std::fs::read(&model).unwrap()).contains("MNIST"));
}
