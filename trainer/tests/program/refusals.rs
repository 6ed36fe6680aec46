//! What `trainer` refuses before it does anything: outputs that are inputs, numbers that no training can have, what is no
//! file, data that a training was not of.

use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;

use crate::support::{path, run, text, write_digits};

fn stderr(output: &Output) -> String {
    text(&output.stderr)
}

/// Runs `arguments` and expects this exit code and these words.
fn ends(arguments: &[&str], code: i32, words: &str) {
    let output = run(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {said}\nlacks: {words}");
}

#[test]
fn no_output_replaces_an_experiment_data_or_a_fold() {
    let folder = tempfile::tempdir().unwrap();
    let (own, base) = (path(&folder, "own.toml"), path(&folder, "base.toml"));
    std::fs::write(&base, "about = \"base\"\nlike = \"leq-1000\"\n").unwrap();
    std::fs::write(&own, "about = \"own\"\nlike = \"base.toml\"\n").unwrap();
    for out in [&own, &base] {
        ends(&["calibrate", &own, "--out", out], 2, "--out would replace the experiment's file");
    }
    let (work, fold) = (path(&folder, "work"), path(&folder, "work/fold-0-of-5.json"));
    ends(&["calibrate", &own, "--work", &work, "--out", &fold], 2, "--out and fold 0 in --work are the same file");
    assert!(std::fs::read_to_string(&own).unwrap().starts_with("about"));

    let data = write_digits(&folder.path().join("data"), 100, |digit| digit);
    let export = ["export", "none.safetensors", "--data", &data, "--out"];
    let images = format!("{data}/train-images-idx3-ubyte");
    ends(&[&export[..], &[&images]].concat(), 2, "--out would replace the data");
    let (model, labels) = (path(&folder, "model.onnx"), format!("{data}/t10k-labels-idx1-ubyte"));
    ends(&[&export[..], &[&model, "--record", &labels]].concat(), 2, "--record would replace the data");
}

#[test]
fn a_page_that_is_no_text_is_no_card_either() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.md");
    std::fs::write(&notes, b"caf\xE9").unwrap();
    ends(&["export", "none.safetensors", "--out", &path(&folder, "notes.onnx")], 2, "notes.md is no model card");
    assert_eq!(std::fs::read(&notes).unwrap(), b"caf\xE9");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = |name: &str| {
        let path = path(&folder, name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    };
    let (checkpoint, experiment, model) = (pipe("c.safetensors"), pipe("e.toml"), path(&folder, "model.onnx"));
    ends(&["export", &checkpoint, "--out", &model], 3, "it is a pipe, not a file");
    ends(&["export", "--check", &checkpoint], 3, "it is a pipe, not a file");
    ends(&["train", &experiment], 3, "it is a pipe, not a file");
    pipe("card.md");
    ends(&["export", "none.safetensors", "--out", &path(&folder, "card.onnx")], 2, "card.md is no model card");
    let [run, work, samples] = ["run", "work", "samples"].map(|name| path(&folder, name));
    [&run, &work, &samples].into_iter().for_each(|made| std::fs::create_dir(made).unwrap());
    pipe("work/fold-1-of-5.json");
    let calibration = ["calibrate", "leq-1000", "--work", &work, "--out", &path(&folder, "out.json")];
    ends(&calibration, 3, "fold-1-of-5.json: it is a pipe, not a file");
    pipe("samples/test-07953-digit-0.png");
    ends(&["samples", "--count", "3", "--out", &samples], 3, "digit-0.png: it is a pipe, not a file");
    pipe("run/checkpoint.safetensors");
    let training = ["train", "report-a-mlp", "--epochs", "1", "--out", &run];
    ends(&training, 2, "checkpoint.safetensors is a pipe or a device");
    ends(&[&training[..], &["--overwrite"]].concat(), 2, "checkpoint.safetensors is a pipe or a device");
}

#[test]
fn folds_that_cannot_be_trained_or_written_are_refused_before_any_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "file");
    std::fs::write(&file, "").unwrap();
    let work = path(&folder, "file/work");
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--folds", "2000", "--first", "1"], 2, "--folds 2000 is more than the 1000 training pairs"),
        (&["--folds", "5", "--first", "6"], 2, "--first 6 is more than the 5 folds"),
        (&["--folds", "2", "--set", "recipe.validation_pairs=900"], 2, "a training has 500 of the 1000 pairs"),
        (&["--folds", "4294967295"], 2, "4294967295 is not in 2..=10000"),
        (&["--work", &work], 3, "cannot write"),
    ];
    let out = path(&folder, "out.json");
    for (arguments, code, words) in cases {
        ends(&[&["calibrate", "leq-1000", "--out", &out], arguments].concat(), code, words);
    }
}

