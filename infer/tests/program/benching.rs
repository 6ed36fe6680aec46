//! `infer bench` with a fake clock: every figure is known.

use serde_json::Value;

use crate::support::{Folder, Ran, infer, run};

/// Inference alone at batch 4: load, first run, then counted runs take their times from the list, again and again.
fn bench(arguments: &[&str]) -> Ran {
    let folder = Folder::new();
    folder.write_test_split(10);
    let fixed = ["bench", "--only-infer", "--batch", "4", "--warm-up", "1", "--runs", "4", "--seconds", "0"];
    run(infer().args(fixed).arg("--data").arg(folder.path("")).args(arguments))
}

#[test]
fn every_form_shows_the_same_known_figures() {
    let times = "--fake-times=70,9,1,2,3,4";
    let table = bench(&[times]);
    assert_eq!(table.code, 0, "{table:?}");
    let row = "1      4      70.0     9.0000      2.5000    2.5000     1.2910  3.7000  3.8500  3.9700  1.0000  4.0000     4     1600";
    assert!(table.stdout.contains(row), "{table:?}");
    assert!(table.stdout.starts_with("stage  engine"), "{table:?}");
    let csv = bench(&[times, "--form", "csv"]).stdout;
    assert!(
        csv.ends_with(",1,4,70.0,9.0000,2.5000,2.5000,1.2910,3.7000,3.8500,3.9700,1.0000,4.0000,4,1600\n"),
        "{csv}"
    );
    let markdown = bench(&[times, "--form", "markdown"]).stdout;
    assert!(markdown.contains("| 1 | 4 | 70.0 | 9.0000 | 2.5000 |"), "{markdown}");
    let json: Value = serde_json::from_str(&bench(&[times, "--form", "json"]).stdout).unwrap();
    assert_eq!(json["cases"][0]["samples_ms"], serde_json::json!([1.0, 2.0, 3.0, 4.0]));
    assert_eq!(json["cases"][0]["summary"]["median_interval"], serde_json::json!([1.0, 4.0]));
}

#[test]
fn a_sweep_has_a_case_for_every_engine_thread_count_and_batch() {
    let arguments = ["--batch", "1,8", "--threads", "1-2", "--engines", "ort,rten", "--runs", "1", "--seconds", "0"];
    let ran = run(infer()
        .args(["bench", "--only-infer", "--form", "csv", "--warm-up", "0", "--fake-times", "1"])
        .args(arguments));
    assert_eq!(ran.stdout.lines().count(), 1 + 8, "{ran:?}");
}

#[test]
fn decoding_and_preparing_are_cases_of_their_own() {
    let ran = run(infer().args([
        "bench",
        "--form",
        "csv",
        "--batch",
        "1",
        "--runs",
        "1",
        "--seconds",
        "0",
        "--fake-times",
        "2",
    ]));
    let stages: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(stages, ["stage", "decode", "prepare", "infer"], "{ran:?}");
}

#[test]
fn slower_than_the_baseline_is_exit_code_1_and_noise_is_not() {
    let folder = Folder::new();
    let old = folder.path("old.json");
    let old = old.to_str().unwrap();
    assert_eq!(bench(&["--fake-times", "1", "-o", old]).code, 0);
    let against = |times: &str| bench(&["--fake-times", times, "--baseline", old, "--fail-above", "10%"]);
    let slower = against("1.2");
    assert_eq!(slower.code, 1, "{slower:?}");
    assert!(
        slower.stderr.contains("1.200 times the baseline's time (95 % 1.200 to 1.200), SLOWER than allowed"),
        "{slower:?}"
    );
    assert_eq!(against("1.05").code, 0);
    let noisy = against("1,1,1,1,1.4,1.4");
    assert_eq!(noisy.code, 0, "{noisy:?}");
}

#[test]
fn doubts_about_the_figures_are_told() {
    let ran = bench(&["--fake-times", "70,90,1,1,1,1"]);
    assert!(ran.stderr.contains("the first run took 90 times the median"), "{ran:?}");
    let threads = (files::cores() + 1).to_string();
    let ran = bench(&["--fake-times", "1", "--threads", &threads]);
    assert!(ran.stderr.contains(&format!("{threads} threads on")), "{ran:?}");
    if cfg!(debug_assertions) {
        assert!(ran.stderr.contains("debug build"), "{ran:?}");
    }
}

#[test]
fn a_baseline_that_is_none_and_wrong_lists_are_refused() {
    let folder = Folder::new();
    let text = folder.write("old.json", "{}");
    bench(&["--fake-times", "1", "--baseline", text.to_str().unwrap()])
        .fails(3, &["old.json", "is not a benchmark of infer"]);
    run(infer().args(["bench", "--batch", "0"])).fails(2, &["is not a list of numbers"]);
    run(infer().args(["bench", "--fail-above", "10%"])).fails(2, &["--baseline"]);
}
