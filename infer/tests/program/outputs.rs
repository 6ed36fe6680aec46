//! Outputs that are inputs, that cannot be written, or that are something else than a file.

use std::path::{Path, PathBuf};
use std::process::Stdio;

#[cfg(target_os = "linux")]
use crate::support::runtime;
use crate::support::{Folder, infer, run};

/// Contents of a folder's files.
fn contents(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap_or_default())).collect()
}

/// Runs `arguments` in a folder and expects a refusal that names `parts` and touches no file.
fn refused(folder: &Folder, arguments: &[&str], code: i32, parts: &[&str]) {
    let before = contents(folder);
    let ran = run(infer().args(arguments).current_dir(folder.path("")));
    ran.fails(code, parts);
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(contents(folder) == before, "{arguments:?} changed files");
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("pairs.csv", "left,right,comment\ntwo.png,seven.png,keep me\n");
    folder.write("model.onnx", crate::onnx::sound().bytes());
    std::fs::hard_link(folder.path("pairs.csv"), folder.path("twin.csv")).unwrap();
    folder
}

#[test]
fn no_command_replaces_what_it_reads() {
    let folder = folder();
    let cases: [(&[&str], &str); 11] = [
        (&["prepare", "two.png", "-o", "two.png"], "--output would replace the picture itself, two.png"),
        (&["batch", "pairs.csv", "-o", "pairs.csv"], "--output would replace the list of pairs"),
        (&["batch", "pairs.csv", "-o", "twin.csv"], "--output would replace the list of pairs"),
        (&["batch", "pairs.csv", "--summary", "./pairs.csv"], "--summary would replace the list of pairs"),
        (&["batch", "pairs.csv", "-o", "model.onnx", "--model", "model.onnx"], "--output would replace the model"),
        (&["batch", "pairs.csv", "-o", "x", "--summary", "x"], "--output and --summary are the same file"),
        (&["bench", "--model", "model.onnx", "-o", "model.onnx"], "--output would replace the model"),
        (&["bench", "--baseline", "pairs.csv", "-o", "pairs.csv"], "--output would replace the baseline"),
        (&["bench", "--data", ".", "-o", "t10k-images-idx3-ubyte"], "--output would replace the data"),
        (&["bench", "--onnxruntime", "twin.csv", "-o", "pairs.csv"], "--output would replace ONNX Runtime's library"),
        (
            &["batch", "two.png", "--onnxruntime", "twin.csv", "--summary", "pairs.csv"],
            "--summary would replace ONNX Runtime's library",
        ),
    ];
    for (arguments, part) in cases {
        refused(&folder, arguments, 2, &[part]);
    }
    for name in [".pairs.csv.partial", ".pairs.csv.partial.json"] {
        folder.write(name, "two.png,seven.png\n");
        refused(&folder, &["batch", name, "--from", "csv", "-o", "pairs.csv"], 2, &["would replace the list"]);
    }
    folder.write("raw.json", "[]");
    let arguments = ["robustness", "--before", "raw.json", "--out", "."];
    refused(&folder, &arguments, 2, &["--out would replace the earlier run"]);
}

/// Runs `arguments` in a folder, with stdin from one file and stdout appended to another, and expects a refusal.
fn refused_with(folder: &Folder, arguments: &[&str], [from, to]: [&str; 2], part: &str) {
    let before = contents(folder);
    let stdin = std::fs::File::open(folder.path(from)).unwrap();
    let mut command = infer();
    command.args(arguments).current_dir(folder.path("")).stdin(stdin).stderr(Stdio::piped());
    if !to.is_empty() {
        command.stdout(std::fs::File::options().append(true).open(folder.path(to)).unwrap());
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains(part), "{arguments:?}: {said}");
    assert!(contents(folder) == before, "{arguments:?} changed files");
}

#[cfg(unix)]
#[test]
fn what_stdin_and_stdout_are_redirected_to_is_not_replaced_either() {
    let folder = folder();
    let picture = "--output would replace the picture itself, two.png";
    refused_with(&folder, &["prepare", "-", "-o", "two.png"], ["two.png", ""], picture);
    refused_with(&folder, &["batch", "-", "-o", "twin.csv"], ["pairs.csv", ""], "would replace the list of pairs");
    refused_with(&folder, &["batch", "-", "--summary", "pairs.csv"], ["pairs.csv", ""], "--summary would replace");
    let list = "stdout would replace the list of pairs, pairs.csv";
    refused_with(&folder, &["batch", "pairs.csv"], ["two.png", "pairs.csv"], list);
    refused_with(
        &folder,
        &["prepare", "two.png", "-o", "-"],
        ["pairs.csv", "two.png"],
        "stdout would replace the picture",
    );
    let same = "stdout and --summary are the same file, pairs.csv";
    refused_with(&folder, &["batch", "two.png", "--summary", "pairs.csv"], ["two.png", "twin.csv"], same);
    if cfg!(target_os = "linux") {
        refused_with(&folder, &["prepare", "/dev/stdin", "-o", "two.png"], ["two.png", ""], picture);
        let stdout = ["batch", "pairs.csv", "-o", "/dev/stdout"];
        refused_with(&folder, &stdout, ["two.png", "twin.csv"], "--output would replace the list of pairs");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_measured_is_shown_even_where_it_cannot_be_written() {
    let folder = folder();
    let bench = ["bench", "--only-infer", "--batch", "1", "--runs", "1", "--seconds", "0", "--fake-times", "1"];
    let ran = run(infer().args(bench).args(["--warm-up", "0", "-o", "/dev/full"]));
    assert!(ran.code == 3 && ran.stdout.starts_with("stage  engine"), "{ran:?}");
    assert!(ran.stderr.contains("/dev/full: cannot be written"), "{ran:?}");
    // No file may have a byte, as on a disk that is full.
    let mut full = std::process::Command::new("sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_infer")]);
    let few = ["robustness", "--pairs", "20", "--scenes", "0", "--only", "clean", "--out", "out"];
    let ran = run(full.args(few).env("ORT_DYLIB_PATH", runtime()).current_dir(folder.path("")));
    assert!(ran.code == 3 && ran.stdout.contains("| clean |"), "{ran:?}");
    assert!(ran.stderr.contains("out: cannot be written"), "{ran:?}");
}

