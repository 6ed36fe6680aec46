//! Products of matrices. A second factor that is constant is brought into the kernels' order once.

use kernels::{Activation, ConvShape, PreparedConvolution};

use super::broadcast::{joined, joint_shape, spread, zip};
use super::indexing::transposed;
use super::{Compute, Inputs};
use crate::budget::Budget;
use crate::convolutions::is_computable;
use crate::fault::NodeFault;
use crate::settings::Settings;
use crate::tensor::Tensor;

/// `alpha * A * B + beta * C`, `A` and `B` transposed or not.
#[derive(Debug)]
pub(super) struct Gemm {
    alpha: f32,
    beta: f32,
    transposes: [bool; 2],
    prepared: Option<Prepared>,
}

impl Gemm {
    pub fn of(settings: &Settings) -> Self {
        Self {
            alpha: settings.float_or("alpha", 1.0),
            beta: settings.float_or("beta", 1.0),
            transposes: ["transA", "transB"].map(|name| settings.int_or(name, 0) != 0),
            prepared: None,
        }
    }

    /// An input as it enters the product.
    fn factor(&self, at: usize, x: &Tensor, budget: &mut Budget) -> Result<Tensor, NodeFault> {
        transposed(x, if self.transposes[at] { &[1, 0] } else { &[0, 1] }, budget)
    }
}

impl Compute for Gemm {
    fn prepare(&mut self, constants: &Inputs<'_>, budget: &mut Budget) {
        let factor = constants.optional(1).and_then(|b| self.factor(1, b, budget).ok());
        self.prepared = factor.and_then(|b| Prepared::of(&b, budget));
    }

    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let a = self.factor(0, inputs.get(0)?, budget)?;
        let [rows, depth] = a.axes()?;
        let product = match &mut self.prepared {
            Some(prepared) => prepared.product(a.float32()?, rows, depth, budget)?,
            None => {
                let b = self.factor(1, inputs.get(1)?, budget)?;
                let [of_b, columns] = b.axes()?;
                if of_b != depth {
                    return Err(NodeFault::Shape);
                }
                let product = product(a.float32()?, b.float32()?, [rows, depth, columns], budget)?;
                Tensor::of_floats(vec![rows, columns], product)?
            }
        };
        let product = scaled(product, self.alpha)?;
        let Some(c) = inputs.optional(2) else { return Ok(vec![product]) };
        let c = scaled(c.clone(), self.beta)?;
        let (shape, sum, c) = joined(&product, &c, budget)?;
        if shape != product.shape() {
            return Err(NodeFault::Shape);
        }
        let values = zip(sum.float32()?, c.float32()?, |a, b| a + b);
        Ok(vec![Tensor::of_floats(shape, values)?])
    }
}

fn scaled(tensor: Tensor, factor: f32) -> Result<Tensor, NodeFault> {
    if factor == 1.0 {
        return Ok(tensor);
    }
    let values = tensor.float32()?.iter().map(|value| value * factor).collect();
    Tensor::of_floats(tensor.shape().to_vec(), values)
}

/// The product of the last two axes; those before are batches.
#[derive(Debug, Default)]
pub(super) struct MatMul {
    prepared: Option<Prepared>,
}

impl Compute for MatMul {
    fn prepare(&mut self, constants: &Inputs<'_>, budget: &mut Budget) {
        self.prepared = constants.optional(1).and_then(|b| Prepared::of(b, budget));
    }

