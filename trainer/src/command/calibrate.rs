//! `trainer calibrate`: the temperature of a network and the shift of its "no digit", by cross-validation inside its own
//! training pairs or by training images outside them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use clap::Args;
use digits::contract::CLASSES;
use metrics::six_decimals;
use mnist::PairSet;
use nets::network::Comparator;
use nets::training::{
    Checkpoint, Interrupt, LabelledLogits, Round, Training, TrainingConfig, fitted_temperature,
    negative_log_likelihood, outputs,
};
use random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

use super::follow::{EpochProgress, interrupt_on_ctrl_c};
use super::{Data, ExperimentArgs, Stopped, check};
use crate::say::say;

/// Arguments of `trainer calibrate`.
#[derive(Debug, Args)]
pub struct Calibrate {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// Parts that the training pairs are split into; each is held out of one training
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    folds: u32,
    /// Train only the first folds, if their held-out digits suffice
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    first: Option<u32>,
    /// Calibrate this finished training on training images outside its own pairs, without training folds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folds", "first", "jobs", "work"])]
    checkpoint: Option<PathBuf>,
    /// Trainings at once
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: u32,
    /// Folder for the folds' outputs, to resume a stopped calibration [default: runs/calibration-EXPERIMENT-SEED]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// The file to write [default: results/calibration/EXPERIMENT.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// The result of the calibration.
#[derive(Debug, Serialize)]
struct Calibration<'a> {
    experiment: &'a str,
    protocol: &'a str,
    seed: u64,
    folds: u32,
    folds_trained: usize,
    held_out_digits: usize,
    held_out_digits_right: usize,
    held_out_digit_accuracy: f64,
    temperature: f64,
    negative_log_likelihood: f64,
    negative_log_likelihood_at_temperature: f64,
    /// Of a network that tells "no digit".
    #[serde(skip_serializing_if = "Option::is_none")]
    no_digit: Option<NoDigitCalibration>,
    command: String,
}

/// What held-out digits say about "no digit".
#[derive(Debug, Serialize)]
struct NoDigitCalibration {
    /// Held-out digits called no digit as the network was trained.
    digits_called: usize,
    /// What to add to its logit so that [`CALLED_NO_DIGIT`] of them are, and no more.
    shift: f64,
}

/// Share of held-out digits that may be called no digit.
const CALLED_NO_DIGIT: f64 = 0.001_5;

impl NoDigitCalibration {
    fn of(logits: &[f32]) -> Option<Self> {
        let mut sorted = logits.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        // The first that may no longer be called so.
        let first_kept = sorted.get((CALLED_NO_DIGIT * logits.len() as f64) as usize)?;
        let shift = (-f64::from(*first_kept) * 1e3).floor() / 1e3 - 1e-3;
        Some(Self { digits_called: logits.iter().filter(|&&logit| logit >= 0.0).count(), shift })
    }
}

/// The answers of one fold's network about the digits that it did not see.
#[derive(Debug, Serialize, Deserialize)]
struct Fold {
    config: TrainingConfig,
    digits: Vec<LabelledLogits>,
    /// Logits of "no digit", one a digit, of a network that has them.
    #[serde(default)]
    no_digit: Vec<f32>,
}

