//! The step `judging`: an independent program finds the same verdicts in the journals.

use anyhow::Result;
use setup::run::{program, run};
use setup::{Project, Tally};

/// Recomputes every verdict of `results/` in Python, and tests that the program that does so finds wrong ones.
pub fn check(project: &Project) -> Result<Tally> {
    for script in ["bench/check_judging.py", "bench/test_judging.py"] {
        run(project, program(project, setup::checker_python(project)).arg(script))?;
    }
    Ok(Tally::PASSED)
}
