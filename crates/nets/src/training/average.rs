//! Averages of weights over the last steps of a training (Polyak and Juditsky, 1992), exponentially weighted.

use candle_core::{Device, Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::{Parameter, with_floats};
use augmentation::switch::Switchable;

/// Over how many steps weights are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmaSettings {
    /// Epochs after which the weights of a step count half as much.
    #[schemars(extend("unit" = "epochs"))]
    pub half_life: f64,
}

impl Default for EmaSettings {
    fn default() -> Self {
        Self { half_life: 0.5 }
    }
}

impl Switchable for EmaSettings {
    fn on() -> Self {
        Self::default()
    }
}

/// The averages of all trained parameters.
#[derive(Debug)]
pub(super) struct WeightAverage {
    parameters: Vec<Parameter>,
    /// The average of each parameter, flat.
    averages: Vec<Vec<f32>>,
    /// What an average keeps at a step.
    decay: f64,
}

impl WeightAverage {
    /// Starts with the parameters as they are.
    ///
    /// # Errors
    /// Candle's, when a parameter cannot be read.
    pub fn new(settings: EmaSettings, steps_an_epoch: u64, parameters: &[Parameter]) -> Result<Self> {
        let flat = |parameter: &Parameter| parameter.var.flatten_all()?.to_vec1::<f32>();
        Ok(Self {
            parameters: parameters.to_vec(),
            averages: parameters.iter().map(flat).collect::<Result<_>>()?,
            decay: 0.5_f64.powf(1.0 / (settings.half_life * steps_an_epoch as f64)),
        })
    }

    /// Takes in the weights that the step of this number, from 1, has left. The first steps all count alike, so that the
    /// initial weights count for nothing. Averages are kept on the CPU wherever the parameters are.
    ///
    /// # Errors
    /// Candle's, for parameters that are not float32.
    pub fn observe(&mut self, step: u64) -> Result<()> {
        let kept = self.decay.min(step.saturating_sub(1) as f64 / step as f64);
        let (kept, taken) = (kept as f32, (1.0 - kept) as f32);
        for (parameter, average) in self.parameters.iter().zip(&mut self.averages) {
            let on_cpu = parameter.var.to_device(&Device::Cpu)?;
            with_floats([&on_cpu], |[weights]| {
                for (average, weight) in average.iter_mut().zip(weights) {
                    *average = kept * *average + taken * weight;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Gives the parameters the values of their averages.
    ///
    /// # Errors
    /// Candle's, when there is no room.
    pub fn adopt(&self) -> Result<()> {
        for (parameter, average) in self.parameters.iter().zip(&self.averages) {
            parameter.var.set(&Tensor::from_slice(average, parameter.var.shape(), parameter.var.device())?)?;
        }
        Ok(())
    }

    /// The averages as named tensors, `ema.{parameter}`.
    ///
    /// # Errors
    /// Candle's, when there is no room.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let entries = self.parameters.iter().zip(&self.averages);
        let tensor = |(parameter, average): (&Parameter, &Vec<f32>)| {
            let tensor = Tensor::from_slice(average, parameter.var.shape(), &Device::Cpu)?;
            Ok((format!("ema.{}", parameter.name), tensor))
        };
        entries.map(tensor).collect()
    }

    /// Continues with the averages that `tensor` gives by name.
    ///
    /// # Errors
    /// Those of `tensor`, and candle's.
    pub fn restore(&mut self, tensor: impl Fn(&str) -> anyhow::Result<Tensor>) -> anyhow::Result<()> {
        for (parameter, average) in self.parameters.iter().zip(&mut self.averages) {
            *average = tensor(&format!("ema.{}", parameter.name))?.flatten_all()?.to_vec1()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;

    /// The averages after each of the weights.
    fn averages(settings: EmaSettings, steps_an_epoch: u64, weights: &[f32]) -> Vec<f32> {
        let var = Var::new(&[100.0_f32], &Device::Cpu).unwrap();
        let parameters = [Parameter { name: "w".to_owned(), var: var.clone() }];
        let mut average = WeightAverage::new(settings, steps_an_epoch, &parameters).unwrap();
        let mut found = Vec::new();
        for (step, weight) in (1..).zip(weights) {
            var.set(&Tensor::new(&[*weight], &Device::Cpu).unwrap()).unwrap();
            average.observe(step).unwrap();
            found.push(average.averages[0][0]);
        }
        average.adopt().unwrap();
        assert_eq!(var.to_vec1::<f32>().unwrap(), [*found.last().unwrap()]);
        found
    }

    #[test]
    fn the_first_steps_give_the_mean_of_their_weights() {
        let found = averages(EmaSettings { half_life: 100.0 }, 10, &[4.0, 2.0, 9.0]);
        for (found, expected) in found.iter().zip([4.0, 3.0, 5.0]) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn after_the_half_life_a_step_counts_half_as_much() {
        // Two steps: a decay of the root of one half.
        let mut weights = vec![1.0; 200];
        weights.extend([0.0, 0.0]);
        let found = averages(EmaSettings { half_life: 0.5 }, 4, &weights);
        assert!((found[199] - 1.0).abs() < 1e-5 && (found[201] - 0.5).abs() < 1e-5, "{:?}", &found[199..]);
    }

    #[test]
    fn a_half_life_of_nearly_nothing_gives_the_last_weights() {
        assert_eq!(averages(EmaSettings { half_life: 1e-9 }, 4, &[3.0, 7.0, 5.0]), [3.0, 7.0, 5.0]);
    }
}
