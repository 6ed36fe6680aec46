//! How much of the gradient reaches a network's first layer, before any step.

use candle_core::backprop::GradStore;
use candle_core::{Result as CandleResult, Tensor};

use super::Training;
use crate::layer::Parameter;

impl Training {
    /// Root mean square of the loss's gradient in the weights of the tower's first layer over that in its last's, at the
    /// initial weights, on the first batch; of two towers, in the first. `None` after a step, where images change on their
    /// way to a step, and where a tower has a single layer with weights. The training goes on as if it had not been asked.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn initial_gradient(&mut self) -> anyhow::Result<Option<f64>> {
        let Some(gradients) = self.gradients_of_first_batch()? else { return Ok(None) };
        let trained = &self.comparator().parameters().trained;
        let Some((tower, _)) = trained.first().and_then(|first| first.name.split_once('.')) else { return Ok(None) };
        let weights = |parameter: &&Parameter| {
            parameter.name.split_once('.').is_some_and(|(part, rest)| part == tower && rest.ends_with("weight"))
        };
        let sizes = trained.iter().filter(weights).map(|parameter| size(&gradients, parameter));
        let sizes = sizes.collect::<CandleResult<Vec<Option<f64>>>>()?;
        Ok(match sizes[..] {
            [Some(first), .., Some(last)] => Some(first / last).filter(|ratio| ratio.is_finite()),
            _ => None,
        })
    }
}

/// Root mean square of a parameter's gradient.
fn size(gradients: &GradStore, parameter: &Parameter) -> CandleResult<Option<f64>> {
    let mean_square = |gradient: &Tensor| gradient.sqr()?.mean_all()?.to_scalar::<f32>();
    let mean_square = gradients.get(&parameter.var).map(mean_square).transpose()?;
    Ok(mean_square.map(|value| f64::from(value).sqrt()))
}
