//! Backward pass of batch normalisation, max pooling and activation.

use super::shape::BatchNormShape;
use crate::activation::Activation;
use crate::simd::lanes::{load_indices, load_row, store_row, vectors};
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Pooled positions summed in single precision before the double-precision sum.
const CHUNK: usize = 64;

/// Values saved by the forward pass.
#[derive(Debug, Clone, Copy)]
pub struct BatchNormSaved<'a> {
    /// Input.
    pub z: &'a [f32],
    /// Output.
    pub y: &'a [f32],
    /// Index of each maximum in its window; may be empty without pooling.
    pub argmax: &'a [u8],
    /// Scale.
    pub gamma: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
    /// The batch's mean per channel.
    pub mean: &'a [f32],
    /// The batch's biased variance per channel.
    pub variance: &'a [f32],
}

/// Outputs of the backward pass.
#[derive(Debug)]
pub struct BatchNormGradients<'a> {
    /// Gradient of the input.
    pub dz: &'a mut [f32],
    /// Gradient of the scale.
    pub dgamma: &'a mut [f32],
    /// Gradient of the shift.
    pub dbeta: &'a mut [f32],
}

/// Gradients of [`crate::batch_norm_forward`] from `dy`, the gradient of its output. The batch statistics are
/// differentiated too.
///
/// ```
/// use kernels::{Activation, BatchNormGradients, BatchNormSaved, BatchNormShape, Workspace, batch_norm_backward};
///
/// // The gradient of one of four values reaches the others through the mean and the variance.
/// let shape = BatchNormShape { batch: 4, height: 1, width: 1, channels: 1, pool: 1 };
/// let (z, y) = ([1.0, 1.0, 3.0, 3.0], [-1.0, -1.0, 1.0, 1.0]);
/// let (gamma, mean, variance) = (&[1.0], &[2.0], &[1.0]);
/// let saved = BatchNormSaved { z: &z, y: &y, argmax: &[], gamma, epsilon: 0.0, mean, variance };
/// let (mut dz, mut dgamma, mut dbeta) = ([0.0; 4], [0.0], [0.0]);
/// let gradients = BatchNormGradients { dz: &mut dz, dgamma: &mut dgamma, dbeta: &mut dbeta };
/// let (workspace, dy) = (&mut Workspace::new(), [1.0, 0.0, 0.0, 0.0]);
/// batch_norm_backward(workspace, &shape, &saved, Activation::Identity, &dy, gradients);
/// assert_eq!((dgamma, dbeta), ([-1.0], [1.0]));
/// assert_eq!(dz, [0.5, -0.5, 0.0, 0.0]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape has no values, no channels, a window that does not fit or is 0 or above
/// 15, or lengths that no memory holds.
pub fn batch_norm_backward(
    workspace: &mut Workspace,
    shape: &BatchNormShape,
    saved: &BatchNormSaved,
    activation: Activation,
    dy: &[f32],
    gradients: BatchNormGradients,
) {
    shape.check();
    let (outputs, channels) = (shape.output_len(), shape.channels);
    assert_eq!(saved.z.len(), shape.input_len(), "z must be {shape:?}'s input");
    assert_eq!(gradients.dz.len(), shape.input_len(), "dz must be {shape:?}'s input");
    assert!(saved.y.len() == outputs && dy.len() == outputs, "y and dy must be {shape:?}'s output");
    assert!(saved.argmax.len() == outputs || shape.pool == 1, "argmax must be {shape:?}'s output");
    for values in [saved.gamma, saved.mean, saved.variance, gradients.dgamma, gradients.dbeta] {
        assert_eq!(values.len(), channels, "parameters and statistics must be per channel");
    }
    workspace.arch.dispatch(Backward { workspace, shape, saved, activation, dy, gradients });
}

struct Backward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a BatchNormShape,
    saved: &'a BatchNormSaved<'a>,
    activation: Activation,
    dy: &'a [f32],
    gradients: BatchNormGradients<'a>,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.sums(simd);
        let channels = self.shape.channels;
        let count = self.shape.count() as f32;
        let coefficients = self.workspace.channels.stale(3 * channels);
        for channel in 0..channels {
            let inverse_deviation = 1.0 / (self.saved.variance[channel] + self.saved.epsilon).sqrt();
            let scale = self.saved.gamma[channel] * inverse_deviation;
            let slope = -scale * inverse_deviation * self.gradients.dgamma[channel] / count;
            coefficients[channel] = scale;
            coefficients[channels + channel] = slope;
            coefficients[2 * channels + channel] =
                -scale * self.gradients.dbeta[channel] / count - slope * self.saved.mean[channel];
        }
        self.input(simd);
    }
}

