//! `trainer study`: the studies of `experiments/`.

mod list;
mod progress;
mod report;
mod run;
mod show;
mod status;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use study::declaration::Study;

use super::Usage;

/// Selects every study.
const ALL: &str = "all";

/// Arguments of `trainer study`.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// List the studies with their number of trials and rough duration
    List(list::List),
    /// Show one study: its cells and published values
    Show(show::Show),
    /// Show the progress of each study
    Status(status::Status),
    /// Run the trials missing from a study's journal
    Run(Box<run::RunCommand>),
    /// Write pages, figures and summaries from the journals
    Report(report::ReportCommand),
}

impl StudyCommand {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self {
            Self::List(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Status(command) => command.run(),
            Self::Run(command) => command.run(),
            Self::Report(command) => command.run(),
        }
    }
}

/// Where studies are declared.
#[derive(Debug, Args)]
struct Declared {
    /// Folder of the studies' TOML files [default: experiments of the repository]
    #[arg(long, value_name = "DIR")]
    experiments: Option<PathBuf>,
}

impl Declared {
    fn read(&self) -> Result<Vec<Study>> {
        study::declaration::read_all(&self.experiments.clone().unwrap_or_else(study::declaration::default_folder))
    }

    /// The studies called `names`, in their own order; `all`, or no name, stands for every one.
    fn select(&self, names: &[String]) -> Result<Vec<Study>> {
        let studies = self.read()?;
        if names.is_empty() || names.iter().any(|name| name == ALL) {
            return Ok(studies);
        }
        for name in names {
            study::declaration::named(&studies, name).map_err(Usage::from)?;
        }
        Ok(studies.into_iter().filter(|study| names.contains(&study.name)).collect())
    }
}

/// Where results are.
#[derive(Debug, Args)]
struct Results {
    /// Folder of the results, one folder a study
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}