impl Calibrate {
    /// Trains, fits, writes and prints the temperature.
    pub fn run(self) -> Result<()> {
        let config = self.experiment.config()?;
        if !config.network.can_be_calibrated() {
            bail!(
                "{} does not compare digit posteriors, so a temperature would not calibrate its comparison",
                config.name
            );
        }
        if let Some(path) = &self.checkpoint {
            self.check_output(&config, Some(path))?;
            return self.outside_a_training(&config, path);
        }
        self.check_output(&config, None)?;
        let work = self
            .work
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("runs/calibration-{}-{}", config.name, config.seed)));
        let interrupt = interrupt_on_ctrl_c("stopping; finished folds are kept")?;
        let round = Round::draw(&config, &self.data.load()?)?;
        let folds: Vec<u32> = (0..self.first.unwrap_or(self.folds).min(self.folds)).collect();
        let waiting = Mutex::new(folds.iter().copied().collect::<std::collections::VecDeque<_>>());
        let answered = Mutex::new(Vec::new());
        let worker = || -> Result<()> {
            loop {
                let next = waiting.lock().expect("no thread panics with the lock").pop_front();
                let Some(fold) = next else { return Ok(()) };
                let answers = self.fold(&config, &round.training, fold, &work, &interrupt)?;
                answered.lock().expect("no thread panics with the lock").push((fold, answers));
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
        })?;
        let mut answered = answered.into_inner().expect("no thread panics with the lock");
        answered.sort_by_key(|(fold, _)| *fold);
        let (mut digits, mut no_digit) = (Vec::new(), Vec::new());
        for (_, fold) in answered {
            digits.extend(fold.digits);
            no_digit.extend(fold.no_digit);
        }
        let first = self.first.map_or(String::new(), |first| format!(" --first {first}"));
        let how = format!("--folds {}{first}", self.folds);
        self.write(&config, &digits, &no_digit, [self.folds, folds.len() as u32], &how)
    }

    fn output(&self, config: &TrainingConfig) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from(format!("results/calibration/{}.json", config.name)))
    }

    /// Refuses, before any training, to replace the checkpoint, and what cannot be written.
    fn check_output(&self, config: &TrainingConfig, checkpoint: Option<&Path>) -> Result<()> {
        let mut places = files::Places::default();
        if let Some(checkpoint) = checkpoint {
            places.reads("the checkpoint", checkpoint);
        }
        places.writes_with_folders("--out", &self.output(config));
        check(&places)
    }

    /// Calibrates by the images that a finished training has not seen.
    fn outside_a_training(&self, config: &TrainingConfig, path: &Path) -> Result<()> {
        let checkpoint = Checkpoint::read(path)?;
        if checkpoint.config() != config || !checkpoint.is_finished() {
            bail!("{} is no finished training of {} with seed {}", path.display(), config.name, config.seed);
        }
        let outside = Round::draw(config, &self.data.load()?)?.outside;
        let outside = outside.context("the training took all images; calibrate it by folds, without --checkpoint")?;
        let held_out = Fold::answered(config, &checkpoint.comparator(&Device::Cpu)?, &outside)?;
        let how = format!("--checkpoint {}", path.display());
        self.write(config, &held_out.digits, &held_out.no_digit, [1, 1], &how)
    }

    /// The held-out logits of one fold, read from the working folder or computed by training.
    fn fold(
        &self,
        config: &TrainingConfig,
        pairs: &PairSet,
        fold: u32,
        work: &Path,
        interrupt: &Interrupt,
    ) -> Result<Fold> {
        let path = work.join(format!("fold-{fold}-of-{}.json", self.folds));
        if let Some(known) = known(&path, config) {
            return Ok(known);
        }
        let (kept, held_out) = split(pairs, fold, self.folds, config.seed);
        let mut training = Training::start(config, &kept, &Device::Cpu)?;
        let progress = EpochProgress::on_stderr(config.recipe.epochs);
        training.run(interrupt, |report| progress.show(report))?;
        progress.finish();
        if !training.is_finished() {
            let reason = format!("fold {fold} was stopped; run the same command to continue");
            return Err(Stopped(reason).into());
        }
        let fold = Fold::answered(config, training.comparator(), &held_out)?;
        files::write_with_folders(&path, &serde_json::to_vec(&fold)?)?;
        Ok(fold)
    }

    fn write(
        &self,
        config: &TrainingConfig,
        digits: &[LabelledLogits],
        no_digit: &[f32],
        [folds, folds_trained]: [u32; 2],
        how: &str,
    ) -> Result<()> {
        let temperature = fitted_temperature(digits);
        let right = digits.iter().filter(|(logits, label)| largest(logits) == usize::from(*label)).count();
        let calibration = Calibration {
            experiment: &config.name,
            protocol: config.protocol.name(),
            seed: config.seed,
            folds,
            folds_trained: folds_trained as usize,
            held_out_digits: digits.len(),
            held_out_digits_right: right,
            held_out_digit_accuracy: right as f64 / digits.len() as f64,
            temperature: six_decimals(temperature),
            negative_log_likelihood: six_decimals(negative_log_likelihood(digits, 1.0)),
            negative_log_likelihood_at_temperature: six_decimals(negative_log_likelihood(digits, temperature)),
            no_digit: NoDigitCalibration::of(no_digit),
            command: format!("trainer calibrate {} --seed {} {how}", self.experiment, config.seed),
        };
        let out = self.output(config);
        files::write_with_folders(&out, (serde_json::to_string_pretty(&calibration)? + "\n").as_bytes())?;
        say!("wrote {}", out.display());
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "temperature {temperature:.4}, from {right} right of {} held-out digits", digits.len())?;
        if let Some(NoDigitCalibration { digits_called, shift }) = &calibration.no_digit {
            writeln!(stdout, "no digit: {digits_called} of them called so; shift {shift}")?;
        }
        Ok(())
    }
}

impl Fold {
    /// The answers of a network, trained as `config` says, about the digits of `held_out`.
    fn answered(config: &TrainingConfig, comparator: &Comparator, held_out: &PairSet) -> Result<Self> {
        let outputs = outputs(comparator, held_out)?;
        let no_digit = outputs.no_digit_logits.map_or(Ok(Vec::new()), |logits| logits.to_vec1::<f32>())?;
        let logits = outputs.digit_logits.context("the network has no digit heads: there is nothing to calibrate")?;
        let logits = logits.flatten_to(1)?.to_vec2::<f32>()?;
        let row = |row: &Vec<f32>| -> Result<[f32; CLASSES]> { Ok(row.as_slice().try_into()?) };
        let labels = held_out.classes().iter().flatten();
        let digits = logits.iter().zip(labels).map(|(logits, &label)| Ok((row(logits)?, label)));
        Ok(Self { config: config.clone(), digits: digits.collect::<Result<_>>()?, no_digit })
    }
}

/// What an earlier, stopped calibration with the same settings found.
fn known(path: &Path, config: &TrainingConfig) -> Option<Fold> {
    let fold: Fold = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (fold.config == *config).then_some(fold)
}

/// Training pairs and held-out pairs of one fold.
fn split(pairs: &PairSet, fold: u32, folds: u32, seed: u64) -> (PairSet, PairSet) {
    let order = Stream::new(seed, Purpose::Split).permutation(pairs.len());
    let end = |fold: u32| pairs.len() * fold as usize / folds as usize;
    let held_out = end(fold)..end(fold + 1);
    let kept: Vec<u32> = order[..held_out.start].iter().chain(&order[held_out.end..]).copied().collect();
    (pairs.select(&kept), pairs.select(&order[held_out]))
}

fn largest(logits: &[f32; CLASSES]) -> usize {
    (0..CLASSES).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
}

