//! `trainer bench step`: samples of a training step.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use cpu_time::ProcessTime;
use serde::Serialize;

use crate::layers::{self, LayerCost};
use crate::memory;
use crate::network::{Network, Trainee, TrainingArgs};

/// Losses given from the start and from the end.
const LOSSES: usize = 10;

/// Arguments of `trainer bench step`.
#[derive(Debug, Args)]
pub struct Step {
    #[command(flatten)]
    training: TrainingArgs,
}

/// What is printed: the fields of `bench/train_peer.py`, and the step's floating-point operations.
#[derive(Debug, Serialize)]
struct Sample {
    network: Network,
    variant: &'static str,
    batch: usize,
    warm_up_steps: u32,
    /// Peak memory before MNIST is read.
    import_rss_mb: Option<f64>,
    parameters: usize,
    /// Dense floating-point operations of a step: forward, weight gradient and input gradient of every layer, without the
    /// first layer's input gradient and without positions that pooling drops.
    flops: usize,
    /// Median CPU time of fetching a batch, its images distorted where they are, alone.
    batch_ms: f64,
    /// Median CPU time of a step.
    step_ms: f64,
    cpu_ms: Vec<f64>,
    wall_ms: Vec<f64>,
    first_losses: Vec<f64>,
    last_losses: Vec<f64>,
    /// Peak memory before the network's first step.
    data_rss_mb: Option<f64>,
    peak_rss_mb: Option<f64>,
    versions: BTreeMap<&'static str, &'static str>,
    command: Vec<String>,
}

impl Step {
    /// Warms up, measures, prints.
    pub fn run(self) -> Result<()> {
        let import_rss_mb = memory::peak_mb();
        let mut trainee = Trainee::start(&self.training)?;
        let data_rss_mb = memory::peak_mb();
        let mut losses = Vec::new();
        for _ in 0..self.training.warm_up {
            losses.push(trainee.step()?);
        }
        let (mut cpu_ms, mut wall_ms) = (Vec::new(), Vec::new());
        for _ in 0..self.training.steps {
            let (wall, cpu) = (Instant::now(), ProcessTime::now());
            let loss = trainee.step()?;
            cpu_ms.push(1e3 * cpu.elapsed().as_secs_f64());
            wall_ms.push(1e3 * wall.elapsed().as_secs_f64());
            losses.push(loss);
        }
        let (batch_ms, step_ms) = (median_of(&self.batch_samples(&mut trainee)?), median_of(&cpu_ms));
        let comparator = trainee.training.comparator();
        let batch = trainee.training.config().recipe.batch_size;
        let layers = layers::of(comparator.spec(), batch)?;
        let sample = Sample {
            network: self.training.network,
            variant: "leq",
            batch,
            warm_up_steps: self.training.warm_up,
            import_rss_mb,
            parameters: comparator.parameters().trained_count(),
            flops: layers.iter().map(LayerCost::flops).sum(),
            batch_ms,
            step_ms,
            cpu_ms,
            wall_ms,
            first_losses: losses[..LOSSES.min(losses.len())].to_vec(),
            last_losses: losses[losses.len().saturating_sub(LOSSES)..].to_vec(),
            data_rss_mb,
            peak_rss_mb: memory::peak_mb(),
            versions: BTreeMap::from([("leq", env!("CARGO_PKG_VERSION"))]),
            command: crate::command_line(),
        };
        println!("{}", serde_json::to_string(&sample)?);
        Ok(())
    }

    /// CPU time of fetching batches alone, in ms.
    fn batch_samples(&self, trainee: &mut Trainee) -> Result<Vec<f64>> {
        let mut samples = Vec::new();
        for _ in 0..self.training.steps {
            let positions = trainee.next_batch().to_vec();
            let started = ProcessTime::now();
            trainee.training.batch(&positions)?;
            samples.push(1e3 * started.elapsed().as_secs_f64());
        }
        Ok(samples)
    }
}

/// The median of the measured steps, of which there is at least one.
fn median_of(samples: &[f64]) -> f64 {
    metrics::median(samples).unwrap_or(f64::NAN)
}
