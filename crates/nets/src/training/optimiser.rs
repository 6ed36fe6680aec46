//! The optimisers of one training: Adam, and Muon for the weights of convolutions where the recipe has it.

use candle_core::{Result, Tensor, backprop::GradStore};

use super::{Adam, Muon, Recipe};
use crate::layer::{Parameter, Parameters};

/// Axes of a convolution's weight.
const CONVOLUTION_AXES: usize = 4;
/// In the names of convolutions that keep channels apart: their weights are no matrices between channels.
const DEPTHWISE: &str = "depthwise";

/// All optimisers of a training; every trained parameter belongs to one.
#[derive(Debug)]
pub struct Optimiser {
    adam: Adam,
    muon: Option<Muon>,
    learning_rate: f64,
}

impl Optimiser {
    /// Starts with empty moments.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn new(recipe: &Recipe, parameters: &Parameters) -> Result<Self> {
        let is_convolution =
            |parameter: &Parameter| parameter.var.rank() == CONVOLUTION_AXES && !parameter.name.contains(DEPTHWISE);
        let for_muon = |parameter: &&Parameter| recipe.muon.is_some() && is_convolution(parameter);
        let (muon, adam): (Vec<&Parameter>, Vec<&Parameter>) = parameters.trained.iter().partition(for_muon);
        let owned = |parameters: Vec<&Parameter>| parameters.into_iter().cloned().collect::<Vec<_>>();
        Ok(Self {
            adam: Adam::new(recipe.adam, &owned(adam))?,
            muon: recipe.muon.map(|settings| Muon::new(settings, &owned(muon))),
            learning_rate: recipe.adam.learning_rate,
        })
    }

    /// Number of steps taken.
    pub fn steps(&self) -> u64 {
        self.adam.steps()
    }

    /// Takes one step along `gradients` with every learning rate times `factor`. Gives the name of the first parameter that
    /// is no longer finite, if any.
    ///
    /// # Errors
    /// Candle's, when a gradient has another shape than its parameter.
    pub fn step(&mut self, gradients: &GradStore, factor: f64) -> Result<Option<String>> {
        let broken = match &mut self.muon {
            Some(muon) => muon.step(gradients, factor)?,
            None => None,
        };
        let also_broken = self.adam.step(gradients, self.learning_rate * factor)?;
        Ok(broken.or(also_broken))
    }

    /// The state as named tensors, each name starting with its optimiser's.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let mut tensors = self.adam.state()?;
        if let Some(muon) = &self.muon {
            tensors.extend(muon.state()?);
        }
        Ok(tensors)
    }

    /// Continues after `steps` steps with the state that `tensor` gives by name.
    ///
    /// # Errors
    /// Those of `tensor`, and candle's.
    pub fn restore(&mut self, steps: u64, tensor: impl Fn(&str) -> anyhow::Result<Tensor>) -> anyhow::Result<()> {
        if let Some(muon) = &mut self.muon {
            muon.restore(&tensor)?;
        }
        self.adam.restore(steps, tensor)
    }
}
