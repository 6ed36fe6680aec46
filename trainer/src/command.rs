//! The commands, one file each.

mod calibrate;
mod experiments;
mod export;
mod follow;
mod samples;
mod study;
mod train;

use std::path::{Path, PathBuf};

use ::study::experiment::{Experiment, Experiments, SettingError};
use anyhow::Result;
use clap::{Args, Parser};
use files::Places;
use mnist::{Mnist, Protocol, default_folder};

/// Trains networks that say whether one handwritten digit is less than or equal to another.
///
/// Exit codes: 0 done, 1 a check failed (see stderr), 2 wrong usage, 3 error (see stderr), 130 stopped by Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "trainer", version, max_term_width = 100)]
pub enum Command {
    /// Train one network and write its checkpoint
    Train(train::Train),
    /// Run studies: many trainings, recorded in journals
    #[command(subcommand)]
    Study(study::StudyCommand),
    /// Fit a network's temperature by cross-validation on its training pairs
    Calibrate(calibrate::Calibrate),
    /// Export a checkpoint to a self-contained ONNX file with its card
    Export(export::Export),
    /// Write digits of MNIST's test split as PNG files
    Samples(samples::Samples),
    /// List the experiments, print one as a file, or list all keys
    Experiments(experiments::ExperimentsCommand),
}

impl Command {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Train(command) => command.run(),
            Self::Study(command) => command.run(),
            Self::Calibrate(command) => command.run(),
            Self::Export(command) => command.run(),
            Self::Samples(command) => command.run(),
            Self::Experiments(command) => command.run(),
        }
    }
}

/// The user stopped the work. Finished parts are kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Stopped(String);

/// Trainings at once, at most.
const MOST_JOBS: u64 = 1024;

/// Arguments that cannot be followed: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(String);

impl From<::study::declaration::Unknown> for Usage {
    fn from(unknown: ::study::declaration::Unknown) -> Self {
        Self(unknown.to_string())
    }
}

/// Refuses outputs that are inputs, as wrong usage, and outputs that cannot be written.
fn check(places: &Places) -> Result<()> {
    match places.check() {
        Err(unwritable @ files::PlaceError::Unwritable(_)) => Err(unwritable.into()),
        Err(other) => Err(Usage(other.to_string()).into()),
        Ok(()) => Ok(()),
    }
}

/// Paths of generated files that differ from the journals.
#[derive(Debug, thiserror::Error)]
#[error("stale; run `trainer study report` to update:\n{}", .0.join("\n"))]
pub struct Stale(Vec<String>);

/// A model file that was not rebuilt to identical bytes.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotTheSame(String);

/// The MNIST folder.
#[derive(Debug, Args)]
struct Data {
    /// Folder of MNIST's four IDX files, or files in the same format, gzip or not [default: data/mnist of the repository]
    #[arg(long = "data", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Data {
    fn load(&self) -> Result<Mnist> {
        Ok(Mnist::load(&self.path())?)
    }

    fn path(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(default_folder)
    }

    /// Adds the files that are read.
    fn add_to(&self, places: &mut Places) {
        mnist::files_in(&self.path()).iter().for_each(|file| places.reads("the data", file));
    }

    /// The option as a recorded command has it: with a space before it, and only where the data are not MNIST's.
    fn option(&self, mnist: &Mnist) -> String {
        let folder = self.folder.as_ref().filter(|_| !mnist.is_mnist());
        folder.map_or(String::new(), |folder| format!(" --data {}", terminal::quoted(folder)))
    }
}

/// Refuses data that are not those that `file` says it was trained on.
fn check_data(file: &Path, trained_on: &str, mnist: &Mnist) -> Result<()> {
    if mnist.data_sha256() == trained_on {
        return Ok(());
    }
    Err(Usage(format!("{} was trained on other data; give their folder with --data", file.display())).into())
}

/// The pair protocol.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ProtocolArg {
    /// One training and one test set for all rounds, as the reports did
    Fixed,
    /// Both sets drawn again with the round's seed, as the course asked
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

/// The experiment and its changes.
#[derive(Debug, Args)]
struct ExperimentArgs {
    /// Name of the experiment, as `trainer experiments` lists it, or its file, ending in .toml
    #[arg(value_name = "NAME|FILE")]
    experiment: String,
    /// Change one setting, such as recipe.epochs=60; may be repeated. `trainer experiments --keys` lists all keys
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,
    /// Where the pairs come from [default: the experiment's own]
    #[arg(long, value_name = "NAME")]
    protocol: Option<ProtocolArg>,
    /// Train for another number of epochs, as --set recipe.epochs=N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Master seed, as --set seed=N: weights, order, dropout, and the pairs where the protocol redraws them [default: the
    /// experiment's own, mostly 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is KEY=VALUE, such as recipe.epochs=60")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl ExperimentArgs {
    /// The experiment with what is changed.
    fn experiment(&self) -> Result<Experiment> {
        let mut experiment = find(&self.experiment)?;
        for (key, value) in &self.settings {
            let refused = |refusal: SettingError| Usage(format!("--set {key}={value}: {refusal}"));
            experiment = experiment.with(key, value).map_err(refused)?;
        }
        let file = &mut experiment.file;
        match (self.protocol, file.data.protocol) {
            (Some(ProtocolArg::Redrawn), _) => file.data.protocol = Protocol::Redrawn,
            (Some(ProtocolArg::Fixed), Protocol::Redrawn) => file.data.protocol = Protocol::Fixed { data_seed: 0 },
            _ => {}
        }
        file.recipe.epochs = self.epochs.unwrap_or(file.recipe.epochs);
        file.seed = self.seed.unwrap_or(file.seed);
        Ok(experiment)
    }

    /// What is trained; settings that do not fit are refused before data are read.
    fn config(&self) -> Result<nets::training::TrainingConfig> {
        let config = self.experiment()?.config();
        let has_pairs = config.protocol.data_seed(config.seed).map(|_| ());
        let checked = config.check().and_then(|()| Ok(has_pairs?));
        let is_as_declared = self.settings.is_empty() && self.seed.is_none() && self.epochs.is_none();
        match checked {
            Ok(()) => Ok(config),
            Err(refusal) if is_as_declared => Err(refusal.context(config.name)),
            Err(refusal) => Err(Usage(format!("{self}: {refusal:#}")).into()),
        }
    }

    /// Adds the files that the experiment is read from.
    fn add_to(&self, places: &mut Places) -> Result<()> {
        let (_, files) = Experiments::nearest().find_with_files(&self.experiment).map_err(misspelt)?;
        files.iter().for_each(|file| places.reads("the experiment's file", file));
        Ok(())
    }
}

/// As it was typed, but for the seed.
impl std::fmt::Display for ExperimentArgs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(&self.experiment)?;
        for (key, value) in &self.settings {
            write!(formatter, " --set '{key}={value}'")?;
        }
        if let Some(protocol) = self.protocol {
            write!(formatter, " --protocol {}", ::study::declaration::ProtocolName::from(protocol))?;
        }
        self.epochs.map_or(Ok(()), |epochs| write!(formatter, " --epochs {epochs}"))
    }
}

/// The experiment with this name or in this file; a name that there is not is wrong use.
fn find(name: &str) -> Result<Experiment> {
    Experiments::nearest().find(name).map_err(misspelt)
}

/// The error as wrong use where a name stands for nothing.
fn misspelt(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<::study::declaration::Unknown>() {
        Ok(unknown) => Usage::from(unknown).into(),
        Err(error) => error,
    }
}
