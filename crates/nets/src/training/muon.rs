//! Muon (Jordan, 2024): momentum whose direction is made orthogonal, for the weights of convolutions.
//!
//! A weight `[out, in, kernel, kernel]` is a matrix of `out` rows. Newton's and Schulz's iteration takes every singular
//! value of its Nesterov momentum towards 1, so that a step moves all directions alike.

use candle_core::{CpuStorage, Device, InplaceOp1, Layout, Result, Tensor, Var, backprop::GradStore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::{Parameter, with_floats, with_workspace};
use augmentation::switch::Switchable;
use kernels::{Activation, LinearShape, Workspace, linear_forward};

/// Coefficients of the iteration `X = a X + (b A + c A^2) X` with `A = X X^T`.
const COEFFICIENTS: [f32; 3] = [3.4445, -4.775, 2.0315];
const ITERATIONS: usize = 5;
/// Added to the norm that the momentum is divided by.
const EPSILON: f32 = 1e-7;

/// Muon's settings; the schedule's factor comes with each step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MuonSettings {
    /// Learning rate before the schedule.
    #[schemars(extend("unit" = "step size"))]
    pub learning_rate: f64,
    /// Decay of the momentum, of Nesterov's kind.
    #[schemars(extend("unit" = "factor a step"))]
    pub momentum: f64,
    /// Fraction of a weight that a step with learning rate 1 takes away.
    #[schemars(extend("unit" = "fraction"))]
    pub weight_decay: f64,
}

impl Default for MuonSettings {
    fn default() -> Self {
        Self { learning_rate: 0.02, momentum: 0.9, weight_decay: 0.1 }
    }
}

impl Switchable for MuonSettings {
    fn on() -> Self {
        Self::default()
    }
}

/// The optimiser and its state.
#[derive(Debug)]
pub struct Muon {
    settings: MuonSettings,
    parameters: Vec<Parameter>,
    /// Sum of the gradients, decayed, flat.
    momenta: Vec<Vec<f32>>,
}

impl Muon {
    /// Starts with empty momenta. Parameters of at least two axes are matrices with a row for each index of the first.
    pub fn new(settings: MuonSettings, parameters: &[Parameter]) -> Self {
        let momenta = parameters.iter().map(|parameter| vec![0.0; parameter.var.elem_count()]).collect();
        Self { settings, parameters: parameters.to_vec(), momenta }
    }

    /// Takes one step along `gradients` with the learning rate times `factor`. Gives the name of the first parameter that
    /// is no longer finite, if any. The direction is computed on the CPU wherever the parameters are.
    ///
    /// # Errors
    /// Candle's, for parameters that are not float32.
    pub fn step(&mut self, gradients: &GradStore, factor: f64) -> Result<Option<String>> {
        let learning_rate = self.settings.learning_rate * factor;
        let mut first_broken = None;
        for (parameter, momentum) in self.parameters.iter().zip(&mut self.momenta) {
            let Some(gradient) = gradients.get(&parameter.var) else { continue };
            let on_cpu = gradient.to_device(&Device::Cpu)?.contiguous()?;
            let direction = with_floats([&on_cpu], |[gradient]| {
                let rows = parameter.var.dims()[0];
                Ok(direction(momentum, gradient, rows, self.settings.momentum as f32))
            })?;
            let update = Update {
                keep: (1.0 - learning_rate * self.settings.weight_decay) as f32,
                step: -(learning_rate * scale(parameter)) as f32,
                direction,
            };
            if !update.apply(&parameter.var)? && first_broken.is_none() {
                first_broken = Some(parameter.name.clone());
            }
        }
        Ok(first_broken)
    }

    /// The state as named tensors, `muon.momentum.{parameter}`.
    ///
    /// # Errors
    /// Candle's, when there is no room.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let entries = self.parameters.iter().zip(&self.momenta);
        let tensor = |(parameter, momentum): (&Parameter, &Vec<f32>)| {
            let tensor = Tensor::from_slice(momentum, parameter.var.shape(), parameter.var.device())?;
            Ok((format!("muon.momentum.{}", parameter.name), tensor))
        };
        entries.map(tensor).collect()
    }

    /// Continues with the state that `tensor` gives by name.
    ///
    /// # Errors
    /// Those of `tensor`, and candle's.
    pub fn restore(&mut self, tensor: impl Fn(&str) -> anyhow::Result<Tensor>) -> anyhow::Result<()> {
        for (parameter, momentum) in self.parameters.iter().zip(&mut self.momenta) {
            *momentum = tensor(&format!("muon.momentum.{}", parameter.name))?.flatten_all()?.to_vec1()?;
        }
        Ok(())
    }
}

/// A step of a tall matrix is longer, as its rows are more than its rank: `sqrt(max(1, rows / columns))`.
fn scale(parameter: &Parameter) -> f64 {
    let rows = parameter.var.dims()[0] as f64;
    let columns = parameter.var.elem_count() as f64 / rows;
    (rows / columns).max(1.0).sqrt()
}

