//! `trainer experiments`: what can be trained, and which keys its files have.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use study::experiment::{Experiments, keys};

use super::find;
use crate::say;

/// Arguments of `trainer experiments`.
#[derive(Debug, Args)]
pub struct ExperimentsCommand {
    /// Print this experiment (name or file) as a self-contained file [default: list all]
    #[arg(value_name = "NAME|FILE")]
    experiment: Option<String>,
    /// Print its network layer by layer
    #[arg(long, requires = "experiment")]
    layers: bool,
    /// List all keys of experiments and studies, with units, defaults and meaning
    #[arg(long, conflicts_with_all = ["experiment", "layers"])]
    keys: bool,
}

impl ExperimentsCommand {
    /// Prints what was asked for.
    pub fn run(self) -> Result<()> {
        let mut stdout = say::stdout();
        if self.keys {
            let sections = [keys::sections(), study::declaration::sections()].concat();
            return Ok(stdout.write_all(keys::page(&sections).as_bytes())?);
        }
        if let Some(name) = &self.experiment {
            return Ok(stdout.write_all(find(name)?.text(self.layers)?.as_bytes())?);
        }
        for experiment in Experiments::nearest().all()? {
            writeln!(stdout, "{:20} {}", experiment.name, experiment.file.about)?;
        }
        Ok(())
    }
}
