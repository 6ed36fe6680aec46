//! `cargo xtask bench reproduction`: the reports' recipes in plain PyTorch, each round a line of a journal.

use anyhow::Result;
use setup::{Need, Project, run};

use crate::Outcome;

const SCRIPT: &str = "bench/reproduction.py";

/// Sets up PyTorch and trains the rounds that the journal lacks.
pub fn command(project: &Project) -> Result<Outcome> {
    setup::ensure(project, &[Need::PyTorch])?;
    run::run(project, run::program(project, setup::torch_python(project)).arg(SCRIPT))?;
    Ok(Outcome::Done)
}
