//! `trainer train`: one network.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use candle_core::Device;
use clap::Args;
use files::Places;
use metrics::Accuracy;
use nets::training::{Evaluation, Round, Scope, Training, TrainingConfig};

use super::follow::{EpochProgress, interrupt_on_ctrl_c};
use super::{Data, ExperimentArgs, Stopped, Usage};
use crate::say::{self, say};

mod kept_checkpoint;

use kept_checkpoint::KeptCheckpoint;

/// The device.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum DeviceName {
    /// The processor, one thread
    Cpu,
    /// The first CUDA device; needs a trainer built with `--features cuda`
    Cuda,
}

/// Arguments of `trainer train`.
#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// Folder for checkpoint.safetensors [default: runs/EXPERIMENT-SEED]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Continue from the checkpoint in that folder
    #[arg(long)]
    resume: bool,
    /// Replace the checkpoint in that folder by a new training
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Seconds between checkpoints, written at the end of an epoch
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    checkpoint_every: u32,
    /// Device
    #[arg(long, value_name = "NAME", default_value = "cpu")]
    device: DeviceName,
    #[command(flatten)]
    data: Data,
}

impl Train {
    /// Trains, writes the checkpoint, prints the test accuracy.
    pub fn run(self) -> Result<()> {
        let config = self.experiment.config()?;
        let interrupt = interrupt_on_ctrl_c("stopping after this epoch, with a checkpoint")?;
        let device = self.device.open()?;
        let mnist = self.data.load()?;
        let data_sha256 = mnist.data_sha256();
        let mut kept = self.open(&config)?;
        let round = Round::draw(&config, &mnist)?;
        let mut training = if self.resume {
            Training::resume(&kept.resumable(&config, &data_sha256)?, &round.training, &device)?
        } else {
            kept.make_way(self.overwrite)?;
            Training::start(&config, &round.training, &device)?
        };
        let parameters = training.comparator().parameters().trained_count();
        say!(
            "{}, seed {}, {} pairs ({}), {parameters} parameters",
            config.name,
            config.seed,
            config.pairs,
            config.protocol.name()
        );
        let progress = EpochProgress::on_stderr(config.recipe.epochs);
        while !training.is_finished() && !interrupt.asked() {
            progress.show(training.run_epoch()?);
            if !training.is_finished() {
                kept.write_if_due(&training, &data_sha256);
            }
        }
        progress.finish();
        say!("wrote {}", kept.write(&training, &data_sha256)?.display());
        if !training.is_finished() {
            let (done, all) = (training.epochs().len(), config.recipe.epochs);
            let reason = format!("stopped after epoch {done} of {all}; continue with --resume");
            return Err(Stopped(reason).into());
        }
        let judgement = round.judge(training.comparator())?;
        let tested = if config.scope == Scope::HeldOut { "held-out" } else { "test" };
        print_evaluation(tested, Some(&judgement.test))?;
        print_evaluation("disjoint test", judgement.disjoint.as_ref())?;
        print_evaluation("outside", judgement.outside.as_ref())?;
        print_accuracy("all ordered test pairs, posteriors", judgement.all_pairs)?;
        if let Some(held_out) = judgement.held_out {
            print_accuracy("all ordered held-out pairs, posteriors", held_out.all_pairs)?;
            print_accuracy("held-out digits, distorted", held_out.distorted_digits)?;
        }
        Ok(())
    }

    /// The folder of the checkpoint, once none of its files is one that is read.
    fn open(&self, config: &TrainingConfig) -> Result<KeptCheckpoint> {
        let usual = || PathBuf::from(format!("runs/{}-{}", config.name, config.seed));
        let out = self.out.clone().unwrap_or_else(usual);
        let mut places = Places::default();
        self.experiment.add_to(&mut places)?;
        self.data.add_to(&mut places);
        KeptCheckpoint::open(&out, Duration::from_secs(self.checkpoint_every.into()), places)
    }
}

impl DeviceName {
    fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda if cfg!(feature = "cuda") => Ok(Device::new_cuda(0)?),
            Self::Cuda => Err(Usage(
                "this trainer was built without CUDA: build it with `cargo build --release -p trainer --features cuda`"
                    .to_owned(),
            )
            .into()),
        }
    }
}

/// `pairs` names the pairs: `test`, `disjoint test` for all test images, or `outside` and `held-out` for training images
/// outside the round's own pairs.
fn print_evaluation(pairs: &str, evaluation: Option<&Evaluation>) -> Result<()> {
    for (what, accuracy) in evaluation.into_iter().flat_map(Evaluation::readings) {
        print_accuracy(&what.replacen("test", pairs, 1), Some(accuracy))?;
    }
    Ok(())
}

fn print_accuracy(what: &str, accuracy: Option<Accuracy>) -> Result<()> {
    let Some(accuracy) = accuracy else { return Ok(()) };
    let percent = 100.0 * accuracy.value();
    Ok(writeln!(say::stdout(), "{what:39} {percent:6.2} %  ({} of {})", accuracy.right, accuracy.all)?)
}