/// Adds `gradient` to `momentum`, and gives Nesterov's look ahead made orthogonal.
fn direction(momentum: &mut [f32], gradient: &[f32], rows: usize, decay: f32) -> Vec<f32> {
    let ahead = momentum.iter_mut().zip(gradient).map(|(momentum, gradient)| {
        *momentum = decay * *momentum + gradient;
        gradient + decay * *momentum
    });
    let ahead: Vec<f32> = ahead.collect();
    with_workspace(|workspace| orthogonal(workspace, &ahead, rows))
}

/// `matrix`, of `rows` rows, with every singular value taken close to 1.
fn orthogonal(workspace: &mut Workspace, matrix: &[f32], rows: usize) -> Vec<f32> {
    let columns = matrix.len() / rows;
    let norm = matrix.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt() as f32 + EPSILON;
    let scaled: Vec<f32> = matrix.iter().map(|value| value / norm).collect();
    if rows > columns {
        let wide = iterate(workspace, &transposed(&scaled, rows), columns, rows);
        return transposed(&wide, columns);
    }
    iterate(workspace, &scaled, rows, columns)
}

/// The iteration on a matrix `x` with `rows <= columns`.
///
/// Every step multiplies by a polynomial of the Gram matrix, `X -> P X` with `P = a I + b A + c A^2`, which turns `A` into
/// `P A P`. So the steps need the small matrix `A` alone, and `x` is multiplied once, by the product of all `P`. These are
/// symmetric and commute, so every product here is one with a transposed matrix, a linear layer.
fn iterate(workspace: &mut Workspace, x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let [a, b, c] = COEFFICIENTS;
    let mut gram = times_transposed(workspace, x, x, columns);
    let mut factor: Option<Vec<f32>> = None;
    for left in (0..ITERATIONS).rev() {
        let mut polynomial = times_transposed(workspace, &gram, &gram, rows);
        polynomial.iter_mut().zip(&gram).for_each(|(square, value)| *square = b * value + c * *square);
        polynomial.iter_mut().step_by(rows + 1).for_each(|value| *value += a);
        if left > 0 {
            let half = times_transposed(workspace, &polynomial, &gram, rows);
            gram = times_transposed(workspace, &half, &polynomial, rows);
        }
        factor = Some(match factor {
            Some(factor) => times_transposed(workspace, &factor, &polynomial, rows),
            None => polynomial,
        });
    }
    factor.map_or_else(|| x.to_vec(), |factor| times_transposed(workspace, &factor, &transposed(x, rows), rows))
}

/// `left right^T`, both with rows of `inner` values.
fn times_transposed(workspace: &mut Workspace, left: &[f32], right: &[f32], inner: usize) -> Vec<f32> {
    let shape = LinearShape { batch: left.len() / inner, in_features: inner, out_features: right.len() / inner };
    let mut product = vec![0.0; shape.output_len()];
    let no_bias = vec![0.0; shape.out_features];
    linear_forward(workspace, &shape, left, right, &no_bias, Activation::Identity, &mut product);
    product
}

/// A matrix of `rows` rows with rows and columns exchanged.
fn transposed(matrix: &[f32], rows: usize) -> Vec<f32> {
    /// Side of the squares that are exchanged at once, so that both sides stay in the cache.
    const BLOCK: usize = 16;
    let columns = matrix.len() / rows;
    let mut result = vec![0.0; matrix.len()];
    for first_row in (0..rows).step_by(BLOCK) {
        for first_column in (0..columns).step_by(BLOCK) {
            for row in first_row..(first_row + BLOCK).min(rows) {
                for column in first_column..(first_column + BLOCK).min(columns) {
                    result[column * rows + row] = matrix[row * columns + column];
                }
            }
        }
    }
    result
}

/// `w = keep w + step direction`.
struct Update {
    keep: f32,
    step: f32,
    direction: Vec<f32>,
}

impl Update {
    /// Whether the weight is still finite.
    fn apply(&self, weight: &Var) -> Result<bool> {
        if !weight.device().is_cpu() {
            let on_cpu = weight.to_device(&Device::Cpu)?;
            on_cpu.inplace_op1(self)?;
            weight.set(&on_cpu.to_device(weight.device())?)?;
            return all_finite(&on_cpu);
        }
        weight.as_tensor().inplace_op1(self)?;
        all_finite(weight.as_tensor())
    }
}

fn all_finite(on_cpu: &Tensor) -> Result<bool> {
    with_floats([on_cpu], |[values]| Ok(values.iter().all(|value| value.is_finite())))
}

impl InplaceOp1 for Update {
    fn name(&self) -> &'static str {
        "muon"
    }

    fn cpu_fwd(&self, parameter: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let (CpuStorage::F32(parameter), Some((start, end))) = (parameter, layout.contiguous_offsets()) else {
            candle_core::bail!("Muon updates contiguous float32 parameters")
        };
        for (value, direction) in parameter[start..end].iter_mut().zip(&self.direction) {
            *value = self.keep * *value + self.step * direction;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