#[test]
fn pages_of_others_are_not_replaced() {
    let folder = folder();
    folder.write("README.md", "# My project\n");
    let part = "holds a README.md that `infer robustness` did not write and would replace";
    refused(&folder, &["robustness", "--only", "clean", "--scenes", "0", "--pairs", "1", "--out", "."], 2, &[part]);
}

#[test]
fn a_picture_of_a_row_is_not_replaced() {
    let folder = Folder::new();
    let pairs = folder.write("pairs.csv", "two.png,seven.png\n");
    let picture = std::fs::read(folder.path("seven.png")).unwrap();
    let ran = run(infer().arg("batch").arg(&pairs).arg("-o").arg(folder.path("seven.png")));
    ran.fails(3, &["row 1: seven.png is written by this run"]);
    assert!(std::fs::read(folder.path("seven.png")).unwrap() == picture);
}

#[test]
fn what_cannot_be_written_is_found_before_the_first_row() {
    let folder = folder();
    std::fs::create_dir(folder.path("folder")).unwrap();
    for arguments in [
        ["batch", "pairs.csv", "-o", "folder"],
        ["batch", "pairs.csv", "-o", "absent/out.csv"],
        ["batch", "pairs.csv", "--summary", "absent/s.json"],
        ["prepare", "two.png", "-o", "absent/two.png"],
        ["bench", "--only-infer", "-o", "absent/bench.json"],
    ] {
        refused(&folder, &arguments, 3, &["cannot write", arguments[3]]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_descriptor_is_written_through_and_a_link_followed() {
    let folder = folder();
    let out = folder.write("stdout.csv", "before\n");
    let link = folder.path("link.csv");
    std::os::unix::fs::symlink("/proc/self/fd/1", &link).unwrap();
    let stdout = std::fs::File::options().append(true).open(&out).unwrap();
    let mut command = infer();
    let status =
        command.arg("batch").arg(folder.path("pairs.csv")).arg("-o").arg(&link).stdout(stdout).stderr(Stdio::null());
    assert!(status.status().unwrap().success());
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(written.starts_with("before\nrow,left,") && written.lines().count() == 3, "{written}");
    assert!(link.is_symlink());

    folder.write("real.csv", "");
    std::os::unix::fs::symlink("real.csv", folder.path("named.csv")).unwrap();
    let ran = run(infer().arg("batch").arg(folder.path("pairs.csv")).arg("-o").arg(folder.path("named.csv")));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(folder.path("named.csv").is_symlink());
    assert_eq!(std::fs::read_to_string(folder.path("real.csv")).unwrap().lines().count(), 2);
}

#[test]
fn a_dash_is_stdin_and_stdout() {
    let folder = folder();
    let two = || std::fs::File::open(folder.path("two.png")).unwrap();
    let ran = run(infer().args(["compare", "-", "seven.png"]).current_dir(folder.path("")).stdin(two()));
    assert!(ran.succeeds().starts_with("2 <= 7"));
    let ran = infer().args(["prepare", "-", "-o", "-"]).current_dir(folder.path("")).stdin(two()).output().unwrap();
    assert!(ran.status.success() && ran.stdout.starts_with(b"\x89PNG"), "{ran:?}");
    let mut command = infer();
    command.args(["batch", "pairs.csv", "-o", "-"]).current_dir(folder.path(""));
    assert!(run(&mut command).stdout.starts_with("row,left"));
    run(infer().args(["compare", "-", "-"])).fails(2, &["stdin holds one picture only"]);
    assert!(!Path::new(&folder.path("-")).exists());
}

#[test]
fn two_runs_into_one_output_are_told_apart_at_once() {
    let folder = folder();
    let out = folder.path("out.csv");
    let mut command = infer();
    command.args(["batch", "-", "-o"]).arg(&out).stdin(Stdio::piped()).stderr(Stdio::null());
    let mut first = command.spawn().unwrap();
    let partial = folder.path(".out.csv.partial");
    while std::fs::metadata(&partial).map_or(0, |metadata| metadata.len()) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    for option in ["--resume", "--overwrite"] {
        let ran = run(infer().arg("batch").arg(folder.path("pairs.csv")).arg(option).arg("-o").arg(&out));
        ran.fails(3, &["out.csv: another process is writing this output"]);
    }
    drop(first.stdin.take());
    first.wait().unwrap();
}
