//! `trainer study status`.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use study::run::Outcome;

use super::{Declared, Results};
use crate::say;

/// Arguments of `trainer study status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Names of studies, or `all`
    #[arg(default_value = "all", value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    results: Results,
}

impl Status {
    /// Prints one line a study: trials done of those declared, those that diverged, and those in the journal that are
    /// not declared.
    pub fn run(self) -> Result<()> {
        let mut out = say::stdout();
        writeln!(out, "{:20} {:>6} {:>6} {:>8} {:>6}", "study", "done", "of", "diverged", "others")?;
        for study in self.declared.select(&self.names)? {
            let trials = study::run::read(&self.results.out.join(&study.name))?;
            let declared = study.declared(&trials);
            let diverged = declared.iter().filter(|trial| trial.outcome != Outcome::Finished).count();
            let others = trials.len() - declared.len();
            let of = study.trial_count();
            writeln!(out, "{:20} {:6} {of:6} {diverged:8} {others:6}", study.name, declared.len())?;
        }
        Ok(())
    }
}
