//! Backward pass of a linear layer with its activation.

use super::shape::LinearShape;
use crate::activation::Activation;
use crate::convolution::correlation::Operands;
use crate::gemm::outer_sum::{OuterSum, OuterTarget, Rows};
use crate::gemm::pack::WeightSource;
use crate::simd::lanes::vectors;
use crate::workspace::Workspace;
use pulp::{Simd, WithSimd};

/// Values saved by the forward pass.
#[derive(Debug, Clone, Copy)]
pub struct LinearSaved<'a> {
    /// Input `[batch, in_features]`.
    pub x: &'a [f32],
    /// Weight `[out_features, in_features]`.
    pub weight: &'a [f32],
    /// Output after the activation; may be empty for [`Activation::Identity`].
    pub y: &'a [f32],
}

/// Outputs of the backward pass.
#[derive(Debug)]
pub struct LinearGradients<'a> {
    /// Gradient of the input, if needed.
    pub dx: Option<&'a mut [f32]>,
    /// Gradient of the weight, in its layout.
    pub dweight: &'a mut [f32],
    /// Gradient of the bias.
    pub dbias: &'a mut [f32],
}

/// Gradients of [`crate::linear_forward`] from `dy`, the gradient of its output: `[batch, out_features]`.
///
/// ```
/// use kernels::{Activation, LinearGradients, LinearSaved, LinearShape, Workspace, linear_backward};
///
/// let shape = LinearShape { batch: 1, in_features: 2, out_features: 1 };
/// let saved = LinearSaved { x: &[1.0, 2.0], weight: &[3.0, 4.0], y: &[] };
/// let (mut dx, mut dweight, mut dbias) = ([0.0; 2], [0.0; 2], [0.0]);
/// let gradients = LinearGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
/// linear_backward(&mut Workspace::new(), &shape, &saved, Activation::Identity, &[10.0], gradients);
/// assert_eq!((dx, dweight, dbias), ([30.0, 40.0], [10.0, 20.0], [10.0]));
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or a layer of no features or of lengths that no memory holds.
pub fn linear_backward(
    workspace: &mut Workspace,
    shape: &LinearShape,
    saved: &LinearSaved,
    activation: Activation,
    dy: &[f32],
    gradients: LinearGradients,
) {
    shape.check();
    let outputs = shape.output_len();
    assert_eq!(saved.x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(saved.weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(dy.len(), outputs, "dy must be {shape:?}'s output");
    let needs_no_y = saved.y.is_empty() && activation == Activation::Identity;
    assert!(saved.y.len() == outputs || needs_no_y, "y must be {shape:?}'s output");
    assert_eq!(gradients.dweight.len(), shape.weight_len(), "dweight must be {shape:?}'s weight");
    assert_eq!(gradients.dbias.len(), shape.out_features, "dbias must have a value per output");
    if let Some(dx) = &gradients.dx {
        assert_eq!(dx.len(), shape.input_len(), "dx must be {shape:?}'s input");
    }
    let arch = workspace.arch;
    arch.dispatch(Backward { workspace, shape, saved, activation, dy, gradients });
}

struct Backward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a LinearShape,
    saved: &'a LinearSaved<'a>,
    activation: Activation,
    dy: &'a [f32],
    gradients: LinearGradients<'a>,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let outputs = self.shape.out_features;
        let sums = self.workspace.channels.cleared(vectors::<S>(outputs) * S::F32_LANES);
        let dz = self.workspace.gradient.stale(self.dy.len());
        self.activation.gradient_rows(simd, self.saved.y, self.dy, dz, outputs, sums);
        self.gradients.dbias.copy_from_slice(&sums[..outputs]);
        self.weight(simd);
        if let Some(dx) = self.gradients.dx.take() {
            self.input(simd, dx);
        }
    }
}

impl Backward<'_> {
    /// Writes the weight gradient.
    #[inline(always)]
    fn weight<S: Simd>(&mut self, simd: S) {
        let shape = self.shape;
        if shape.batch == 0 {
            self.gradients.dweight.fill(0.0);
            return;
        }
        let dz = &*self.workspace.gradient.stale(self.dy.len());
        let x = if shape.in_features.is_multiple_of(S::F32_LANES) {
            self.saved.x
        } else {
            // The last vector of the last row extends past the input.
            let copy = self.workspace.input.stale(self.saved.x.len() + S::F32_LANES);
            copy[..self.saved.x.len()].copy_from_slice(self.saved.x);
            copy
        };
        let sum = OuterSum {
            steps: [1, 1, shape.batch],
            a: dz,
            a_strides: [0, 0, shape.out_features],
            b: x,
            b_strides: [0, 0, shape.in_features],
            pooling: None,
        };
        let mut target =
            OuterTarget { values: self.gradients.dweight, row_stride: shape.in_features, accumulate: false };
        sum.run(simd, Rows::contiguous(shape.out_features), shape.in_features, &mut target);
    }

    /// Writes the input gradient.
    #[inline(always)]
    fn input<S: Simd>(&mut self, simd: S, dx: &mut [f32]) {
        let shape = self.shape;
        let source = WeightSource {
            taps: 1,
            flip: false,
            depth: shape.out_features,
            depth_stride: shape.in_features,
            channels: shape.in_features,
            channel_stride: 1,
        };
        let weights = self.workspace.weights.stale(source.packed_len::<S>());
        source.pack(simd, self.saved.weight, weights);
        let bias = self.workspace.channels.cleared(vectors::<S>(shape.in_features) * S::F32_LANES);
        let dz = &*self.workspace.gradient.stale(self.dy.len());
        let correlation = LinearShape::correlation(shape.batch, shape.out_features, shape.in_features);
        let mut operands = Operands { x: dz, weights, bias, y: dx, argmax: &mut [], relu: false };
        correlation.run_directly(simd, &mut operands);
    }
}
