//! Backward pass of batch normalisation, max pooling and activation.

use super::shape::BatchNormShape;
use crate::activation::Activation;
use crate::simd::lanes::{load_indices, load_row, store_row};
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
        let totals = self.workspace.totals.cleared(2 * channels);
        let dt = self.workspace.gradient.stale(self.dy.len());
        let mut windows = shape.windows();
        let mut starts = [0; CHUNK];
        let rows = CHUNK * channels;
        let chunks = self.saved.y.chunks(rows).zip(self.dy.chunks(rows)).zip(dt.chunks_mut(rows));
        for (chunk, ((y, dy), dt)) in chunks.enumerate() {
            for start in &mut starts[..y.len() / channels] {
                *start = windows.next_start();
            }
            let argmax = if shape.pool == 1 { &[] } else { &self.saved.argmax[chunk * rows..][..y.len()] };
            for first in (0..channels).step_by(S::F32_LANES) {
                let mean = load_row(simd, self.saved.mean, first);
                let (mut shift, mut scale) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
                let rows = y.chunks_exact(channels).zip(dy.chunks_exact(channels)).zip(dt.chunks_exact_mut(channels));
                for (row, ((y, dy), dt)) in rows.enumerate() {
                    let value = self.activation.gradient(simd, load_row(simd, y, first), load_row(simd, dy, first));
                    store_row(simd, dt, first, value);
                    let argmax = if shape.pool == 1 { &[] } else { &argmax[row * channels..][..channels] };
                    let z = simd.sub_f32s(winner(simd, shape, self.saved.z, argmax, starts[row], first), mean);
                    shift = simd.add_f32s(shift, value);
                    scale = simd.mul_add_e_f32s(value, z, scale);
                }
                let lanes = |vector: &S::f32s, lane: usize| {
                    f64::from(pulp::bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(vector))[lane])
                };
                for lane in 0..S::F32_LANES.min(channels - first) {
                    totals[first + lane] += lanes(&shift, lane);
                    totals[channels + first + lane] += lanes(&scale, lane);
                }
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
        let (pool, height, width) = (shape.pool, shape.height / shape.pool, shape.width / shape.pool);
        let row_len = shape.width * channels;
        let rows = self.gradients.dz.chunks_exact_mut(row_len).zip(self.saved.z.chunks_exact(row_len));
        for (row, (dz, z)) in rows.enumerate() {
            let (image, y) = (row / shape.height, row % shape.height);
            let first_window = (image * height + y / pool) * width;
            let first_index = y % pool * pool;
            let (mut window, mut column) = (0, 0);
            for (dz, z) in dz.chunks_exact_mut(channels).zip(z.chunks_exact(channels)) {
                let is_kept = y / pool < height && window < width;
                let pooled = (first_window + window) * channels;
                let index = simd.splat_u32s((first_index + column) as u32);
                for first in (0..channels).step_by(S::F32_LANES) {
                    let (slope, shift) = (load_row(simd, slope, first), load_row(simd, shift, first));
                    let mut value = simd.mul_add_e_f32s(load_row(simd, z, first), slope, shift);
                    if is_kept {
                        let mut dt = load_row(simd, &dt[pooled..][..channels], first);
                        if pool > 1 {
                            let indices = load_indices(simd, &self.saved.argmax[pooled..][..channels], first);
                            dt = simd.select_f32s(simd.equal_u32s(indices, index), dt, simd.splat_f32s(0.0));
                        }
                        value = simd.mul_add_e_f32s(dt, load_row(simd, scale, first), value);
                    }
                    store_row(simd, dz, first, value);
                }
                column += 1;
                if column == pool {
                    (column, window) = (0, window + 1);
                }
            }
        }
    }
}

/// The inputs that are the maxima of the window that begins at the position `window`, for the channels from `first`.
#[inline(always)]
fn winner<S: Simd>(simd: S, shape: &BatchNormShape, z: &[f32], argmax: &[u8], window: usize, first: usize) -> S::f32s {
    let channels = shape.channels;
    if shape.pool == 1 {
        return load_row(simd, &z[window * channels..][..channels], first);
    }
    let indices = load_indices(simd, argmax, first);
    let mut value = simd.splat_f32s(0.0);
    for index in 0..shape.pool * shape.pool {
        let row = &z[(window + shape.window_index_offset(index)) * channels..][..channels];
        let here = simd.equal_u32s(indices, simd.splat_u32s(index as u32));
        value = simd.select_f32s(here, load_row(simd, row, first), value);
    }
    value
}
