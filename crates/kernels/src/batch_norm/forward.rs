//! Batch normalisation, max pooling and activation, fused.

use super::pooling::ScaledPooling;
use super::shape::BatchNormShape;
use crate::activation::Activation;
use crate::simd::lanes::load_row;
use crate::workspace::{Buffer, Workspace};
use pulp::{Simd, WithSimd};

/// Floats in a chunk of rows. A chunk is read twice, so it must fit in the L1 cache.
const CHUNK: usize = 4096;

/// The parameters of a batch normalisation, per channel.
#[derive(Debug, Clone, Copy)]
pub struct BatchNorm<'a> {
    /// Scale.
    pub gamma: &'a [f32],
    /// Shift.
    pub beta: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

/// Mean and biased variance per channel. PyTorch's running variance uses the unbiased one: `variance * count / (count -
/// 1)`, with [`BatchNormShape::count`].
#[derive(Debug)]
pub struct ChannelStatistics<'a> {
    /// Mean per channel.
    pub mean: &'a mut [f32],
    /// Biased variance per channel.
    pub variance: &'a mut [f32],
}

/// Training: normalises `z` by the batch's statistics, writes those to `statistics`, then scales, shifts, pools and
/// activates.
///
/// `argmax` is as for [`crate::convolution_forward`].
///
/// ```
/// use kernels::{Activation, BatchNorm, BatchNormShape, ChannelStatistics, Workspace, batch_norm_forward};
///
/// let shape = BatchNormShape { batch: 4, height: 1, width: 1, channels: 1, pool: 1 };
/// let norm = BatchNorm { gamma: &[2.0], beta: &[0.5], epsilon: 0.0 };
/// let (mut mean, mut variance, mut y) = ([0.0], [0.0], [0.0; 4]);
/// let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
/// let workspace = &mut Workspace::new();
/// batch_norm_forward(workspace, &shape, &[1.0, 1.0, 3.0, 3.0], &norm, Activation::Relu, statistics, &mut y, &mut []);
/// assert_eq!((mean, variance), ([2.0], [1.0]));
/// assert_eq!(y, [0.0, 0.0, 2.5, 2.5]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape has no values, no channels, a window that does not fit or is 0 or above
/// 15, or lengths that no memory holds.
#[expect(clippy::too_many_arguments, reason = "the operands of the operation")]
pub fn batch_norm_forward(
    workspace: &mut Workspace,
    shape: &BatchNormShape,
    z: &[f32],
    norm: &BatchNorm,
    activation: Activation,
    statistics: ChannelStatistics,
    y: &mut [f32],
    argmax: &mut [u8],
) {
    shape.check();
    assert_eq!(z.len(), shape.input_len(), "z must be {shape:?}'s input");
    let arch = workspace.arch;
    let ChannelStatistics { mean, variance } = statistics;
    assert!(mean.len() == shape.channels && variance.len() == shape.channels, "statistics must be per channel");
    arch.dispatch(Statistics { totals: &mut workspace.totals, shape, z, mean, variance });
    scale_and_pool(workspace, shape, z, norm, (mean, variance), activation, y, argmax);
}

/// Inference: normalises `z` by the given mean and variance, then scales, shifts, pools and activates.
///
/// ```
/// use kernels::{Activation, BatchNorm, BatchNormShape, Workspace, batch_norm_inference};
///
/// let shape = BatchNormShape { batch: 2, height: 1, width: 1, channels: 1, pool: 1 };
/// let norm = BatchNorm { gamma: &[2.0], beta: &[0.5], epsilon: 0.0 };
/// let (mean, variance, mut y) = ([2.0], [1.0], [0.0; 2]);
/// let workspace = &mut Workspace::new();
/// batch_norm_inference(workspace, &shape, &[1.0, 3.0], &norm, &mean, &variance, Activation::Identity, &mut y);
/// assert_eq!(y, [-1.5, 2.5]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape has no values, no channels, a window that does not fit or is 0 or above
/// 15, or lengths that no memory holds.
#[expect(clippy::too_many_arguments, reason = "the operands of the operation")]
pub fn batch_norm_inference(
    workspace: &mut Workspace,
    shape: &BatchNormShape,
    z: &[f32],
    norm: &BatchNorm,
    mean: &[f32],
    variance: &[f32],
    activation: Activation,
    y: &mut [f32],
) {
    shape.check();
    assert_eq!(z.len(), shape.input_len(), "z must be {shape:?}'s input");
    assert!(mean.len() == shape.channels && variance.len() == shape.channels, "statistics must be per channel");
    scale_and_pool(workspace, shape, z, norm, (mean, variance), activation, y, &mut []);
}

