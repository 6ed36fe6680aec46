//! The loss: comparison, and auxiliary digit classification.

mod every_pair;
mod fused_loss;

use candle_core::{D, Result, Tensor};
use candle_nn::loss::cross_entropy;
use candle_nn::ops::log_softmax;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::network::{Batch, Outputs};
use augmentation::switch::is_default;

/// Weights of the loss's terms.
///
/// Report A: `digits * (CE(first) + CE(second)) + leq * BCE` with digits 1 and leq lambda. Report B: leq 1 and digits
/// lambda / 2; its cross-entropy over two logits is the BCE of their difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LossWeights {
    /// Weight of the comparison's binary cross-entropy.
    #[schemars(extend("unit" = "weight"))]
    pub leq: f32,
    /// Weight of the cross-entropy of each of the two digits.
    #[schemars(extend("unit" = "weight"))]
    pub digits: f32,
    /// Weight of the mean binary cross-entropy of the comparison computed from the digit posteriors, over all ordered pairs
    /// of different images in the batch.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "weight", "default" = 0.0))]
    pub every_pair: f32,
    /// Fraction of each digit label that is spread evenly over all ten classes, at least 0 and below 1.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "fraction", "default" = 0.0))]
    pub label_smoothing: f32,
    /// Weight of the mean binary cross-entropy of "no digit" over all images of a batch, digits and non-digits.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "weight", "default" = 0.0))]
    pub no_digit: f32,
}

impl Default for LossWeights {
    fn default() -> Self {
        Self::COMPARISON
    }
}

impl LossWeights {
    /// The comparison alone.
    pub const COMPARISON: Self = Self { leq: 1.0, digits: 0.0, every_pair: 0.0, label_smoothing: 0.0, no_digit: 0.0 };

    /// Whether a term of the loss needs digit labels.
    pub fn uses_digits(&self) -> bool {
        self.digits != 0.0 || self.every_pair != 0.0
    }

    /// The first setting that is out of its range: its name, its value, and what is allowed.
    pub(super) fn out_of_range(&self) -> Option<(&'static str, f32, &'static str)> {
        let weights = [
            ("loss.leq", self.leq),
            ("loss.digits", self.digits),
            ("loss.every_pair", self.every_pair),
            ("loss.no_digit", self.no_digit),
        ];
        let wrong = weights.into_iter().find(|(_, weight)| !(weight.is_finite() && *weight >= 0.0));
        let fraction = || ("loss.label_smoothing", self.label_smoothing, "at least 0 and below 1");
        wrong
            .map(|(field, weight)| (field, weight, "finite and at least 0"))
            .or_else(|| (!(0.0..1.0).contains(&self.label_smoothing)).then(fraction))
    }
}

/// Mean binary cross-entropy of `logits` against `targets` in 0..=1, both `[B]`. Finite for every finite logit.
///
/// # Errors
/// Candle's, when the lengths differ.
pub fn bce_with_logits(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let log_part = ((logits.abs()?.neg()?.exp()? + 1.0)?).log()?;
    ((logits.relu()? - logits.mul(targets)?)? + log_part)?.mean_all()
}

/// The weighted sum of the loss's terms, a scalar; the terms of digits by one operation on the CPU, elsewhere by Candle's
/// operators.
///
/// # Errors
/// When a term has a weight and the network has no output for it; candle's, when the lengths differ.
pub fn total_loss(outputs: &Outputs, batch: &Batch, weights: &LossWeights) -> Result<Tensor> {
    let of_digits = if outputs.leq_logit.device().is_cpu() {
        fused_loss::total_loss(outputs, batch, weights)?
    } else {
        total_loss_plain(outputs, batch, weights)?
    };
    if weights.no_digit == 0.0 {
        return Ok(of_digits);
    }
    of_digits + (no_digit_loss(outputs, batch)? * f64::from(weights.no_digit))?
}

/// Mean binary cross-entropy of "no digit": 0 for the pairs' images, 1 for the non-digits behind them.
fn no_digit_loss(outputs: &Outputs, batch: &Batch) -> Result<Tensor> {
    let Some(logits) = &outputs.no_digit_logits else {
        candle_core::bail!("the loss has a term for \"no digit\", but the network has no such output")
    };
    let (images, digits) = (logits.elem_count(), 2 * batch.pairs());
    let targets: Vec<f32> = (0..images).map(|image| if image < digits { 0.0 } else { 1.0 }).collect();
    bce_with_logits(logits, &Tensor::from_vec(targets, images, logits.device())?)
}

