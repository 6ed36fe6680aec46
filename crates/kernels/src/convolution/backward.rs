//! Backward pass of a convolution block.
//!
//! Max pooling leaves one gradient per window and channel, and ReLU zeroes more. When few gradients are left,
//! `backward::sparse` visits only the non-zero ones; otherwise `backward::dense` visits every position, or `backward::winograd`
//! every tile of positions.

mod border;
mod dense;
mod group;
mod sparse;
mod winograd;

use super::shape::ConvShape;
use crate::activation::Activation;
use crate::length::product;
use crate::simd::lanes::vectors;
use crate::workspace::Workspace;
use dense::DenseGradient;
use group::{AddGroup, Group};
use pulp::{Simd, WithSimd};
use sparse::SparseGradient;
use winograd::WinogradGradient;

/// Values saved by the forward pass.
#[derive(Debug, Clone, Copy)]
pub struct ConvSaved<'a> {
    /// Input `[batch, height, width, in_channels]`.
    pub x: &'a [f32],
    /// Weight `[out_channels, in_channels, kernel, kernel]`.
    pub weight: &'a [f32],
    /// Output after pooling and activation; may be empty for [`Activation::Identity`].
    pub y: &'a [f32],
    /// Window index of each maximum, shaped like the output; may be empty without pooling.
    pub argmax: &'a [u8],
}

/// Outputs of the backward pass.
#[derive(Debug)]
pub struct ConvGradients<'a> {
    /// Gradient of the input, if needed.
    pub dx: Option<&'a mut [f32]>,
    /// Gradient of the weight, in its layout.
    pub dweight: &'a mut [f32],
    /// Gradient of the bias.
    pub dbias: &'a mut [f32],
}

/// Gradients of [`crate::convolution_forward`] from `dy`, the gradient of its output: `[batch, out_height, out_width,
/// out_channels]`.
///
/// If a value of `dy` is NaN or infinite, every gradient it contributes to is NaN or infinite, and other values of `dx` and
/// of `dweight` may be.
///
/// ```
/// use kernels::{Activation, ConvGradients, ConvSaved, ConvShape, Workspace, convolution_backward};
///
/// // The last of four places was the greatest: its pixels are the weights' gradients, and get those of the input.
/// let shape =
///     ConvShape { batch: 1, height: 3, width: 3, in_channels: 1, out_channels: 1, kernel: 2, padding: 0, pool: 2 };
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
/// let saved = ConvSaved { x: &x, weight: &[1.0; 4], y: &[28.0], argmax: &[3] };
/// let (mut dx, mut dweight, mut dbias) = ([0.0; 9], [0.0; 4], [0.0]);
/// let gradients = ConvGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
/// convolution_backward(&mut Workspace::new(), &shape, &saved, Activation::Relu, &[1.0], gradients);
/// assert_eq!(dweight, [5.0, 6.0, 8.0, 9.0]);
/// assert_eq!(dx, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
/// assert_eq!(dbias, [1.0]);
/// ```
///
/// # Panics
/// If a slice does not fit the shape, or the shape cannot be computed, as for [`crate::convolution_forward`].
pub fn convolution_backward(
    workspace: &mut Workspace,
    shape: &ConvShape,
    saved: &ConvSaved,
    activation: Activation,
    dy: &[f32],
    gradients: ConvGradients,
) {
    shape.check();
    let outputs = shape.output_len();
    assert_eq!(saved.x.len(), shape.input_len(), "x must be {shape:?}'s input");
    assert_eq!(saved.weight.len(), shape.weight_len(), "weight must be {shape:?}'s weight");
    assert_eq!(dy.len(), outputs, "dy must be {shape:?}'s output");
    let needs_no_y = saved.y.is_empty() && activation == Activation::Identity;
    assert!(saved.y.len() == outputs || needs_no_y, "y must be {shape:?}'s output");
    assert!(saved.argmax.len() == outputs || shape.pool == 1, "argmax must be {shape:?}'s output");
    assert_eq!(gradients.dweight.len(), shape.weight_len(), "dweight must be {shape:?}'s weight");
    assert_eq!(gradients.dbias.len(), shape.out_channels, "dbias must have a value per output channel");
    if let Some(dx) = &gradients.dx {
        assert_eq!(dx.len(), shape.input_len(), "dx must be {shape:?}'s input");
    }
    let arch = workspace.arch;
    arch.dispatch(Backward { workspace, shape, saved, activation, dy, gradients });
}

