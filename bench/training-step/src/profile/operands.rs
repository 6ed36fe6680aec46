//! What each layer of a training under way reads and gives.

use anyhow::{Context, Result};
use candle_core::Tensor;
use digits::SIDE;
use nets::layer::Pass;
use nets::network::{Arrangement, Batch, Comparator, Outputs};
use nets::random::{Purpose, Stream};

use crate::network::Trainee;

/// One batch's way through the network.
pub struct Recording {
    /// All training pairs, laid out for the network.
    pub pairs: Batch,
    /// The recorded batch.
    pub batch: Batch,
    /// What the network said about it.
    pub outputs: Outputs,
    /// Every layer's output by the layer's name, in the order of the forward pass.
    layers: Vec<(String, Tensor)>,
    /// The first layer's input, by side: float32 in the layout of the tower.
    inputs: Vec<Tensor>,
    /// Every parameter by name.
    parameters: Vec<(String, Tensor)>,
}

impl Recording {
    /// Records the training's next batch.
    pub fn of(trainee: &mut Trainee) -> Result<Self> {
        let positions = trainee.next_batch().to_vec();
        let comparator = trainee.training.comparator();
        let pairs = comparator.batch(&trainee.round.training)?;
        let batch = pairs.select(&positions)?;
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut layers = Vec::new();
        let outputs = comparator
            .forward(&batch, &mut Pass::training(&mut stream, comparator.kernels()).recording(&mut layers))?;
        let detached = |(name, tensor): (String, Tensor)| (name, tensor.detach());
        let parameters = comparator.parameters().iter();
        Ok(Self {
            inputs: tower_inputs(comparator, trainee.round.training.select(&positions).pixels())?,
            outputs: Outputs {
                leq_logit: outputs.leq_logit.detach(),
                digit_logits: outputs.digit_logits.map(|logits| logits.detach()),
            },
            layers: layers.into_iter().map(detached).collect(),
            parameters: parameters.map(|it| (it.name.clone(), it.var.as_detached_tensor())).collect(),
            pairs,
            batch,
        })
    }

    /// What the layer called `name` gave.
    pub fn output(&self, name: &str) -> Result<Tensor> {
        let found = self.layers.iter().find(|(layer, _)| layer == name);
        found.map(|(_, output)| output.clone()).with_context(|| format!("no layer called {name} was recorded"))
    }

    /// The values of the parameter called `name`.
    pub fn parameter(&self, name: &str) -> Result<Vec<f32>> {
        let found = self.parameters.iter().find(|(parameter, _)| parameter == name);
        values(&found.with_context(|| format!("there is no parameter called {name}"))?.1)
    }

    /// What the layer called `name` read.
    pub fn input(&self, name: &str) -> Result<Tensor> {
        let position = self.layers.iter().position(|(layer, _)| layer == name);
        let position = position.with_context(|| format!("no layer called {name} was recorded"))?;
        let part = part(name);
        if let Some((before, output)) = position.checked_sub(1).map(|before| &self.layers[before])
            && self::part(before) == part
        {
            return Ok(output.clone());
        }
        match part {
            "tower" | "first_tower" => Ok(self.inputs[0].clone()),
            "second_tower" => Ok(self.inputs[1].clone()),
            "first_digit_head" => self.end_of("first_tower"),
            "second_digit_head" => self.end_of("second_tower"),
            "digit_head" => self.end_of("tower"),
            "leq_head_joined" => self.joined(),
            _ => self.pair_features(),
        }
    }

    /// What the layer after `name` in its part gave, if that layer is dropout.
    pub fn dropout_after(&self, name: &str) -> Option<&Tensor> {
        let position = self.layers.iter().position(|(layer, _)| layer == name)?;
        let (after, output) = self.layers.get(position + 1)?;
        (part(after) == part(name) && after.contains("dropout")).then_some(output)
    }

    fn end_of(&self, part: &str) -> Result<Tensor> {
        let found = self.layers.iter().rfind(|(layer, _)| self::part(layer) == part);
        found.map(|(_, output)| output.clone()).with_context(|| format!("no {part} was recorded"))
    }

    /// The features of both images side by side, `[B, F]`.
    fn pair_features(&self) -> Result<Tensor> {
        match (self.end_of("first_tower"), self.end_of("second_tower")) {
            (Ok(first), Ok(second)) => Ok(Tensor::cat(&[first, second], 1)?),
            _ => Ok(self.end_of("tower")?.reshape((self.batch.pairs(), ()))?),
        }
    }

    /// The comparison's features with the digit logits of both images.
    fn joined(&self) -> Result<Tensor> {
        let logits = self.outputs.digit_logits.as_ref().context("a joined head reads digit logits")?;
        Ok(Tensor::cat(&[&self.end_of("leq_head")?, &logits.flatten_from(1)?], 1)?)
    }
}

/// The part of the network that a layer belongs to.
fn part(layer: &str) -> &str {
    layer.split_once('.').map_or(layer, |(part, _)| part)
}

/// A tensor's values in their order.
pub fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.flatten_all()?.to_vec1()?)
}

/// `[B, 2, 14, 14]` pixels as each tower reads them.
fn tower_inputs(comparator: &Comparator, pixels: &[f32]) -> Result<Vec<Tensor>> {
    let scaling = comparator.normalisation();
    let normalised: Vec<f32> = pixels.iter().map(|pixel| (pixel - scaling.mean) / scaling.deviation).collect();
    let count = normalised.len() / (2 * SIDE * SIDE);
    let pairs = Tensor::from_vec(normalised, (count, 2, SIDE, SIDE), comparator.device())?;
    let side = |side: usize| pairs.narrow(1, side, 1)?.reshape((count, SIDE, SIDE, 1));
    Ok(match comparator.spec().arrangement {
        Arrangement::Stacked => vec![pairs.permute((0, 2, 3, 1))?.contiguous()?],
        Arrangement::Shared => vec![pairs.reshape((2 * count, SIDE, SIDE, 1))?],
        Arrangement::Separate => vec![side(0)?, side(1)?],
    })
}
