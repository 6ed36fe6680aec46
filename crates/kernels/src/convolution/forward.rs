//! Forward pass of a convolution block: convolution, bias, max pooling and activation.

use super::correlation::{Correlation, Operands};
use super::shape::ConvShape;
use crate::activation::Activation;
use crate::gemm::pack::WeightSource;
use crate::simd::lanes::vectors;
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Convolution, bias, max pooling and activation: `x` `[batch, height, width, in_channels]` to `y`
/// `[batch, out_height, out_width, out_channels]`.
///
/// `weight` is `[out_channels, in_channels, kernel, kernel]`, `bias` `[out_channels]`. `argmax` has the length of `y`
/// and receives the index of each maximum in its window, in row-major order: the first of equal values, with NaN above
/// all other values. [`crate::convolution_backward`] needs it if `shape.pool` is above 1; otherwise, and for inference,
/// it may be empty.
///
/// ```
/// use kernels::{Activation, ConvShape, Workspace, convolution_forward};
///
/// // One image of 3x3 pixels, one kernel of 2x2, and the greatest of its four places.
/// let shape =
///     ConvShape { batch: 1, height: 3, width: 3, in_channels: 1, out_channels: 1, kernel: 2, padding: 0, pool: 2 };
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
/// let (mut y, mut argmax) = ([0.0], [0]);
/// let workspace = &mut Workspace::new();
/// convolution_forward(workspace, &shape, &x, &[1.0; 4], &[0.5], Activation::Relu, &mut y, &mut argmax);
/// assert_eq!((y, argmax), ([5.0 + 6.0 + 8.0 + 9.0 + 0.5], [3]));
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape cannot be computed: no channels, a kernel or window that does not fit,
/// a window of 0 or above 15, or lengths that no memory holds.
#[expect(clippy::too_many_arguments, reason = "the operands of the operation")]
pub fn convolution_forward(
    workspace: &mut Workspace,
    shape: &ConvShape,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    activation: Activation,
    y: &mut [f32],
    argmax: &mut [u8],
) {
    shape.check();
    assert_eq!(x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(bias.len(), shape.out_channels, "bias must have a value per output channel");
    assert_eq!(y.len(), shape.output_len(), "y must be {shape:?}'s output");
    assert!(argmax.is_empty() || argmax.len() == y.len(), "argmax must be empty or {shape:?}'s output");
    let arch = workspace.arch;
    arch.dispatch(Forward { workspace, shape, x, weight, bias, activation, y, argmax });
}

struct Forward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a ConvShape,
    x: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    activation: Activation,
    y: &'a mut [f32],
    argmax: &'a mut [u8],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let shape = self.shape;
        let source = weight_source(shape);
        let weights = self.workspace.weights.stale(source.packed_len::<S>());
        source.pack(simd, self.weight, weights);
        let bias = self.workspace.channels.cleared(vectors::<S>(shape.out_channels) * S::F32_LANES);
        bias[..shape.out_channels].copy_from_slice(self.bias);
        let correlation = correlation_of(shape);
        let relu = self.activation == Activation::Relu;
        let mut operands = Operands { x: self.x, weights, bias, y: self.y, argmax: self.argmax, relu };
        correlation.run(simd, &mut operands, &mut self.workspace.winograd);
        if !relu {
            self.activation.apply_all(simd, self.y);
        }
    }
}

/// Strides of a convolution's weights in PyTorch's layout.
pub(crate) fn weight_source(shape: &ConvShape) -> WeightSource {
    let taps = shape.kernel * shape.kernel;
    WeightSource {
        taps,
        flip: false,
        depth: shape.in_channels,
        depth_stride: taps,
        channels: shape.out_channels,
        channel_stride: taps * shape.in_channels,
    }
}

/// The correlation that computes a convolution.
pub(crate) fn correlation_of(shape: &ConvShape) -> Correlation {
    Correlation {
        batch: shape.batch,
        height: shape.height,
        width: shape.width,
        in_channels: shape.in_channels,
        out_height: shape.out_height(),
        out_width: shape.out_width(),
        out_channels: shape.out_channels,
        kernel: shape.kernel,
        padding: shape.padding as isize,
        pool: shape.pool,
    }
}
