//! `training-step step`: samples of a training step.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use cpu_time::ProcessTime;
use nets::layer::{Pass, backward};
use nets::training::total_loss;
use random::{Purpose, Stream};
use serde::Serialize;

use crate::memory;
use crate::network::{Network, Trainee, TrainingArgs};

/// Losses given from the start and from the end.
const LOSSES: usize = 10;

/// Arguments of `training-step step`.
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
    /// Dense floating-point operations of a step.
    flops: usize,
    /// Median CPU time of fetching a batch, its images distorted where they are, alone.
    batch_ms: f64,
    /// Median CPU time of a batch's way through the network to its loss, alone.
    forward_ms: f64,
    /// Median CPU time of the gradients of all parameters, alone.
    backward_ms: f64,
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
        let [batch_ms, forward_ms, backward_ms] = self.stretches(&mut trainee)?;
        let step_ms = metrics::median(&cpu_ms).unwrap_or(f64::NAN);
        let comparator = trainee.training.comparator();
        let batch = trainee.training.config().recipe.batch_size;
        let sample = Sample {
            network: self.training.network,
            variant: "leq",
            batch,
            warm_up_steps: self.training.warm_up,
            import_rss_mb,
            parameters: comparator.parameters().trained_count(),
            flops: crate::flops::of_step(comparator.spec(), batch)?,
            batch_ms,
            forward_ms,
            backward_ms,
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

    /// Median CPU times of fetching a batch, of the forward pass and of the backward pass alone, in ms. What a step takes
    /// besides is the optimiser's.
    fn stretches(&self, trainee: &mut Trainee) -> Result<[f64; 3]> {
        let mut samples = [const { Vec::new() }; 3];
        let mut stream = Stream::new(0, Purpose::Dropout);
        for _ in 0..self.training.steps {
            let positions = trainee.next_batch().to_vec();
            let started = ProcessTime::now();
            let batch = trainee.training.batch(&positions)?;
            samples[0].push(started.elapsed());
            let comparator = trainee.training.comparator();
            let started = ProcessTime::now();
            let outputs = comparator.forward(&batch, &mut Pass::training(&mut stream, comparator.kernels()))?;
            let loss = total_loss(&outputs, &batch, &trainee.training.config().recipe.loss)?;
            samples[1].push(started.elapsed());
            let started = ProcessTime::now();
            backward(&loss)?;
            samples[2].push(started.elapsed());
        }
        Ok(samples.map(|times| {
            let times: Vec<f64> = times.iter().map(|time| 1e3 * time.as_secs_f64()).collect();
            metrics::median(&times).unwrap_or(f64::NAN)
        }))
    }
}
