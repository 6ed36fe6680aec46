//! The loss with its gradients as one operation on the CPU.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use digits::contract::CLASSES;

use super::every_pair::EveryPair;
use super::{LossWeights, digit_logits};
use crate::layer::floats;
use crate::network::{Batch, Outputs};

/// The terms of [`super::total_loss`] that are of digits.
pub(super) fn total_loss(outputs: &Outputs, batch: &Batch, weights: &LossWeights) -> Result<Tensor> {
    let with_digits = weights.uses_digits();
    let leq_logit = outputs.leq_logit.contiguous()?;
    let digit_logits = if with_digits { digit_logits(outputs)?.contiguous()? } else { leq_logit.clone() };
    let operation = FusedLoss {
        weights: *weights,
        targets: batch.targets.to_vec1()?,
        classes: if with_digits { batch.classes.flatten_all()?.to_vec1()? } else { Vec::new() },
    };
    leq_logit.apply_op2(&digit_logits, operation)
}

/// Comparison logits `[B]` and digit logits `[B, 2, 10]`, which are ignored where digits have no weight, to the loss.
struct FusedLoss {
    weights: LossWeights,
    /// 0 or 1 for each pair.
    targets: Vec<f32>,
    /// Two for each pair; empty where digits have no weight.
    classes: Vec<u32>,
}

impl FusedLoss {
    /// Mean binary cross-entropy times its weight; `each` is given every gradient.
    fn comparison(&self, logits: &[f32], mut each: impl FnMut(f32)) -> f64 {
        let weight = self.weights.leq / logits.len() as f32;
        let mut sum = 0.0;
        for (&logit, target) in logits.iter().zip(&self.targets) {
            let small = (-logit.abs()).exp();
            sum += f64::from(logit.max(0.0) - logit * target + small.ln_1p());
            let probability = if logit >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
            each(weight * (probability - target));
        }
        sum * f64::from(weight)
    }

    /// Sum over both digits of the mean cross-entropies times their weight; `each` is given every gradient.
    fn digits(&self, logits: &[f32], mut each: impl FnMut(f32)) -> f64 {
        let weight = 2.0 * self.weights.digits / self.classes.len() as f32;
        let (sharp, even) = (1.0 - self.weights.label_smoothing, self.weights.label_smoothing / CLASSES as f32);
        let mut sum = 0.0;
        let (rows, _) = logits.as_chunks::<CLASSES>();
        for (row, &class) in rows.iter().zip(&self.classes) {
            let largest = row.iter().fold(f32::NEG_INFINITY, |largest, &logit| largest.max(logit));
            let powers = row.map(|logit| (logit - largest).exp());
            let total: f32 = powers.iter().sum();
            for (candidate, (power, logit)) in powers.iter().zip(row).enumerate() {
                let label = if candidate == class as usize { even + sharp } else { even };
                sum += f64::from(label * (largest + total.ln() - logit));
                each(weight * (power / total - label));
            }
        }
        sum * f64::from(weight)
    }
}

impl CustomOp2 for FusedLoss {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn cpu_fwd(
        &self,
        leq: &CpuStorage,
        leq_layout: &Layout,
        digits: &CpuStorage,
        digits_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (leq, digits) = (floats(leq, leq_layout)?, floats(digits, digits_layout)?);
        if leq.len() != self.targets.len() || (!self.classes.is_empty() && digits.len() != CLASSES * self.classes.len())
        {
            candle_core::bail!("{} comparisons and {} digit logits do not fit the batch", leq.len(), digits.len());
        }
        let mut loss = self.comparison(leq, |_| ());
        if !self.classes.is_empty() {
            loss += self.digits(digits, |_| ());
        }
        if self.weights.every_pair != 0.0 {
            loss += f64::from(self.weights.every_pair) * EveryPair::new(digits, &self.classes).value();
        }
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(
        &self,
        leq: &Tensor,
        digits: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient: f32 = gradient.to_scalar()?;
        let mut d_leq = Vec::with_capacity(leq.elem_count());
        self.comparison(&leq.to_vec1::<f32>()?, |value| d_leq.push(gradient * value));
        let d_leq = Tensor::from_vec(d_leq, leq.shape(), leq.device())?;
        if self.classes.is_empty() {
            return Ok((Some(d_leq), None));
        }
        let mut d_digits = Vec::with_capacity(digits.elem_count());
        let logits = digits.flatten_all()?.to_vec1::<f32>()?;
        self.digits(&logits, |value| d_digits.push(gradient * value));
        if self.weights.every_pair != 0.0 {
            EveryPair::new(&logits, &self.classes).add_gradient(gradient * self.weights.every_pair, &mut d_digits);
        }
        Ok((Some(d_leq), Some(Tensor::from_vec(d_digits, digits.shape(), digits.device())?)))
    }
}
