//! The parts of a step, each ready to be run alone.

use anyhow::Result;
use candle_core::{Tensor, Var, backprop::GradStore};
use kernels::{
    Activation, ConvGradients, ConvSaved, ConvShape, LinearGradients, LinearSaved, LinearShape, Workspace,
    convolution_backward, convolution_forward, linear_backward, linear_forward,
};
use nets::layer::{ChannelDropout, Dropout, Flatten, GlobalMean, Kernels, Layer, Pass, backward};
use nets::network::{Batch, Outputs};
use nets::random::{Purpose, Stream};
use nets::training::{Adam, LossWeights, total_loss};

use super::Samples;
use super::operands::{Recording, values};
use crate::layers::{LayerCost, Operation};
use crate::network::Trainee;

/// A layer: its kernel where it has one, on memory that is there already; else the layer itself.
pub struct LayerParts {
    /// Which layer, and its cost.
    pub cost: LayerCost,
    /// Times of the forward pass.
    pub forward: Samples,
    /// Times of the backward pass.
    pub backward: Samples,
    run: Run,
}

enum Run {
    Convolution(ConvShape, Activation, Box<Memory>),
    Linear(LinearShape, Activation, Box<Memory>),
    Other { layer: Layer, input: Var, output: Tensor, stream: Box<Stream> },
}

/// A kernel's operands and results.
struct Memory {
    workspace: Workspace,
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    y: Vec<f32>,
    argmax: Vec<u8>,
    dy: Vec<f32>,
    dx: Option<Vec<f32>>,
    dweight: Vec<f32>,
    dbias: Vec<f32>,
}

impl LayerParts {
    /// The layer on what it read in the recorded pass.
    pub fn of(cost: LayerCost, recording: &Recording) -> Result<Self> {
        let other = |layer: Layer| -> Result<Run> {
            let input = Var::from_tensor(&recording.input(&cost.name)?)?;
            let output = recording.output(&cost.name)?;
            Ok(Run::Other { layer, input, output, stream: Box::new(Stream::new(0, Purpose::Dropout)) })
        };
        let run = match cost.operation {
            Operation::Convolution(shape, activation) => {
                Run::Convolution(shape, activation, Box::new(Memory::of(&cost, recording, shape.output_len())?))
            }
            Operation::Linear(shape, activation) => {
                Run::Linear(shape, activation, Box::new(Memory::of(&cost, recording, shape.output_len())?))
            }
            Operation::Dropout(probability) => other(Layer::Dropout(Dropout::new(probability)))?,
            Operation::ChannelDropout(probability) => other(Layer::ChannelDropout(ChannelDropout::new(probability)))?,
            Operation::Flatten => other(Layer::Flatten(Flatten))?,
            Operation::GlobalMean => other(Layer::GlobalMean(GlobalMean))?,
        };
        Ok(Self { cost, forward: Samples::default(), backward: Samples::default(), run })
    }

    /// Runs and times the forward pass.
    pub fn forward(&mut self) -> Result<()> {
        let run = &mut self.run;
        self.forward.time_warm(|| {
            match run {
                Run::Convolution(shape, activation, memory) => {
                    let Memory { workspace, x, weight, bias, y, argmax, .. } = &mut **memory;
                    convolution_forward(workspace, shape, x, weight, bias, *activation, y, argmax);
                }
                Run::Linear(shape, activation, memory) => {
                    let Memory { workspace, x, weight, bias, y, .. } = &mut **memory;
                    linear_forward(workspace, shape, x, weight, bias, *activation, y);
                }
                Run::Other { layer, input, output, stream } => {
                    *output = layer.forward(input, &mut Pass::training(stream, Kernels::Fused))?;
                }
            }
            Ok(())
        })
    }

    /// Runs and times the backward pass; nothing where no gradient is wanted.
    pub fn backward(&mut self) -> Result<()> {
        let run = &mut self.run;
        let wanted = self.cost.input_gradient;
        self.backward.time_warm(|| {
            match run {
                Run::Convolution(shape, activation, memory) => {
                    let Memory { workspace, x, weight, y, argmax, dy, dx, dweight, dbias, .. } = &mut **memory;
                    let gradients = ConvGradients { dx: dx.as_deref_mut(), dweight, dbias };
                    let saved = ConvSaved { x, weight, y, argmax };
                    convolution_backward(workspace, shape, &saved, *activation, dy, gradients);
                }
                Run::Linear(shape, activation, memory) => {
                    let Memory { workspace, x, weight, y, dy, dx, dweight, dbias, .. } = &mut **memory;
                    let gradients = LinearGradients { dx: dx.as_deref_mut(), dweight, dbias };
                    linear_backward(workspace, shape, &LinearSaved { x, weight, y }, *activation, dy, gradients);
                }
                Run::Other { output, .. } if wanted => _ = backward(output)?,
                Run::Other { .. } => {}
            }
            Ok(())
        })
    }
}

