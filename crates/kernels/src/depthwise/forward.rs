//! Forward pass of a depthwise convolution: convolution, bias and activation.

use super::shape::DepthwiseShape;
use crate::activation::Activation;
use crate::simd::lanes::{load_row, store_row, vectors};
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Depthwise convolution, bias and activation: `x` `[batch, height, width, channels]` to `y`
/// `[batch, out_height, out_width, channels]`. `weight` is `[channels, 1, kernel, kernel]`, `bias` `[channels]`.
///
/// ```
/// use kernels::{Activation, DepthwiseShape, Workspace, depthwise_forward};
///
/// // Two channels of 2x2 pixels: the first is summed, of the second one pixel is negated.
/// let shape = DepthwiseShape { batch: 1, height: 2, width: 2, channels: 2, kernel: 2, padding: 0, stride: 1 };
/// let x = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 4.0, 40.0];
/// let weight = [1.0, 1.0, 1.0, 1.0, -1.0, 0.0, 0.0, 0.0];
/// let mut y = [0.0; 2];
/// depthwise_forward(&mut Workspace::new(), &shape, &x, &weight, &[0.5, 0.5], Activation::Identity, &mut y);
/// assert_eq!(y, [10.5, -9.5]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape cannot be computed: no channels, a kernel that does not fit, a stride of
/// 0, or lengths that no memory holds.
pub fn depthwise_forward(
    workspace: &mut Workspace,
    shape: &DepthwiseShape,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    activation: Activation,
    y: &mut [f32],
) {
    shape.check();
    assert_eq!(x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(bias.len(), shape.channels, "bias must have a value per channel");
    assert_eq!(y.len(), shape.output_len(), "y must be {shape:?}'s output");
    let arch = workspace.arch;
    arch.dispatch(Forward { workspace, shape, x, weight, bias, activation, y });
}

/// Writes weights `[channels, taps]` as `[tap][channel]`, in rows of `row` floats whose end is zeros.
pub(super) fn pack(weight: &[f32], taps: usize, row: usize, packed: &mut [f32]) {
    for (channel, weights) in weight.chunks_exact(taps).enumerate() {
        for (tap, weight) in weights.iter().enumerate() {
            packed[tap * row + channel] = *weight;
        }
    }
}

struct Forward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a DepthwiseShape,
    x: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    activation: Activation,
    y: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { workspace, shape, x, weight, bias, activation, y } = self;
        let (channels, taps) = (shape.channels, shape.kernel * shape.kernel);
        let row = vectors::<S>(channels) * S::F32_LANES;
        let weights = workspace.weights.cleared(taps * row);
        pack(weight, taps, row, weights);
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let position = shape.position(index);
            for first in (0..channels).step_by(S::F32_LANES) {
                let mut sum = load_row(simd, bias, first);
                for tap_row in position.rows.clone() {
                    for tap_column in position.columns.clone() {
                        let (tap, pixel) = position.tap(shape, tap_row, tap_column);
                        let value = load_row(simd, &x[pixel..][..channels], first);
                        let weight = load_row(simd, &weights[tap * row..][..row], first);
                        sum = simd.mul_add_e_f32s(value, weight, sum);
                    }
                }
                store_row(simd, y, first, sum);
            }
        }
        activation.apply_all(simd, y);
    }
}
