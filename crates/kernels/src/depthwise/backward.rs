//! Backward pass of a depthwise convolution with its activation.

use super::forward::pack;
use super::shape::DepthwiseShape;
use crate::activation::Activation;
use crate::simd::lanes::{load_row, store_row, vectors};
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Values saved by the forward pass.
#[derive(Debug, Clone, Copy)]
pub struct DepthwiseSaved<'a> {
    /// Input `[batch, height, width, channels]`.
    pub x: &'a [f32],
    /// Weight `[channels, 1, kernel, kernel]`.
    pub weight: &'a [f32],
    /// Output after the activation; may be empty for [`Activation::Identity`].
    pub y: &'a [f32],
}

/// Outputs of the backward pass.
#[derive(Debug)]
pub struct DepthwiseGradients<'a> {
    /// Gradient of the input, if needed.
    pub dx: Option<&'a mut [f32]>,
    /// Gradient of the weight, in its layout.
    pub dweight: &'a mut [f32],
    /// Gradient of the bias.
    pub dbias: &'a mut [f32],
}

/// Gradients of [`crate::depthwise_forward`] from `dy`, the gradient of its output.
///
/// ```
/// use kernels::{Activation, DepthwiseGradients, DepthwiseSaved, DepthwiseShape, Workspace, depthwise_backward};
///
/// let shape = DepthwiseShape { batch: 1, height: 1, width: 2, channels: 1, kernel: 1, padding: 0, stride: 1 };
/// let saved = DepthwiseSaved { x: &[1.0, 2.0], weight: &[3.0], y: &[] };
/// let (mut dx, mut dweight, mut dbias) = ([0.0; 2], [0.0], [0.0]);
/// let gradients = DepthwiseGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
/// depthwise_backward(&mut Workspace::new(), &shape, &saved, Activation::Identity, &[10.0, 20.0], gradients);
/// assert_eq!((dx, dweight, dbias), ([30.0, 60.0], [50.0], [30.0]));
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape cannot be computed, as for [`crate::depthwise_forward`].
pub fn depthwise_backward(
    workspace: &mut Workspace,
    shape: &DepthwiseShape,
    saved: &DepthwiseSaved,
    activation: Activation,
    dy: &[f32],
    gradients: DepthwiseGradients,
) {
    shape.check();
    let outputs = shape.output_len();
    assert_eq!(saved.x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(saved.weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(dy.len(), outputs, "dy must be {shape:?}'s output");
    let needs_no_y = saved.y.is_empty() && activation == Activation::Identity;
    assert!(saved.y.len() == outputs || needs_no_y, "y must be {shape:?}'s output");
    assert_eq!(gradients.dweight.len(), shape.weight_len(), "dweight must be {shape:?}'s weight");
    assert_eq!(gradients.dbias.len(), shape.channels, "dbias must have a value per channel");
    if let Some(dx) = &gradients.dx {
        assert_eq!(dx.len(), shape.input_len(), "dx must be {shape:?}'s input");
    }
    let arch = workspace.arch;
    arch.dispatch(Backward { workspace, shape, saved, activation, dy, gradients });
}

struct Backward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a DepthwiseShape,
    saved: &'a DepthwiseSaved<'a>,
    activation: Activation,
    dy: &'a [f32],
    gradients: DepthwiseGradients<'a>,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { workspace, shape, saved, activation, dy, gradients } = self;
        let DepthwiseGradients { dx, dweight, dbias } = gradients;
        let (channels, taps) = (shape.channels, shape.kernel * shape.kernel);
        let row = vectors::<S>(channels) * S::F32_LANES;
        let bias_sums = workspace.channels.cleared(row);
        let dz = workspace.gradient.stale(dy.len());
        activation.gradient_rows(simd, saved.y, dy, dz, channels, bias_sums);
        dbias.copy_from_slice(&bias_sums[..channels]);
        let sums = workspace.sums.cleared(taps * row);
        add_weights(simd, shape, saved.x, dz, sums, row);
        for (channel, dweight) in dweight.chunks_exact_mut(taps).enumerate() {
            for (tap, value) in dweight.iter_mut().enumerate() {
                *value = sums[tap * row + channel];
            }
        }
        if let Some(dx) = dx {
            let weights = workspace.weights.cleared(taps * row);
            pack(saved.weight, taps, row, weights);
            add_input(simd, shape, weights, dz, dx, row);
        }
    }
}

/// Adds the weight gradient to `sums`, `[tap][channel]`.
#[inline(always)]
fn add_weights<S: Simd>(simd: S, shape: &DepthwiseShape, x: &[f32], dz: &[f32], sums: &mut [f32], row: usize) {
    let channels = shape.channels;
    for (index, dz) in dz.chunks_exact(channels).enumerate() {
        let position = shape.position(index);
        for first in (0..channels).step_by(S::F32_LANES) {
            let gradient = load_row(simd, dz, first);
            for tap_row in position.rows.clone() {
                for tap_column in position.columns.clone() {
                    let (tap, pixel) = position.tap(shape, tap_row, tap_column);
                    let sums = &mut sums[tap * row..][..row];
                    let value = load_row(simd, &x[pixel..][..channels], first);
                    let sum = simd.mul_add_e_f32s(value, gradient, load_row(simd, sums, first));
                    store_row(simd, sums, first, sum);
                }
            }
        }
    }
}

/// Writes the input gradient.
#[inline(always)]
fn add_input<S: Simd>(simd: S, shape: &DepthwiseShape, weights: &[f32], dz: &[f32], dx: &mut [f32], row: usize) {
    let channels = shape.channels;
    dx.fill(0.0);
    for (index, dz) in dz.chunks_exact(channels).enumerate() {
        let position = shape.position(index);
        for first in (0..channels).step_by(S::F32_LANES) {
            let gradient = load_row(simd, dz, first);
            for tap_row in position.rows.clone() {
                for tap_column in position.columns.clone() {
                    let (tap, pixel) = position.tap(shape, tap_row, tap_column);
                    let dx = &mut dx[pixel..][..channels];
                    let weight = load_row(simd, &weights[tap * row..][..row], first);
                    let sum = simd.mul_add_e_f32s(weight, gradient, load_row(simd, dx, first));
                    store_row(simd, dx, first, sum);
                }
            }
        }
    }
}
