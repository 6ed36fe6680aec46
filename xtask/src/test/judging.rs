//! The step `judging`: an independent program finds the same verdicts in the journals.

use anyhow::{Result, anyhow};
use setup::run::{program, run};
use setup::{Project, Tally};

/// Recomputes every verdict of `results/` in Python, and tests beside it that the program that does so finds wrong ones.
///
/// # Errors
/// The program that failed.
pub fn check(project: &Project) -> Result<Tally> {
    let run_one = |script| run(project, program(project, setup::checker_python(project)).arg(script));
    std::thread::scope(|scope| {
        let tests = scope.spawn(|| run_one("bench/test_judging.py"));
        let found = run_one("bench/check_judging.py");
        tests.join().map_err(|_panic| anyhow!("bench/test_judging.py could not be run"))?.and(found)
    })?;
    Ok(Tally::PASSED)
}
