//! The step `tests`: every Rust test of the workspace, counted.

use anyhow::{Result, bail};
use setup::run::{self, cargo, say, stream};
use setup::{Project, Tally};

/// As many examples in documentation run at least; were there fewer, some crate's would not have been found.
const LEAST_EXAMPLES: u64 = 40;

/// Runs `cargo test`, with ONNX Runtime's library named to the tests that need it.
pub fn check(project: &Project) -> Result<Tally> {
    // Those of other systems too: a test reads what Rust each of them wants.
    run::run(project, &mut cargo(project, &["fetch", "--quiet", "--locked"]))?;
    let mut command = cargo(project, &["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env("ORT_DYLIB_PATH", setup::onnxruntime_library(project)?);
    let mut tally = Tally::default();
    let mut examples = 0;
    let status = stream(project, &mut command, |line| {
        say(line);
        examples += u64::from(is_passed_example(line));
        if let Some(one_program) = test_result(line) {
            tally += one_program;
        }
    })?;
    let tally = judge(tally, status.success())?;
    say(&format!("{examples} examples in documentation passed, among all tests"));
    if tally.failed == 0 && examples < LEAST_EXAMPLES {
        bail!("only {examples} examples in documentation ran, where there are at least {LEAST_EXAMPLES}");
    }
    Ok(tally)
}

/// Whether a line is that of a documentation's example that ran, such as `test src/lib.rs - name (line 7) ... ok`.
fn is_passed_example(line: &str) -> bool {
    line.starts_with("test ") && line.contains(" (line ") && line.ends_with(") ... ok")
}

/// A run that failed although every counted test passed did not compile, or broke off.
fn judge(mut tally: Tally, succeeded: bool) -> Result<Tally> {
    if succeeded && tally.passed == 0 {
        bail!("cargo test ran no test");
    }
    if !succeeded && tally.failed == 0 {
        tally += Tally::FAILED;
    }
    Ok(tally)
}

/// The counts in a line such as `test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`.
fn test_result(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut tally = Tally::default();
    for part in counts.split("; ") {
        match part.split_once(' ') {
            Some((count, "passed")) => tally.passed = count.parse().ok()?,
            Some((count, "failed")) => tally.failed = count.parse().ok()?,
            Some((count, "ignored")) => tally.skipped = count.parse().ok()?,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_a_test_program_is_counted() {
        let line = "test result: ok. 44 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.10s";
        assert_eq!(test_result(line), Some(Tally { passed: 44, failed: 0, skipped: 1 }));
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.02s";
        assert_eq!(test_result(line), Some(Tally { passed: 3, failed: 2, skipped: 0 }));
    }

    #[test]
    fn an_example_is_counted_where_it_ran() {
        assert!(is_passed_example("test crates/digits/src/split.rs - split::split (line 33) ... ok"));
        for line in ["test a (line 3) - compile ... ok", "test a (line 3) ... ignored", "test a ... ok"] {
            assert!(!is_passed_example(line), "{line}");
        }
    }

    #[test]
    fn every_other_line_is_not() {
        for line in
            ["", "running 4 tests", "test result_is_counted ... ok", "test result: ok", "note: test result: ok. 1"]
        {
            assert_eq!(test_result(line), None, "{line}");
        }
    }

    #[test]
    fn a_run_that_does_not_compile_is_a_failure_and_one_without_tests_no_success() {
        let passed = Tally { passed: 7, ..Tally::default() };
        assert_eq!(judge(Tally::default(), false).unwrap(), Tally::FAILED);
        assert_eq!(judge(passed, false).unwrap(), Tally { passed: 7, failed: 1, skipped: 0 });
        assert_eq!(judge(passed, true).unwrap(), passed);
        assert_eq!(judge(Tally::default(), true).unwrap_err().to_string(), "cargo test ran no test");
    }
}
