//! `trainer bench profile`: where a training step's time goes.
//!
//! Whole steps and their parts alone are timed in turn, on the data of a training under way. What the parts leave of the
//! whole is Candle's: graph, allocation, copies. Medians of the wall clock.

mod operands;
mod parts;

use std::time::Instant;

use anyhow::Result;
use clap::Args;
use nets::layer::{Pass, backward};
use nets::random::{Purpose, Stream};
use nets::training::total_loss;
use serde::Serialize;

use crate::layers;
use crate::network::{Network, Trainee, TrainingArgs};
use operands::Recording;
use parts::{LayerParts, LossPart, OptimiserPart};

/// Arguments of `trainer bench profile`.
#[derive(Debug, Args)]
pub struct Profile {
    #[command(flatten)]
    training: TrainingArgs,
}

/// A part of the step.
#[derive(Debug, Serialize)]
struct Part {
    part: String,
    /// Median of the forward pass, or of all that there is.
    forward_ms: f64,
    /// Median of the backward pass.
    backward_ms: Option<f64>,
    /// Dense floating-point operations, forward and backward.
    flops: usize,
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Printed {
    network: Network,
    steps: u32,
    /// Median of whole steps.
    step_ms: f64,
    parts: Vec<Part>,
    command: Vec<String>,
}

/// Medians of the whole step and of its three stretches.
struct Whole {
    step: f64,
    fetch: f64,
    forward: f64,
    backward: f64,
}

impl Profile {
    /// Trains a little, times whole steps and parts in turn, prints.
    pub fn run(self) -> Result<()> {
        let mut trainee = Trainee::start(&self.training)?;
        for _ in 0..self.training.warm_up.max(1) {
            trainee.step()?;
        }
        let recording = Recording::of(&mut trainee)?;
        let comparator = trainee.training.comparator();
        let costs = layers::of(comparator.spec(), trainee.training.config().recipe.batch_size)?;
        let mut layers: Vec<LayerParts> =
            costs.into_iter().map(|cost| LayerParts::of(cost, &recording)).collect::<Result<_>>()?;
        let mut loss = LossPart::of(&trainee, &recording)?;
        let mut optimiser = OptimiserPart::of(&trainee, &recording)?;
        let mut whole = WholeSamples::default();
        for _ in 0..self.training.steps {
            whole.take(&mut trainee, &recording)?;
            layers.iter_mut().try_for_each(LayerParts::forward)?;
            loss.run()?;
            layers.iter_mut().rev().try_for_each(LayerParts::backward)?;
            optimiser.run()?;
        }
        let whole = whole.medians();
        let parts = parts_of(&whole, &layers, &loss, &optimiser);
        let (network, steps) = (self.training.network, self.training.steps);
        let printed = Printed { network, steps, step_ms: whole.step, parts, command: super::command_line() };
        println!("{}", serde_json::to_string(&printed)?);
        Ok(())
    }
}

/// The table's rows, in the order of a step; the last ones are what remains.
fn parts_of(whole: &Whole, layers: &[LayerParts], loss: &LossPart, optimiser: &OptimiserPart) -> Vec<Part> {
    let once = |part: &str, forward_ms| Part { part: part.to_owned(), forward_ms, backward_ms: None, flops: 0 };
    let mut parts = vec![once("batch fetch", whole.fetch)];
    for layer in layers {
        let (forward_ms, backward_ms) = (layer.forward.median(), Some(layer.backward.median()));
        parts.push(Part { part: layer.cost.name.clone(), forward_ms, backward_ms, flops: layer.cost.flops() });
    }
    let (forward_ms, backward_ms) = (loss.forward.median(), Some(loss.backward.median()));
    parts.push(Part { part: "loss".to_owned(), forward_ms, backward_ms, flops: 0 });
    let forward: f64 = parts[1..].iter().map(|part| part.forward_ms).sum();
    let backward: f64 = parts[1..].iter().filter_map(|part| part.backward_ms).sum();
    parts.push(Part {
        part: "graph, allocation, copies".to_owned(),
        forward_ms: whole.forward - forward,
        backward_ms: Some(whole.backward - backward),
        flops: 0,
    });
    let adam = optimiser.samples.median();
    parts.push(once("Adam", adam));
    parts.push(once("rest of the step", whole.step - whole.fetch - whole.forward - whole.backward - adam));
    parts
}

/// Samples of the whole step and of its stretches.
#[derive(Default)]
struct WholeSamples {
    step: Samples,
    fetch: Samples,
    forward: Samples,
    backward: Samples,
}

impl WholeSamples {
    /// Takes a whole step, then another batch through fetch, forward and backward alone.
    fn take(&mut self, trainee: &mut Trainee, recording: &Recording) -> Result<()> {
        self.step.time_warm(|| trainee.step().map(|_| ()))?;
        let positions = trainee.next_batch().to_vec();
        let batch = self.fetch.time(|| Ok(recording.pairs.select(&positions)?))?;
        let comparator = trainee.training.comparator();
        let weights = &trainee.training.config().recipe.loss;
        let mut stream = Stream::new(0, Purpose::Dropout);
        let loss = self.forward.time(|| {
            let outputs = comparator.forward(&batch, &mut Pass::training(&mut stream, comparator.kernels()))?;
            Ok(total_loss(&outputs, &batch, weights)?)
        })?;
        self.backward.time(|| Ok(backward(&loss)?))?;
        Ok(())
    }

    fn medians(&self) -> Whole {
        Whole {
            step: self.step.median(),
            fetch: self.fetch.median(),
            forward: self.forward.median(),
            backward: self.backward.median(),
        }
    }
}

/// Times of one part in ms.
#[derive(Debug, Default)]
struct Samples(Vec<f64>);

impl Samples {
    /// Does the work once for the caches, which in a step hold what the part before has just written, and once timed.
    fn time_warm(&mut self, mut work: impl FnMut() -> Result<()>) -> Result<()> {
        work()?;
        self.time(work)
    }

    fn time<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let result = work()?;
        self.0.push(1e3 * started.elapsed().as_secs_f64());
        Ok(result)
    }

    /// The median, 0 without samples.
    fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => 0.0,
            n => (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_of_samples_lies_between_the_middle_two() {
        assert_eq!(Samples(vec![4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(Samples(vec![4.0, 1.0, 3.0]).median(), 3.0);
        assert_eq!(Samples::default().median(), 0.0);
    }
}
