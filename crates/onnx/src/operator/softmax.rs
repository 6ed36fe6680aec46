//! Probabilities of scores, and their logarithms.

use super::axes::axis;
use super::indexing::transposed;
use super::reduction::log_sum_exp;
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

/// Softmax along one axis, or its logarithm.
#[derive(Debug)]
pub(super) struct Softmax {
    axis: i64,
    is_logarithm: bool,
}

impl Softmax {
    pub fn of(name: &str, settings: &Settings) -> Self {
        Self { axis: settings.int_or("axis", -1), is_logarithm: name == "LogSoftmax" }
    }

    fn of_row(&self, row: &mut [f32]) {
        let total = log_sum_exp(row);
        row.iter_mut().for_each(|value| *value -= total);
        if !self.is_logarithm {
            row.iter_mut().for_each(|value| *value = value.exp());
        }
    }
}

impl Compute for Softmax {
    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let x = inputs.get(0)?;
        let axis = axis(self.axis, x.shape().len())?;
        let mut order: Vec<usize> = (0..x.shape().len()).collect();
        let last = order.len() - 1;
        order.swap(axis, last);
        let rows = transposed(x, &order, budget)?;
        let mut values = rows.float32()?.to_vec();
        values.chunks_exact_mut(x.shape()[axis].max(1)).for_each(|row| self.of_row(row));
        // Two swapped axes are put back by swapping them again.
        let made = Tensor::of_floats(rows.shape().to_vec(), values)?;
        Ok(vec![transposed(&made, &order, budget)?])
    }
}
