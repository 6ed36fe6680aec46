//! The networks that are measured, trained as a user's training trains them.

use std::path::PathBuf;

use anyhow::Result;
use candle_core::Device;
use clap::{Args, ValueEnum};
use mnist::{Mnist, default_folder};
use nets::training::{Round, Schedule, Shuffle, Training, TrainingConfig};
use random::{Purpose, Stream};
use serde::Serialize;

/// A network by the name that PyTorch's side of the benchmark has for it.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum, Serialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Report A's ConvNet with weight sharing and auxiliary loss: report-a-headline
    WsAux,
    /// Report A's ConvNet without either: report-a-convnet
    Convnet,
    /// Report A's MLP without either: report-a-mlp
    Mlp,
    /// Our own best from 1,000 pairs, augmentation, Muon and AdamW included: leq-1000
    #[value(name = "leq_1000")]
    #[serde(rename = "leq_1000")]
    Leq1000,
    /// Report B's network with dropout, all pairs trained on at a constant learning rate: report-b-dropout
    ReportB,
}

impl Network {
    /// How it is trained. Steps are taken one by one, so nothing may depend on epochs or on validation pairs.
    pub fn config(self) -> Result<TrainingConfig> {
        let mut config = study::experiment::named(match self {
            Self::WsAux => "report-a-headline",
            Self::Convnet => "report-a-convnet",
            Self::Mlp => "report-a-mlp",
            Self::Leq1000 => "leq-1000",
            Self::ReportB => "report-b-dropout",
        })?;
        config.recipe.schedule = Schedule::Constant;
        config.recipe.validation_pairs = 0;
        config.recipe.early_stopping = None;
        Ok(config)
    }
}

/// Arguments of every command that trains.
#[derive(Debug, Args)]
pub struct TrainingArgs {
    /// The network to train
    #[arg(long, value_name = "NAME")]
    pub network: Network,
    /// Steps to measure, at least 300 for a published figure
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Steps before, which fill caches
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub warm_up: u32,
    /// Folder of MNIST's four IDX files [default: data/mnist of the repository]
    #[arg(long = "data", value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A training whose steps are taken one by one over batches without end, every epoch in the same order.
#[derive(Debug)]
pub struct Trainee {
    /// The training.
    pub training: Training,
    /// Positions of each batch's pairs.
    pub batches: Vec<Vec<u32>>,
    next: usize,
}

impl Trainee {
    /// Draws the pairs and builds the network.
    ///
    /// # Errors
    /// Data that are missing or do not suffice.
    pub fn start(arguments: &TrainingArgs) -> Result<Self> {
        let config = arguments.network.config()?;
        let mnist = Mnist::load(&arguments.data.clone().unwrap_or_else(default_folder))?;
        let round = Round::draw(&config, &mnist)?;
        let training = Training::start(&config, &round.training, &Device::Cpu)?;
        let positions_a_pair = if config.recipe.shuffle == Shuffle::DigitsEachEpoch { 2 } else { 1 };
        let order = Stream::new(config.seed, Purpose::Order).permutation(positions_a_pair * round.training.len());
        let batches = order.chunks(positions_a_pair * config.recipe.batch_size).map(<[u32]>::to_vec).collect();
        Ok(Self { training, batches, next: 0 })
    }

    /// The positions of the next batch's pairs.
    pub fn next_batch(&mut self) -> &[u32] {
        self.next += 1;
        &self.batches[(self.next - 1) % self.batches.len()]
    }

    /// Takes a step, the fetch of its batch included, and gives its loss before the update.
    ///
    /// # Errors
    /// A loss that is not finite.
    pub fn step(&mut self) -> Result<f64> {
        let batch = self.next % self.batches.len();
        self.next += 1;
        self.training.run_step(&self.batches[batch])
    }
}