struct Backward<'a> {
    workspace: &'a mut Workspace,
    shape: &'a ConvShape,
    saved: &'a ConvSaved<'a>,
    activation: Activation,
    dy: &'a [f32],
    gradients: ConvGradients<'a>,
}

/// Whether visiting the non-zero gradients is cheaper than visiting every position.
fn sparse_pays<S: Simd>(shape: &ConvShape) -> bool {
    /// Cost of finding and starting one gradient, in vector operations.
    const START: usize = 6;
    let per_gradient = shape.kernel * vectors::<S>(shape.kernel * shape.in_channels) + START;
    let per_position = shape.kernel * shape.kernel * shape.in_channels * vectors::<S>(shape.out_channels);
    // Offsets in the padded input are stored in 32 bits.
    let image = product([shape.padded_height(), shape.padded_width(), shape.in_channels]);
    image < (1 << 25) && shape.pool > 1 && shape.out_channels * per_gradient < shape.pool * shape.pool * per_position
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let shape = self.shape;
        let wants_dx = self.gradients.dx.is_some();
        let padded = vectors::<S>(shape.out_channels) * S::F32_LANES;
        self.workspace.channels.cleared(padded);
        if sparse_pays::<S>(shape) {
            let sparse = SparseGradient::start(simd, self.workspace, shape, self.saved.weight, wants_dx);
            self.for_groups(simd, sparse.group, &sparse);
            sparse.finish(self.workspace, self.gradients.dweight);
        } else if winograd::pays(shape) {
            let winograd = WinogradGradient::start(simd, self.workspace, shape, self.saved.weight, wants_dx);
            self.for_groups(simd, winograd.group, &winograd);
            winograd.finish(simd, self.workspace, self.gradients.dweight);
        } else {
            let dense = DenseGradient::start(simd, self.workspace, shape, self.saved.weight, wants_dx);
            self.for_groups(simd, dense.group, &dense);
            dense.finish(self.workspace, self.gradients.dweight);
        }
        self.gradients.dbias.copy_from_slice(&self.workspace.channels.stale(padded)[..shape.out_channels]);
    }
}

impl Backward<'_> {
    /// For each group of images: writes the gradient before the activation to `workspace.gradient`, adds it to the bias
    /// gradient in `workspace.channels`, and passes the group to `method`.
    #[inline(always)]
    fn for_groups<S: Simd>(&mut self, simd: S, images: usize, method: &impl AddGroup) {
        let shape = self.shape;
        let (input, output) = (shape.image_len(), shape.positions() * shape.out_channels);
        let mut first = 0;
        while first < shape.batch {
            let images = images.min(shape.batch - first);
            let inputs = first * input..(first + images) * input;
            let outputs = first * output..(first + images) * output;
            let sums = self.workspace.channels.stale(vectors::<S>(shape.out_channels) * S::F32_LANES);
            // One extra vector, because the dense gradient reads whole vectors.
            let dz = self.workspace.gradient.stale(outputs.len() + S::F32_LANES);
            let y = if self.saved.y.is_empty() { &[] } else { &self.saved.y[outputs.clone()] };
            let dy = &self.dy[outputs.clone()];
            self.activation.gradient_rows(simd, y, dy, &mut dz[..outputs.len()], shape.out_channels, sums);
            let group = Group {
                images,
                x: &self.saved.x[inputs.clone()],
                argmax: if shape.pool == 1 { &[] } else { &self.saved.argmax[outputs] },
                dx: self.gradients.dx.as_deref_mut().map(|dx| &mut dx[inputs]),
            };
            method.add(simd, self.workspace, group);
            first += images;
        }
    }
}