#[expect(clippy::too_many_arguments, reason = "the operands of the operation")]
fn scale_and_pool(
    workspace: &mut Workspace,
    shape: &BatchNormShape,
    z: &[f32],
    norm: &BatchNorm,
    (mean, variance): (&[f32], &[f32]),
    activation: Activation,
    y: &mut [f32],
    argmax: &mut [u8],
) {
    let channels = shape.channels;
    assert!(norm.gamma.len() == channels && norm.beta.len() == channels, "gamma and beta must be per channel");
    assert_eq!(y.len(), shape.output_len(), "y must be {shape:?}'s output");
    assert!(argmax.is_empty() || argmax.len() == y.len(), "argmax must be empty or {shape:?}'s output");
    let (scale, shift) = workspace.channels.stale(2 * channels).split_at_mut(channels);
    for channel in 0..channels {
        scale[channel] = norm.gamma[channel] / (variance[channel] + norm.epsilon).sqrt();
        shift[channel] = norm.beta[channel] - mean[channel] * scale[channel];
    }
    let pooling = ScaledPooling { shape, scale, shift, activation };
    workspace.arch.dispatch(Normalise { pooling, z, y, argmax });
}

struct Normalise<'a> {
    pooling: ScaledPooling<'a>,
    z: &'a [f32],
    y: &'a mut [f32],
    argmax: &'a mut [u8],
}

impl WithSimd for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.pooling.run(simd, self.z, self.y, self.argmax);
    }
}

struct Statistics<'a> {
    totals: &'a mut Buffer<f64>,
    shape: &'a BatchNormShape,
    z: &'a [f32],
    mean: &'a mut [f32],
    variance: &'a mut [f32],
}

impl WithSimd for Statistics<'_> {
    type Output = ();

    /// Computes the mean and squared differences of each chunk of rows and combines them in double precision (Chan et
    /// al. 1979). This reads memory once and avoids the cancellation of a sum of squares.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = self.shape.channels;
        let rows = (CHUNK / channels).max(1);
        let (means, squares) = self.totals.cleared(2 * channels).split_at_mut(channels);
        let mut before = 0.0;
        for chunk in self.z.chunks(rows * channels) {
            let count = (chunk.len() / channels) as f64;
            let share = count / (before + count);
            for first in (0..channels).step_by(S::F32_LANES) {
                let (mean, square) = chunk_statistics(simd, chunk, channels, first);
                let lanes = |vector: &S::f32s, lane: usize| {
                    f64::from(pulp::bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(vector))[lane])
                };
                for lane in 0..S::F32_LANES.min(channels - first) {
                    let difference = lanes(&mean, lane) - means[first + lane];
                    means[first + lane] += difference * share;
                    squares[first + lane] += lanes(&square, lane) + difference * difference * before * share;
                }
            }
            before += count;
        }
        for channel in 0..channels {
            self.mean[channel] = means[channel] as f32;
            self.variance[channel] = (squares[channel] / before) as f32;
        }
    }
}

/// Mean and sum of squared differences from it over a chunk of rows, for the channels from `first`.
#[inline(always)]
fn chunk_statistics<S: Simd>(simd: S, chunk: &[f32], channels: usize, first: usize) -> (S::f32s, S::f32s) {
    let zero = simd.splat_f32s(0.0);
    let mut sums = [zero; 4];
    for rows in chunk.chunks(4 * channels) {
        for (sum, row) in sums.iter_mut().zip(rows.chunks_exact(channels)) {
            *sum = simd.add_f32s(*sum, load_row(simd, row, first));
        }
    }
    let share = simd.splat_f32s(channels as f32 / chunk.len() as f32);
    let mean = simd.mul_f32s(add_four(simd, sums), share);
    let mut squares = [zero; 4];
    for rows in chunk.chunks(4 * channels) {
        for (square, row) in squares.iter_mut().zip(rows.chunks_exact(channels)) {
            let difference = simd.sub_f32s(load_row(simd, row, first), mean);
            *square = simd.mul_add_e_f32s(difference, difference, *square);
        }
    }
    (mean, add_four(simd, squares))
}

#[inline(always)]
fn add_four<S: Simd>(simd: S, values: [S::f32s; 4]) -> S::f32s {
    let [a, b, c, d] = values;
    simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d))
}