impl Backward<'_> {
    /// Writes the gradients of scale and shift, and the gradient before the activation at pooled positions to
    /// `workspace.gradient`.
    #[inline(always)]
    fn sums<S: Simd>(&mut self, simd: S) {
        let (shape, channels) = (self.shape, self.shape.channels);
        let padded = vectors::<S>(channels) * S::F32_LANES;
        let totals = self.workspace.totals.cleared(2 * channels);
        let dt = self.workspace.gradient.stale(self.dy.len());
        let positions = self.dy.len() / channels;
        for start in (0..positions).step_by(CHUNK) {
            let sums = self.workspace.channels.cleared(2 * padded);
            let (shift_sums, scale_sums) = sums.split_at_mut(padded);
            for position in start..positions.min(start + CHUNK) {
                let range = position * channels..(position + 1) * channels;
                let (y, dy, dt) = (&self.saved.y[range.clone()], &self.dy[range.clone()], &mut dt[range.clone()]);
                let argmax = if shape.pool == 1 { &[] } else { &self.saved.argmax[range] };
                for first in (0..channels).step_by(S::F32_LANES) {
                    let value = self.activation.gradient(simd, load_row(simd, y, first), load_row(simd, dy, first));
                    store_row::<S>(dt, first, value);
                    let mean = load_row(simd, self.saved.mean, first);
                    let z = simd.sub_f32s(winner(simd, shape, self.saved.z, argmax, position, first), mean);
                    let shift = simd.add_f32s(load_row(simd, shift_sums, first), value);
                    store_row::<S>(shift_sums, first, shift);
                    let scale = simd.mul_add_e_f32s(value, z, load_row(simd, scale_sums, first));
                    store_row::<S>(scale_sums, first, scale);
                }
            }
            for channel in 0..channels {
                totals[channel] += f64::from(shift_sums[channel]);
                totals[channels + channel] += f64::from(scale_sums[channel]);
            }
        }
        for channel in 0..channels {
            let inverse_deviation = 1.0 / (self.saved.variance[channel] + self.saved.epsilon).sqrt();
            self.gradients.dbeta[channel] = totals[channel] as f32;
            self.gradients.dgamma[channel] = (totals[channels + channel] * f64::from(inverse_deviation)) as f32;
        }
    }

    /// Writes the gradient of the input.
    #[inline(always)]
    fn input<S: Simd>(&mut self, simd: S) {
        let (shape, channels) = (self.shape, self.shape.channels);
        let coefficients = &*self.workspace.channels.stale(3 * channels);
        let (scale, rest) = coefficients.split_at(channels);
        let (slope, shift) = rest.split_at(channels);
        let dt = &*self.workspace.gradient.stale(self.dy.len());
        let (height, width) = (shape.height / shape.pool, shape.width / shape.pool);
        for (position, dz) in self.gradients.dz.chunks_exact_mut(channels).enumerate() {
            let z = &self.saved.z[position * channels..][..channels];
            let (row, x) = (position / shape.width, position % shape.width);
            let (image, y) = (row / shape.height, row % shape.height);
            let kept = y / shape.pool < height && x / shape.pool < width;
            let pooled = ((image * height + y / shape.pool) * width + x / shape.pool) * channels;
            let index = simd.splat_u32s((y % shape.pool * shape.pool + x % shape.pool) as u32);
            for first in (0..channels).step_by(S::F32_LANES) {
                let (slope, shift) = (load_row(simd, slope, first), load_row(simd, shift, first));
                let mut value = simd.mul_add_e_f32s(load_row(simd, z, first), slope, shift);
                if kept {
                    let mut dt = load_row(simd, &dt[pooled..][..channels], first);
                    if shape.pool > 1 {
                        let indices = load_indices(simd, &self.saved.argmax[pooled..][..channels], first);
                        dt = simd.select_f32s(simd.equal_u32s(indices, index), dt, simd.splat_f32s(0.0));
                    }
                    value = simd.mul_add_e_f32s(dt, load_row(simd, scale, first), value);
                }
                store_row::<S>(dz, first, value);
            }
        }
    }
}

/// The inputs that are the maxima of the windows of a pooled position, for the channels from `first`.
#[inline(always)]
fn winner<S: Simd>(
    simd: S,
    shape: &BatchNormShape,
    z: &[f32],
    argmax: &[u8],
    position: usize,
    first: usize,
) -> S::f32s {
    let channels = shape.channels;
    if shape.pool == 1 {
        return load_row(simd, &z[position * channels..][..channels], first);
    }
    let window = shape.window(position);
    let indices = load_indices(simd, argmax, first);
    let mut value = simd.splat_f32s(0.0);
    for index in 0..shape.pool * shape.pool {
        let row = &z[(window + shape.window_index_offset(index)) * channels..][..channels];
        let here = simd.equal_u32s(indices, simd.splat_u32s(index as u32));
        value = simd.select_f32s(here, load_row(simd, row, first), value);
    }
    value
}