    fn compute(&mut self, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Vec<Tensor>, NodeFault> {
        let (a, b) = (inputs.get(0)?, inputs.get(1)?);
        if let (Some(prepared), &[rows, depth]) = (&mut self.prepared, a.shape()) {
            return Ok(vec![prepared.product(a.float32()?, rows, depth, budget)?]);
        }
        Ok(vec![batches(a, b, budget)?])
    }
}

/// The products of all pairs of matrices. A vector is a single row in front and a single column behind.
fn batches(a: &Tensor, b: &Tensor, budget: &mut Budget) -> Result<Tensor, NodeFault> {
    let (is_row, is_column) = (a.shape().len() == 1, b.shape().len() == 1);
    let of_a = if is_row { [&[1], a.shape()].concat() } else { a.shape().to_vec() };
    let of_b = if is_column { [b.shape(), &[1]].concat() } else { b.shape().to_vec() };
    let (Some((batch_a, &[rows, depth])), Some((batch_b, &[of_depth, columns]))) =
        (of_a.split_last_chunk::<2>(), of_b.split_last_chunk::<2>())
    else {
        return Err(NodeFault::Shape);
    };
    if depth != of_depth {
        return Err(NodeFault::Shape);
    }
    let batch = joint_shape(batch_a, batch_b)?;
    let mut shape = batch.clone();
    shape.extend([(!is_row).then_some(rows), (!is_column).then_some(columns)].into_iter().flatten());
    let count = budget.values(&shape)?;
    let (a, b) = (a.clone().reshaped(of_a.clone())?, b.clone().reshaped(of_b.clone())?);
    let a = spread(&a, &[&batch[..], &[rows, depth]].concat(), budget)?;
    let b = spread(&b, &[&batch[..], &[depth, columns]].concat(), budget)?;
    let (a, b) = (a.float32()?, b.float32()?);
    let mut values = Vec::with_capacity(count);
    for at in 0..count / (rows * columns).max(1) {
        let (a, b) = (&a[at * rows * depth..][..rows * depth], &b[at * depth * columns..][..depth * columns]);
        values.extend(product(a, b, [rows, depth, columns], budget)?);
    }
    Tensor::of_floats(shape, values)
}

/// A row-major product, a row of `b` at a time.
fn product(
    a: &[f32],
    b: &[f32],
    [rows, depth, columns]: [usize; 3],
    budget: &mut Budget,
) -> Result<Vec<f32>, NodeFault> {
    let count = budget.values(&[rows, columns])?;
    budget.products(&[rows, depth, columns])?;
    let mut product = vec![0.0; count];
    if depth == 0 || columns == 0 {
        return Ok(product);
    }
    for (row, sums) in a.chunks_exact(depth).zip(product.chunks_exact_mut(columns)) {
        for (factor, row) in row.iter().zip(b.chunks_exact(columns)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
        }
    }
    Ok(product)
}

/// A constant second factor: a convolution of images of one pixel.
#[derive(Debug)]
struct Prepared(PreparedConvolution);

impl Prepared {
    /// The factor `b` `[depth, columns]`, if the kernels take it.
    fn of(b: &Tensor, budget: &mut Budget) -> Option<Self> {
        let [depth, columns] = b.axes().ok()?;
        let shape = ConvShape {
            batch: 1,
            height: 1,
            width: 1,
            in_channels: depth,
            out_channels: columns,
            kernel: 1,
            padding: 0,
            pool: 1,
        };
        let weight = transposed(b, &[1, 0], budget).ok()?;
        let weight = weight.float32().ok().filter(|_| is_computable(&shape))?;
        Some(Self(PreparedConvolution::new(&shape, weight, &vec![0.0; columns], Activation::Identity)))
    }

    fn product(&mut self, a: &[f32], rows: usize, depth: usize, budget: &mut Budget) -> Result<Tensor, NodeFault> {
        let shape = self.0.shape(rows);
        if depth != shape.in_channels {
            return Err(NodeFault::Shape);
        }
        let count = budget.values(&[rows, shape.out_channels])?;
        budget.products(&[count, depth])?;
        if !is_computable(&shape) {
            return Err(NodeFault::TooLarge);
        }
        let mut product = vec![0.0; count];
        if rows > 0 {
            self.0.forward(&mut budget.workspace, rows, a, &mut product);
        }
        Tensor::of_floats(vec![rows, shape.out_channels], product)
    }
}
