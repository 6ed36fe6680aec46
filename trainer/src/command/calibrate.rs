//! `trainer calibrate`: the temperature of a network and the shift of its "no digit", by cross-validation inside its own
//! training pairs or by training images outside them.

mod calibration;
mod fold;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use clap::Args;
use files::Places;
use mnist::Mnist;
use nets::training::{Checkpoint, Interrupt, Round, TrainingConfig};
use study::run::side_by_side;

use self::calibration::Calibration;
use self::fold::{Fold, Folds};
use super::follow::interrupt_on_ctrl_c;
use super::{Data, ExperimentArgs, MOST_JOBS, Usage, check, check_data};

/// Arguments of `trainer calibrate`.
#[derive(Debug, Args)]
pub struct Calibrate {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// Parts that the training pairs are split into; each is held out of one training
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    folds: u32,
    /// Train only the first folds, if their held-out digits suffice
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    first: Option<u32>,
    /// Calibrate this finished training on training images outside its own pairs, without training folds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folds", "first", "jobs", "work"])]
    checkpoint: Option<PathBuf>,
    /// Trainings at once
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_JOBS))]
    jobs: u64,
    /// Folder for the folds' outputs, to resume a stopped calibration [default: runs/calibration-EXPERIMENT-SEED]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// The file to write [default: results/calibration/EXPERIMENT.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

impl Calibrate {
    /// Trains, fits, prints and writes the temperature.
    pub fn run(self) -> Result<()> {
        let config = self.experiment.config()?;
        if !config.network.can_be_calibrated() {
            let what = "does not compare digit posteriors, so a temperature would not calibrate its comparison";
            return Err(Usage(format!("{} {what}", config.name)).into());
        }
        let mut places = Places::default();
        self.experiment.add_to(&mut places)?;
        self.data.add_to(&mut places);
        let out =
            self.out.clone().unwrap_or_else(|| PathBuf::from(format!("results/calibration/{}.json", config.name)));
        places.writes_with_folders("--out", &out);
        match &self.checkpoint {
            Some(path) => {
                places.reads("the checkpoint", path);
                check(&places)?;
                self.outside_a_training(&config, path, &out)
            }
            None => self.by_folds(&config, places, &out),
        }
    }

    /// Calibrates by the images that a finished training has not seen.
    fn outside_a_training(&self, config: &TrainingConfig, path: &Path, out: &Path) -> Result<()> {
        let checkpoint = Checkpoint::read(path)?;
        if checkpoint.config() != config || !checkpoint.is_finished() {
            bail!("{} is no finished training of {} with seed {}", path.display(), config.name, config.seed);
        }
        let mnist = self.data.load()?;
        check_data(path, checkpoint.data_sha256(), &mnist)?;
        let outside = Round::draw(config, &mnist)?.outside;
        let outside = outside.context("the training took all images; calibrate it by folds, without --checkpoint")?;
        let held_out = Fold::answered(config, &mnist.data_sha256(), &checkpoint.comparator(&Device::Cpu)?, &outside)?;
        let command = self.command(config, &mnist, &format!("--checkpoint {}", path.display()));
        Calibration::of(config, &held_out.digits, &held_out.no_digit, [1, 1], command).print_and_write(out)
    }

    /// Calibrates by the digits that are held out of trainings with the other pairs.
    fn by_folds(&self, config: &TrainingConfig, mut places: Places, out: &Path) -> Result<()> {
        let trained = self.folds_to_train(config)?;
        let folds = Folds { of: self.folds, folder: self.work(config) };
        for fold in 0..trained {
            places.writes_derived(format!("fold {fold} in --work"), &folds.path(fold));
        }
        check(&places)?;
        let interrupt = interrupt_on_ctrl_c("stopping; finished folds are kept")?;
        let mnist = self.data.load()?;
        let answered = self.answered(config, &folds, trained, &mnist, &interrupt)?;
        let (mut digits, mut no_digit) = (Vec::new(), Vec::new());
        for fold in answered {
            digits.extend(fold.digits);
            no_digit.extend(fold.no_digit);
        }
        let first = self.first.map_or(String::new(), |first| format!(" --first {first}"));
        let command = self.command(config, &mnist, &format!("--folds {}{first}", self.folds));
        Calibration::of(config, &digits, &no_digit, [self.folds, trained], command).print_and_write(out)
    }

    /// The number of folds to train; refuses what no fold could be trained with, before any is.
    fn folds_to_train(&self, config: &TrainingConfig) -> Result<u32> {
        let (pairs, validation) = (config.pairs, config.recipe.validation_pairs);
        let left = pairs.saturating_sub(pairs.div_ceil(self.folds as usize));
        let refusal = match self.first {
            _ if self.folds as usize > pairs => {
                format!("--folds {} is more than the {pairs} training pairs", self.folds)
            }
            Some(first) if first > self.folds => format!("--first {first} is more than the {} folds", self.folds),
            _ if validation >= left => format!(
                "recipe.validation_pairs is {validation}, but with --folds {} a training has {left} of the {pairs} pairs; \
                 set it lower, or take more folds",
                self.folds
            ),
            first => return Ok(first.unwrap_or(self.folds)),
        };
        Err(Usage(refusal).into())
    }

    /// The folder for the folds.
    fn work(&self, config: &TrainingConfig) -> PathBuf {
        let usual = || PathBuf::from(format!("runs/calibration-{}-{}", config.name, config.seed));
        self.work.clone().unwrap_or_else(usual)
    }

    /// The answers of the first `trained` folds, in their order.
    fn answered(
        &self,
        config: &TrainingConfig,
        folds: &Folds,
        trained: u32,
        mnist: &Mnist,
        interrupt: &Interrupt,
    ) -> Result<Vec<Fold>> {
        let round = Round::draw(config, mnist)?;
        let waiting = Mutex::new((0..trained).collect::<VecDeque<_>>());
        let answered = Mutex::new(Vec::new());
        side_by_side(self.jobs.min(trained.into()) as usize, || {
            loop {
                let next = waiting.lock().expect("no thread panics with the lock").pop_front();
                let Some(fold) = next else { return Ok(()) };
                let answers = folds.answers(fold, config, &mnist.data_sha256(), &round.training, interrupt)?;
                answered.lock().expect("no thread panics with the lock").push((fold, answers));
            }
        })?;
        let mut answered = answered.into_inner().expect("no thread panics with the lock");
        answered.sort_by_key(|(fold, _)| *fold);
        Ok(answered.into_iter().map(|(_, fold)| fold).collect())
    }

    /// The command that repeats the calibration.
    fn command(&self, config: &TrainingConfig, mnist: &Mnist, how: &str) -> String {
        let data = self.data.option(mnist);
        format!("trainer calibrate {} --seed {} {how}{data}", self.experiment, config.seed)
    }
}
