//! `trainer study list`.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use files::cores;
use report::duration;
use study::declaration::Study;

use super::Declared;
use crate::say;

/// Arguments of `trainer study list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    declared: Declared,
}

impl List {
    /// Prints one line a study, and their sum.
    pub fn run(self) -> Result<()> {
        let studies = self.declared.read()?;
        let mut stdout = say::stdout();
        writeln!(stdout, "{:20} {:>5} {:>6} {:>11}  title", "study", "cells", "trials", "roughly")?;
        for study in &studies {
            let (cells, title) = (study.cells.len(), &study.title);
            let line = (study.trial_count(), study.estimated_seconds() / cores() as f64);
            writeln!(stdout, "{:20} {cells:5} {:6} {:>11}  {title}", study.name, line.0, duration(line.1))?;
        }
        let cells: usize = studies.iter().map(|study| study.cells.len()).sum();
        let trials: u64 = studies.iter().map(Study::trial_count).sum();
        let seconds: f64 = studies.iter().map(Study::estimated_seconds).sum::<f64>() / cores() as f64;
        writeln!(stdout, "{:20} {cells:5} {trials:6} {:>11}  on {} cores", "all", duration(seconds), cores())?;
        Ok(())
    }
}