/// The terms of digits, by Candle's own operators.
///
/// # Errors
/// As [`total_loss`].
fn total_loss_plain(outputs: &Outputs, batch: &Batch, weights: &LossWeights) -> Result<Tensor> {
    let comparison = (bce_with_logits(&outputs.leq_logit, &batch.targets)? * f64::from(weights.leq))?;
    if !weights.uses_digits() {
        return Ok(comparison);
    }
    let (logits, classes) = (digit_logits(outputs)?.flatten_to(1)?, batch.classes.flatten_all()?);
    // The mean over both digits of every pair is half the sum of the two means.
    let smoothing = f64::from(weights.label_smoothing);
    let sharp = (cross_entropy(&logits, &classes)? * (1.0 - smoothing))?;
    let even = (log_softmax(&logits, D::Minus1)?.mean_all()? * -smoothing)?;
    let digits = ((sharp + even)? * f64::from(2.0 * weights.digits))?;
    let loss = (comparison + digits)?;
    if weights.every_pair == 0.0 {
        return Ok(loss);
    }
    loss + (every_pair::every_pair_plain(&logits, &classes)? * f64::from(weights.every_pair))?
}

/// The digit logits, `[B, 2, 10]`.
fn digit_logits(outputs: &Outputs) -> Result<&Tensor> {
    match &outputs.digit_logits {
        Some(logits) => Ok(logits),
        None => candle_core::bail!("the loss has a digit term, but the network has no digit heads"),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    fn loss_and_gradient(logit: f32, target: f32) -> (f32, f32) {
        let logits = Var::new(&[logit], &Device::Cpu).unwrap();
        let loss = bce_with_logits(&logits, &Tensor::new(&[target], &Device::Cpu).unwrap()).unwrap();
        let gradients = loss.backward().unwrap();
        (loss.to_scalar().unwrap(), gradients.get(&logits).unwrap().to_vec1::<f32>().unwrap()[0])
    }

    #[test]
    fn binary_cross_entropy_is_finite_where_the_sigmoid_saturates() {
        for logit in [-1e4_f32, -120.0, 120.0, 1e4] {
            for target in [0.0, 1.0] {
                let (loss, gradient) = loss_and_gradient(logit, target);
                let right = (logit > 0.0) == (target == 1.0);
                assert_eq!(loss, if right { 0.0 } else { logit.abs() }, "logit {logit}, target {target}");
                assert_eq!(gradient, if right { 0.0 } else { logit.signum() });
            }
        }
    }

    #[test]
    fn binary_cross_entropy_meets_its_definition() {
        for logit in [-3.0_f32, -0.5, 0.0, 0.7, 4.0] {
            let probability = 1.0 / (1.0 + (-logit).exp());
            let (loss, gradient) = loss_and_gradient(logit, 1.0);
            assert!((loss + probability.ln()).abs() < 1e-6);
            assert!((gradient - (probability - 1.0)).abs() < 1e-6, "{logit}: {gradient}");
        }
    }

    /// Value and gradients of a loss on made-up logits, some of them far from 0, scaled as a later term might.
    fn on_made_up_logits(
        weights: &LossWeights,
        loss: impl Fn(&Outputs, &Batch, &LossWeights) -> Result<Tensor>,
    ) -> Vec<Vec<f32>> {
        let ramp = |count: usize, factor: f32| -> Vec<f32> {
            (0..count).map(|index| ((index * 7919) % 31) as f32 * factor - 15.0 * factor).collect()
        };
        let leq = Var::from_vec(ramp(6, 3.0), 6, &Device::Cpu).unwrap();
        let digits = Var::from_vec(ramp(120, 0.7), (6, 2, 10), &Device::Cpu).unwrap();
        let outputs = Outputs {
            leq_logit: leq.as_tensor().clone(),
            digit_logits: Some(digits.as_tensor().clone()),
            no_digit_logits: None,
        };
        let classes: Vec<u32> = (0..12).map(|index| index * 5 % 10).collect();
        let batch = Batch::from_labels(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0], &classes, &Device::Cpu).unwrap();
        let loss = (loss(&outputs, &batch, weights).unwrap() * 3.0).unwrap();
        let gradients = loss.backward().unwrap();
        let gradient = |var: &Var| {
            gradients.get(var).map(|gradient| gradient.flatten_all().unwrap().to_vec1().unwrap()).unwrap_or_default()
        };
        vec![vec![loss.to_scalar().unwrap()], gradient(&leq), gradient(&digits)]
    }

    #[test]
    fn the_fused_loss_and_its_gradients_are_those_of_candles_operators() {
        let weighted = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.25, 0.0, 0.1), (0.0, 0.7, 0.0), (0.5, 0.5, 0.3)];
        for (digits, every_pair, label_smoothing) in weighted {
            let weights = LossWeights { leq: 0.8, digits, every_pair, label_smoothing, no_digit: 0.0 };
            let fused = on_made_up_logits(&weights, total_loss);
            let plain = on_made_up_logits(&weights, total_loss_plain);
            for (fused, plain) in fused.iter().zip(&plain) {
                assert_eq!(fused.len(), plain.len());
                for (fused, plain) in fused.iter().zip(plain) {
                    assert!((fused - plain).abs() <= 2e-6 * plain.abs().max(1.0), "{fused} {plain}");
                }
            }
        }
    }
}