#[test]
fn numbers_that_no_training_can_have_are_wrong_usage() {
    let cases: [(&[&str], &str); 9] = [
        (&["study", "run", "headline", "--jobs", "18446744073709551615"], "is not in 1..=1024"),
        (&["study", "run", "headline", "--rounds", "10000000000"], "is not in 1..=100000"),
        (&["train", "report-a-mlp", "--set", "network.widths=[100000000000,64,32,256]"], "features is 100000000000"),
        (&["train", "report-a-mlp", "--set", "recipe.loss.leq=-1"], "loss.leq is -1, but it must be"),
        (&["train", "report-a-mlp", "--protocol", "redrawn", "--seed", "4294967296"], "seed 4294967296 does not fit"),
        (&["export", "none.safetensors", "--out", "m.onnx", "--temperature", "nan"], "it must be a number above 0"),
        (&["export", "none.safetensors", "--out", "m.onnx", "--temperature", "0"], "it must be a number above 0"),
        (&["export", "none.safetensors", "--out", "m.onnx", "--no-digit-shift", "inf"], "it must be a finite number"),
        (
            &["study", "run", "a1-search", "--protocol", "redrawn"],
            "under the protocol redrawn: there is nothing to run",
        ),
    ];
    for (arguments, words) in cases {
        ends(arguments, 2, words);
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_device_that_this_trainer_cannot_use_is_wrong_usage_before_data_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["train", "report-a-mlp", "--device", "cuda", "--data", &path(&folder, "nowhere")];
    ends(&arguments, 2, "built without CUDA");
}

#[test]
fn an_option_that_does_not_fit_the_network_is_wrong_usage_before_data_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "run");
    assert!(run(&["train", "report-a-mlp", "--epochs", "1", "--out", &out]).status.success());
    let (checkpoint, model) = (format!("{out}/checkpoint.safetensors"), path(&folder, "model.onnx"));
    let export = ["export", &checkpoint, "--out", &model, "--data", &path(&folder, "nowhere")];
    ends(&[&export[..], &["--temperature", "2"]].concat(), 2, "omit --temperature");
    ends(&[&export[..], &["--no-digit-shift", "2"]].concat(), 2, "omit --no-digit-shift");
    ends(&["calibrate", "report-a-mlp"], 2, "does not compare digit posteriors");
}

/// The digits of `data` with their labels mirrored.
fn with_other_labels(folder: &TempDir) -> String {
    write_digits(&folder.path().join("others"), 100, |digit| 9 - digit)
}

#[test]
fn a_training_is_not_continued_exported_or_calibrated_on_the_same_images_with_other_labels() {
    let folder = tempfile::tempdir().unwrap();
    let data = write_digits(&folder.path().join("data"), 100, |digit| digit);
    let others = with_other_labels(&folder);
    let out = path(&folder, "run");
    let what = ["leq-1000", "--set", "data.pairs=20", "--epochs", "1"];
    let training = run(&[&["train"], &what[..], &["--data", &data, "--out", &out]].concat());
    assert!(training.status.success(), "{}", stderr(&training));
    let resume = [&["train"], &what[..], &["--data", &others, "--out", &out, "--resume"]].concat();
    ends(&resume, 2, "it was trained on other images; see --data");
    let (checkpoint, model) = (format!("{out}/checkpoint.safetensors"), path(&folder, "model.onnx"));
    let refusal = "was trained on other data; give their folder with --data";
    ends(&["export", &checkpoint, "--out", &model, "--data", &others], 2, refusal);
    let calibrated = path(&folder, "calibrated.json");
    let calibrate =
        [&["calibrate"], &what[..], &["--checkpoint", &checkpoint, "--out", &calibrated, "--data"]].concat();
    ends(&[&calibrate[..], &[&others]].concat(), 2, refusal);
    assert!(run(&[&calibrate[..], &[&data]].concat()).status.success());
    assert!(std::fs::read_to_string(&calibrated).unwrap().contains(&format!("--data {data}")));
    assert!(run(&["export", &checkpoint, "--out", &model, "--data", &data]).status.success());
    ends(&["export", "--check", &model, "--data", &others], 2, refusal);
}

#[test]
fn folds_of_other_data_are_trained_again_and_a_result_that_cannot_be_written_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let data = write_digits(&folder.path().join("data"), 100, |digit| digit);
    let others = with_other_labels(&folder);
    let work = path(&folder, "work");
    let calibrate = |data: &str, out: &str| {
        let what =
            ["calibrate", "leq-1000", "--set", "data.pairs=20", "--epochs", "1", "--folds", "2", "--work", &work];
        run(&[&what[..], &["--data", data, "--out", out]].concat())
    };
    let fold = PathBuf::from(&work).join("fold-1-of-2.json");
    let out = path(&folder, "out.json");
    assert!(calibrate(&data, &out).status.success());
    let first = std::fs::read(&fold).unwrap();
    assert!(calibrate(&data, &out).status.success());
    assert!(std::fs::read(&fold).unwrap() == first, "a fold of the same data is kept");
    assert!(calibrate(&others, &out).status.success());
    assert!(std::fs::read(&fold).unwrap() != first, "a fold of other data is trained again");

    if cfg!(target_os = "linux") {
        let full = calibrate(&others, "/dev/full");
        assert_eq!(full.status.code(), Some(3));
        let printed = String::from_utf8_lossy(&full.stdout).into_owned();
        assert!(printed.starts_with("temperature "), "{printed}{}", stderr(&full));
    }
}

#[test]
fn what_a_file_is_called_does_not_drive_the_terminal() {
    let output = run(&["export", "\u{1b}]0;x\u{7}.safetensors", "--out", "m.onnx"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains(r"\u{1b}]0;x\u{7}.safetensors"), "{}", stderr(&output));
    assert!(!output.stderr.contains(&0x1b));
    ends(&["train", "report-a-mlp", "--epochs", "\u{202e}3"], 2, r"invalid value '\u{202e}3' for '--epochs <N>'");
}
