//! Batch normalisation with statistics that stay the same.

use super::{Compute, Inputs};
use crate::budget::{Budget, product};
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

/// `(x - mean) / sqrt(variance + epsilon) * scale + bias`, channel by channel.
#[derive(Debug)]
pub(super) struct BatchNormalization {
    epsilon: f32,
}

impl BatchNormalization {
    pub fn of(settings: &Settings) -> Result<Self, NodeFault> {
        settings.only("training_mode", 0)?;
        Ok(Self { epsilon: settings.float_or("epsilon", 1e-5) })
    }
}

impl Compute for BatchNormalization {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        let &[_, channels, ref image @ ..] = x.shape() else { return Err(NodeFault::Shape) };
        let of_channels = |at: usize| {
            let tensor = inputs.get(at)?;
            if tensor.shape() == [channels] { tensor.float32() } else { Err(NodeFault::Shape) }
        };
        let (scale, bias, mean, variance) = (of_channels(1)?, of_channels(2)?, of_channels(3)?, of_channels(4)?);
        budget.values(x.shape())?;
        let mut values = x.float32()?.to_vec();
        let length = product(image).ok_or(NodeFault::TooLarge)?.max(1);
        for (at, map) in values.chunks_exact_mut(length).enumerate() {
            let channel = at % channels;
            let factor = scale[channel] / (variance[channel] + self.epsilon).sqrt();
            map.iter_mut().for_each(|value| *value = (*value - mean[channel]) * factor + bias[channel]);
        }
        Ok(vec![Tensor::of_floats(x.shape().to_vec(), values)?])
    }
}
