//! Groups of images that fit in the cache.

use crate::convolution::shape::ConvShape;
use crate::gemm::pack::WeightSource;
use crate::workspace::Workspace;
use pulp::Simd;

/// Bytes of input and gradient per group that visits every position, to fit in the L2 cache.
const GROUP_BYTES: usize = 384 << 10;

/// Images of such a group, four at least; `row` is the number of floats of a position's gradient.
pub(crate) fn images_of_dense_group(shape: &ConvShape, row: usize) -> usize {
    let bytes = size_of::<f32>() * (shape.image_len() + shape.kept_height() * shape.kept_width() * row);
    (GROUP_BYTES / bytes.max(1)).max(4)
}

/// Strides of a convolution's weights in PyTorch's layout as its outputs see them, for the gradient of the input.
pub(crate) fn weight_source_of_outputs(shape: &ConvShape, flip: bool) -> WeightSource {
    let taps = shape.kernel * shape.kernel;
    WeightSource {
        taps,
        flip,
        depth: shape.out_channels,
        depth_stride: taps * shape.in_channels,
        channels: shape.in_channels,
        channel_stride: taps,
    }
}

/// Writes the weight gradient in PyTorch's layout from `sums`, `[tap][in channel][out channel]` with rows of `row` floats.
pub(crate) fn write_weight_gradient(shape: &ConvShape, row: usize, sums: &[f32], dweight: &mut [f32]) {
    let (taps, inner) = (shape.kernel * shape.kernel, shape.in_channels);
    for (out, dweight) in dweight.chunks_exact_mut(taps * inner).enumerate() {
        for (channel, dweight) in dweight.chunks_exact_mut(taps).enumerate() {
            for (tap, value) in dweight.iter_mut().enumerate() {
                *value = sums[(tap * inner + channel) * row + out];
            }
        }
    }
}

/// A group of images in the backward pass.
pub(crate) struct Group<'a> {
    pub images: usize,
    /// Their part of the input.
    pub x: &'a [f32],
    /// Their part of the window indices of the maxima; empty without pooling.
    pub argmax: &'a [u8],
    /// Their part of the input gradient.
    pub dx: Option<&'a mut [f32]>,
}

/// A method that computes the gradients of weight and input.
///
/// A trait, because a closure that is not inlined would be compiled without SIMD.
pub(crate) trait AddGroup {
    /// Adds the gradients of a group, whose gradient before the activation is in `workspace.gradient`.
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group);
}
