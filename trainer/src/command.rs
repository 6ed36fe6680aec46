//! The commands, one a file.

mod calibrate;
mod export;
mod follow;
mod samples;
mod study;
mod train;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser};
use mnist::{Mnist, default_folder};

/// Trains networks that say whether one handwritten digit is less than or equal to another.
///
/// Exit codes: 0 done, 1 checked and found stale or not the same, 2 usage, 3 cannot work (what and why is on stderr), 130 stopped by Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "trainer", version, max_term_width = 100)]
pub enum Command {
    /// Train one network and write its checkpoint
    Train(train::Train),
    /// Run the studies of both reports: many trainings, journalled
    #[command(subcommand)]
    Study(study::StudyCommand),
    /// Fit a network's temperature on pairs held out of its own training pairs
    Calibrate(calibrate::Calibrate),
    /// Export a checkpoint to a self-contained ONNX file with its card
    Export(export::Export),
    /// Write digits of MNIST's test split as PNG files
    Samples(samples::Samples),
    /// List the named experiments
    Experiments,
}

impl Command {
    /// Does what was asked.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Train(command) => command.run(),
            Self::Study(command) => command.run(),
            Self::Calibrate(command) => command.run(),
            Self::Export(command) => command.run(),
            Self::Samples(command) => command.run(),
            Self::Experiments => {
                let mut stdout = std::io::stdout().lock();
                for experiment in ::study::experiment::all() {
                    writeln!(stdout, "{:20} {}", experiment.config.name, experiment.about)?;
                }
                Ok(())
            }
        }
    }
}

/// The user stopped the work; what was done is kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Stopped(String);

/// What was typed names something that there is not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(String);

impl From<::study::declaration::Unknown> for Usage {
    fn from(unknown: ::study::declaration::Unknown) -> Self {
        Self(unknown.to_string())
    }
}

/// Generated files that are not what the journals say, by their paths.
#[derive(Debug, thiserror::Error)]
#[error("stale, `trainer study report` writes them anew:\n{}", .0.join("\n"))]
pub struct Stale(Vec<String>);

/// A model file that was not rebuilt byte by byte.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotTheSame(String);

/// Where MNIST is.
#[derive(Debug, Args)]
struct Data {
    /// Folder of MNIST's four IDX files, or of files like them, gzip or not [default: data/mnist of the repository]
    #[arg(long = "data", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Data {
    fn load(&self) -> Result<Mnist> {
        Ok(Mnist::load(&self.folder.clone().unwrap_or_else(default_folder))?)
    }
}

/// Which pairs a round uses.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ProtocolArg {
    /// One training and one test set for all rounds, as the reports did
    Fixed,
    /// Both sets drawn anew with the round's seed, as the course asked
    Redrawn,
}

impl From<ProtocolArg> for ::study::declaration::ProtocolName {
    fn from(protocol: ProtocolArg) -> Self {
        match protocol {
            ProtocolArg::Fixed => Self::Fixed,
            ProtocolArg::Redrawn => Self::Redrawn,
        }
    }
}

/// Which experiment, and what of it is changed.
#[derive(Debug, Args)]
struct ExperimentArgs {
    /// Name of the experiment; `trainer experiments` says what each is
    #[arg(value_parser = experiment_names())]
    experiment: String,
    /// Where the pairs come from [default: the experiment's own]
    #[arg(long, value_name = "NAME")]
    protocol: Option<ProtocolArg>,
    /// Train for another number of epochs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
}

fn experiment_names() -> PossibleValuesParser {
    let experiments = ::study::experiment::all();
    PossibleValuesParser::new(experiments.into_iter().map(|experiment| experiment.config.name))
}

impl ExperimentArgs {
    fn config(&self) -> Result<nets::training::TrainingConfig> {
        use mnist::Protocol;
        let mut config = ::study::experiment::named(&self.experiment)?;
        match (self.protocol, config.protocol) {
            (Some(ProtocolArg::Redrawn), _) => config.protocol = Protocol::Redrawn,
            (Some(ProtocolArg::Fixed), Protocol::Redrawn) => config.protocol = Protocol::Fixed { data_seed: 0 },
            _ => {}
        }
        if let Some(epochs) = self.epochs {
            config.recipe.epochs = epochs;
        }
        Ok(config)
    }
}
