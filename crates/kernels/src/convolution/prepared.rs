//! A convolution with its weights packed once, for inference.

use std::marker::PhantomData;

use super::correlation::{Correlation, Operands};
use super::forward::{correlation_of, weight_source};
use super::shape::ConvShape;
use super::winograd::f2x2::F2x2;
use super::winograd::f4x4::F4x4;
use super::winograd::f5x5::F5x5;
use super::winograd::filtering::Filtering;
use super::winograd::{self, Method, TransformWeights, Winograd};
use crate::activation::Activation;
use crate::simd::dispatch;
use crate::simd::lanes::vectors;
use crate::workspace::{Buffer, Workspace};
use pulp::{Arch, Simd, WithSimd};

/// Convolution, bias, max pooling and activation with weights that stay the same.
///
/// Some 3x3 kernels of 16 channels and more go Winograd's way with tiles of 4x4 or 5x5 outputs, where
/// [`convolution_forward`](crate::convolution_forward) takes 2x2: faster, and the results may differ in the last bits. An
/// image's results do not depend on the batch. A value that is not finite makes every output that sees it not finite, and maybe
/// others nearby.
///
/// ```
/// use kernels::{Activation, ConvShape, PreparedConvolution, Workspace};
///
/// let shape =
///     ConvShape { batch: 1, height: 3, width: 3, in_channels: 1, out_channels: 1, kernel: 2, padding: 0, pool: 2 };
/// let mut convolution = PreparedConvolution::new(&shape, &[1.0; 4], &[0.5], Activation::Relu);
/// let (images, mut y) = ([1.0; 2 * 9], [0.0; 2]);
/// convolution.forward(&mut Workspace::new(), 2, &images, &mut y);
/// assert_eq!(y, [4.5, 4.5]);
/// ```
#[derive(Debug)]
pub struct PreparedConvolution {
    shape: ConvShape,
    activation: Activation,
    arch: Arch,
    /// Packed, and transformed for Winograd convolution.
    weights: Buffer<f32>,
    weights_len: usize,
    /// Padded to whole vectors.
    bias: Buffer<f32>,
    bias_len: usize,
}

impl PreparedConvolution {
    /// Prepares `weight` `[out_channels, in_channels, kernel, kernel]` and `bias` `[out_channels]`. `shape.batch` is
    /// ignored.
    ///
    /// # Panics
    /// If a slice does not match the shape, or the shape is invalid.
    pub fn new(shape: &ConvShape, weight: &[f32], bias: &[f32], activation: Activation) -> Self {
        shape.check();
        assert_eq!(weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
        assert_eq!(bias.len(), shape.out_channels, "bias must have a value per output channel");
        let mut prepared = Self {
            shape: *shape,
            activation,
            arch: Arch::new(),
            weights: Buffer::default(),
            weights_len: 0,
            bias: Buffer::default(),
            bias_len: 0,
        };
        dispatch(prepared.arch, Prepare { prepared: &mut prepared, weight, bias });
        prepared
    }

    /// The shape for a batch of `batch` images.
    pub fn shape(&self, batch: usize) -> ConvShape {
        ConvShape { batch, ..self.shape }
    }

    /// `x` `[batch, height, width, in_channels]` to `y` `[batch, out_height, out_width, out_channels]`.
    ///
    /// # Panics
    /// If a slice does not match the shape, or the lengths for this batch do not fit in memory.
    pub fn forward(&mut self, workspace: &mut Workspace, batch: usize, x: &[f32], y: &mut [f32]) {
        let shape = self.shape(batch);
        shape.check();
        assert_eq!(x.len(), shape.input_len(), "x must be {shape:?}'s input");
        assert_eq!(y.len(), shape.output_len(), "y must be {shape:?}'s output");
        dispatch(self.arch, Forward { prepared: self, workspace, shape, x, y });
    }

    /// Transforms the `packed` weights, of `weights_len` floats, for `F`.
    #[inline(always)]
    fn transform<F: Filtering<TILE, PATCH>, const TILE: usize, const PATCH: usize, S: Simd>(
        &mut self,
        simd: S,
        correlation: &Correlation,
        packed: &mut Buffer<f32>,
    ) {
        let packed_len =
            std::mem::replace(&mut self.weights_len, winograd::transformed_len::<S>(correlation, F::PRODUCTS));
        let transformed = self.weights.stale(self.weights_len);
        let packed = &*packed.stale(packed_len);
        simd.vectorize(TransformWeights { filtering: PhantomData::<F>, correlation, packed, transformed });
    }
}

struct Prepare<'a> {
    prepared: &'a mut PreparedConvolution,
    weight: &'a [f32],
    bias: &'a [f32],
}

impl WithSimd for Prepare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { prepared, weight, bias } = self;
        let (source, correlation) = (weight_source(&prepared.shape), correlation_of(&prepared.shape));
        let mut packed = Buffer::default();
        prepared.weights_len = source.packed_len::<S>();
        source.pack(simd, weight, packed.stale(prepared.weights_len));
        match winograd::method(&correlation) {
            Method::Direct => prepared.weights = packed,
            Method::F2x2 => prepared.transform::<F2x2, _, _, S>(simd, &correlation, &mut packed),
            Method::F4x4 => prepared.transform::<F4x4, _, _, S>(simd, &correlation, &mut packed),
            Method::F5x5 => prepared.transform::<F5x5, _, _, S>(simd, &correlation, &mut packed),
        }
        prepared.bias_len = vectors::<S>(bias.len()) * S::F32_LANES;
        prepared.bias.cleared(prepared.bias_len)[..bias.len()].copy_from_slice(bias);
    }
}

struct Forward<'a> {
    prepared: &'a mut PreparedConvolution,
    workspace: &'a mut Workspace,
    shape: ConvShape,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { prepared, workspace, shape, x, y } = self;
        let correlation = correlation_of(&shape);
        let weights = &*prepared.weights.stale(prepared.weights_len);
        let bias = &*prepared.bias.stale(prepared.bias_len);
        let relu = prepared.activation == Activation::Relu;
        let mut operands = Operands { x, weights, bias, y, argmax: &mut [], relu };
        let (correlation, operands, buffers) = (&correlation, &mut operands, &mut workspace.winograd);
        match winograd::method(correlation) {
            Method::Direct => correlation.run_directly(simd, operands),
            Method::F2x2 => {
                let filtering = PhantomData::<F2x2>;
                simd.vectorize(Winograd { filtering, correlation, weights, operands, buffers });
            }
            Method::F4x4 => {
                let filtering = PhantomData::<F4x4>;
                simd.vectorize(Winograd { filtering, correlation, weights, operands, buffers });
            }
            Method::F5x5 => {
                let filtering = PhantomData::<F5x5>;
                simd.vectorize(Winograd { filtering, correlation, weights, operands, buffers });
            }
        }
        if !relu {
            prepared.activation.apply_all(simd, y);
        }
    }
}
