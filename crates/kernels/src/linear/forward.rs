//! Forward pass of a linear layer with its activation.

use super::shape::LinearShape;
use crate::activation::Activation;
use crate::convolution::correlation::Operands;
use crate::gemm::pack::WeightSource;
use crate::simd::lanes::{load_row, vectors};
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Up to this many outputs, dot products cost less than padding the outputs to a vector.
const FEW_OUTPUTS: usize = 3;

/// `y = activation(x weightᵀ + bias)`: `x` `[batch, in_features]`, `weight` `[out_features, in_features]`, `bias`
/// `[out_features]`, `y` `[batch, out_features]`.
///
/// ```
/// use kernels::{Activation, LinearShape, Workspace, linear_forward};
///
/// let shape = LinearShape { batch: 1, in_features: 2, out_features: 1 };
/// let mut y = [0.0];
/// linear_forward(&mut Workspace::new(), &shape, &[1.0, 2.0], &[3.0, 4.0], &[0.5], Activation::Identity, &mut y);
/// assert_eq!(y, [1.0 * 3.0 + 2.0 * 4.0 + 0.5]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or a layer of no features or of lengths that no memory holds.
pub fn linear_forward(
    workspace: &mut Workspace,
    shape: &LinearShape,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    activation: Activation,
    y: &mut [f32],
) {
    shape.check();
    assert_eq!(x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(bias.len(), shape.out_features, "bias must have a value per output");
    assert_eq!(y.len(), shape.output_len(), "y must be {shape:?}'s output");
    let arch = workspace.arch;
    arch.dispatch(Forward { workspace, shape, x, weight, bias, activation, y });
}

struct Forward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a LinearShape,
    x: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    activation: Activation,
    y: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if self.shape.out_features <= FEW_OUTPUTS {
            self.dot_products(simd);
        } else {
            self.correlate(simd);
        }
        self.activation.apply_all(simd, self.y);
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn correlate<S: Simd>(&mut self, simd: S) {
        let shape = self.shape;
        let source = WeightSource {
            taps: 1,
            flip: false,
            depth: shape.in_features,
            depth_stride: 1,
            channels: shape.out_features,
            channel_stride: shape.in_features,
        };
        let weights = self.workspace.weights.stale(source.packed_len::<S>());
        source.pack(simd, self.weight, weights);
        let bias = self.workspace.channels.cleared(vectors::<S>(shape.out_features) * S::F32_LANES);
        bias[..shape.out_features].copy_from_slice(self.bias);
        let correlation = LinearShape::correlation(shape.batch, shape.in_features, shape.out_features);
        let mut operands = Operands { x: self.x, weights, bias, y: self.y, argmax: &mut [], relu: false };
        correlation.run_directly(simd, &mut operands);
    }

    #[inline(always)]
    fn dot_products<S: Simd>(&mut self, simd: S) {
        let (inputs, outputs) = (self.shape.in_features, self.shape.out_features);
        for (x, y) in self.x.chunks_exact(inputs).zip(self.y.chunks_exact_mut(outputs)) {
            for ((y, weight), bias) in y.iter_mut().zip(self.weight.chunks_exact(inputs)).zip(self.bias) {
                *y = *bias + dot(simd, x, weight);
            }
        }
    }
}

/// The dot product of two slices of equal length.
#[inline(always)]
fn dot<S: Simd>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    for (a, b) in a.chunks(4 * S::F32_LANES).zip(b.chunks(4 * S::F32_LANES)) {
        for (index, sum) in sums.iter_mut().enumerate() {
            let first = index * S::F32_LANES;
            if first < a.len() {
                *sum = simd.mul_add_e_f32s(load_row(simd, a, first), load_row(simd, b, first), *sum);
            }
        }
    }
    let [a, b, c, d] = sums;
    simd.reduce_sum_f32s(simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d)))
}