impl Memory {
    fn of(cost: &LayerCost, recording: &Recording, outputs: usize) -> Result<Self> {
        let x = values(&recording.input(&cost.name)?)?;
        let weight = recording.parameter(&format!("{}.weight", cost.name))?;
        let bias = recording.parameter(&format!("{}.bias", cost.name))?;
        Ok(Self {
            workspace: Workspace::new(),
            dx: cost.input_gradient.then(|| vec![0.0; x.len()]),
            dweight: vec![0.0; weight.len()],
            dbias: vec![0.0; bias.len()],
            y: vec![0.0; outputs],
            argmax: vec![0; outputs],
            dy: output_gradient(recording.dropout_after(&cost.name), outputs)?,
            x,
            weight,
            bias,
        })
    }
}

/// Random values, 0 where the dropout that follows gave 0: kernels that skip zeros must find those of a real step.
fn output_gradient(dropped: Option<&Tensor>, length: usize) -> Result<Vec<f32>> {
    let mut stream = Stream::new(0, Purpose::Weights);
    let gradient = (0..length).map(|_| stream.symmetric(1e-2));
    match dropped {
        Some(dropped) => {
            Ok(gradient.zip(values(dropped)?).map(|(value, kept)| if kept == 0.0 { 0.0 } else { value }).collect())
        }
        None => Ok(gradient.collect()),
    }
}

/// The loss from the network's outputs.
pub struct LossPart {
    outputs: Outputs,
    batch: Batch,
    weights: LossWeights,
    /// Times of the forward pass.
    pub forward: Samples,
    /// Times of the backward pass.
    pub backward: Samples,
}

impl LossPart {
    /// The loss of the recorded batch.
    pub fn of(trainee: &Trainee, recording: &Recording) -> Result<Self> {
        let variable = |tensor: &Tensor| -> Result<Tensor> { Ok(Var::from_tensor(tensor)?.into_inner()) };
        let outputs = Outputs {
            leq_logit: variable(&recording.outputs.leq_logit)?,
            digit_logits: recording.outputs.digit_logits.as_ref().map(variable).transpose()?,
        };
        let weights = trainee.training.config().recipe.loss;
        let batch = recording.batch.clone();
        Ok(Self { outputs, batch, weights, forward: Samples::default(), backward: Samples::default() })
    }

    /// Runs and times both passes.
    pub fn run(&mut self) -> Result<()> {
        let loss = self.forward.time(|| Ok(total_loss(&self.outputs, &self.batch, &self.weights)?))?;
        self.backward.time(|| Ok(loss.backward()?))?;
        Ok(())
    }
}

/// The optimiser on the recorded batch's gradients.
pub struct OptimiserPart {
    adam: Adam,
    gradients: GradStore,
    /// Times of a step.
    pub samples: Samples,
}

impl OptimiserPart {
    /// An optimiser of its own for the network's parameters.
    pub fn of(trainee: &Trainee, recording: &Recording) -> Result<Self> {
        let comparator = trainee.training.comparator();
        let recipe = &trainee.training.config().recipe;
        let mut stream = Stream::new(0, Purpose::Dropout);
        let outputs = comparator.forward(&recording.batch, &mut Pass::training(&mut stream, comparator.kernels()))?;
        let gradients = backward(&total_loss(&outputs, &recording.batch, &recipe.loss)?)?;
        let adam = Adam::new(recipe.adam, &comparator.parameters().trained)?;
        Ok(Self { adam, gradients, samples: Samples::default() })
    }

    /// Runs and times a step with learning rate 0, which leaves the weights as they are.
    pub fn run(&mut self) -> Result<()> {
        self.samples.time(|| Ok(self.adam.step(&self.gradients, 0.0)?))?;
        Ok(())
    }
}
