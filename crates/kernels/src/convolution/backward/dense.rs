//! Gradients of a convolution from the gradient at every output position.

use super::border::pad_images;
use super::group::{AddGroup, Group, images_of_dense_group, weight_source_of_outputs, write_weight_gradient};
use crate::convolution::correlation::{Correlation, Operands};
use crate::convolution::shape::ConvShape;
use crate::gemm::outer_sum::{OuterSum, OuterTarget, Pooling, Rows};
use crate::simd::lanes::vectors;
use crate::workspace::{Buffer, Workspace};
use pulp::Simd;

/// Below this many input channels, all taps share a tile.
const FEW_CHANNELS: usize = 8;
/// Images in a full tile.
const FULL_GROUP: usize = 12;

/// The dense backward pass of one batch.
pub(crate) struct DenseGradient<'a> {
    shape: &'a ConvShape,
    /// Images per call of [`AddGroup::add`].
    pub group: usize,
    /// Floats of a row of `workspace.sums`, which is `[tap][in channel][out channel]`.
    row: usize,
}

impl AddGroup for DenseGradient<'_> {
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group) {
        let shape = self.shape;
        let len = group.images * shape.kept_height() * shape.kept_width() * shape.out_channels;
        let pooled = group.images * shape.positions() * shape.out_channels;
        let few = shape.in_channels < FEW_CHANNELS;
        let sums = workspace.sums.stale(shape.kernel * shape.kernel * shape.in_channels * self.row);
        let dz = &*workspace.gradient.stale(pooled + S::F32_LANES);
        if few {
            self.add_weights_of_few_channels(simd, &group, &mut workspace.input, dz, sums);
        }
        if few && group.dx.is_none() {
            return;
        }
        let dz = if shape.pool == 1 {
            dz
        } else {
            let expanded = workspace.expanded.stale(len + S::F32_LANES);
            expand(shape, &dz[..pooled], group.argmax, &mut expanded[..len]);
            expanded
        };
        if !few {
            self.add_weights(simd, &group, dz, sums);
        }
        if let Some(dx) = group.dx {
            let zeros = workspace.input.cleared(vectors::<S>(shape.in_channels) * S::F32_LANES);
            let weights = vectors::<S>(shape.in_channels) * S::F32_LANES;
            let weights = workspace.weights.stale(shape.kernel * shape.kernel * shape.out_channels * weights);
            let mut operands = Operands { x: dz, weights, bias: zeros, y: dx, argmax: &mut [], relu: false };
            self.input_correlation(group.images).run(simd, &mut operands, &mut workspace.winograd);
        }
    }
}

impl<'a> DenseGradient<'a> {
    /// Packs the weights if the input gradient is wanted, and clears the sums.
    #[inline(always)]
    pub fn start<S: Simd>(
        simd: S,
        workspace: &mut Workspace,
        shape: &'a ConvShape,
        weight: &[f32],
        wants_dx: bool,
    ) -> Self {
        let taps = shape.kernel * shape.kernel;
        if wants_dx {
            let source = weight_source_of_outputs(shape, true);
            source.pack(simd, weight, workspace.weights.stale(source.packed_len::<S>()));
        }
        let row = vectors::<S>(shape.out_channels) * S::F32_LANES;
        workspace.sums.cleared(taps * shape.in_channels * row);
        let fitting = images_of_dense_group(shape, row);
        let group = if fitting > FULL_GROUP { fitting / FULL_GROUP * FULL_GROUP } else { fitting };
        Self { shape, group, row }
    }

    /// The correlation that computes the input gradient from the output gradient.
    fn input_correlation(&self, images: usize) -> Correlation {
        let shape = self.shape;
        Correlation {
            batch: images,
            height: shape.kept_height(),
            width: shape.kept_width(),
            in_channels: shape.out_channels,
            out_height: shape.height,
            out_width: shape.width,
            out_channels: shape.in_channels,
            kernel: shape.kernel,
            padding: shape.kernel as isize - 1 - shape.padding as isize,
            pool: 1,
        }
    }

    /// Sums all taps at once, over a padded copy of the input, from the gradient at pooled positions.
    #[inline(always)]
    fn add_weights_of_few_channels<S: Simd>(
        &self,
        simd: S,
        group: &Group,
        buffer: &mut Buffer<f32>,
        dz: &[f32],
        sums: &mut [f32],
    ) {
        let shape = self.shape;
        let width = (shape.width + 2 * shape.padding) * shape.in_channels;
        let image = (shape.height + 2 * shape.padding) * width;
        let a = if shape.padding == 0 {
            group.x
        } else {
            let padded = buffer.stale(group.images * image);
            pad_images(shape, group.x, padded);
            padded
        };
        let outer = shape.out_channels;
        let strides = [width, shape.in_channels];
        let sum = OuterSum {
            steps: [group.images, shape.out_height(), shape.out_width()],
            a,
            a_strides: [image, width * shape.pool, shape.in_channels * shape.pool],
            b: dz,
            b_strides: [shape.positions() * outer, shape.out_width() * outer, outer],
            pooling: (shape.pool > 1).then_some(Pooling { pool: shape.pool, argmax: group.argmax, strides }),
        };
        let mut target = OuterTarget { values: sums, row_stride: self.row, accumulate: true };
        let run = shape.kernel * shape.in_channels;
        let rows = Rows { count: shape.kernel * run, run, pitch: width };
        sum.run(simd, rows, outer, &mut target);
    }

    /// Sums tap by tap, over the positions where the tap meets the input.
    #[inline(always)]
    fn add_weights<S: Simd>(&self, simd: S, group: &Group, dz: &[f32], sums: &mut [f32]) {
        let shape = self.shape;
        let (inner, outer) = (shape.in_channels, shape.out_channels);
        let (height, width) = (shape.kept_height(), shape.kept_width());
        for (tap, sums) in sums.chunks_exact_mut(inner * self.row).enumerate() {
            let rows = tap_range(tap / shape.kernel, shape.padding, shape.height, height);
            let columns = tap_range(tap % shape.kernel, shape.padding, shape.width, width);
            if rows.count == 0 || columns.count == 0 {
                continue;
            }
            let sum = OuterSum {
                steps: [group.images, rows.count, columns.count],
                a: &group.x[(rows.input * shape.width + columns.input) * inner..],
                a_strides: [shape.image_len(), shape.width * inner, inner],
                b: &dz[(rows.output * width + columns.output) * outer..],
                b_strides: [height * width * outer, width * outer, outer],
                pooling: None,
            };
            let mut target = OuterTarget { values: sums, row_stride: self.row, accumulate: true };
            sum.run(simd, Rows::contiguous(inner), outer, &mut target);
        }
    }

    /// Writes the weight gradient.
    pub fn finish(&self, workspace: &mut Workspace, dweight: &mut [f32]) {
        let taps = self.shape.kernel * self.shape.kernel;
        let sums = workspace.sums.stale(taps * self.shape.in_channels * self.row);
        write_weight_gradient(self.shape, self.row, sums, dweight);
    }
}

/// The positions of one dimension where a tap meets the input.
struct TapRange {
    /// First position in the input.
    input: usize,
    /// First position in the output.
    output: usize,
    count: usize,
}

fn tap_range(tap: usize, padding: usize, input: usize, output: usize) -> TapRange {
    let first = padding.saturating_sub(tap);
    let end = (input + padding).saturating_sub(tap).min(output);
    TapRange { input: (first + tap).saturating_sub(padding), output: first, count: end.saturating_sub(first) }
}

/// Spreads the gradient at pooled positions over all kept positions.
#[inline(always)]
fn expand(shape: &ConvShape, pooled: &[f32], argmax: &[u8], dz: &mut [f32]) {
    let (channels, pool) = (shape.out_channels, shape.pool);
    let (height, width) = (shape.kept_height(), shape.kept_width());
    for (row, dz) in dz.chunks_exact_mut(width * channels).enumerate() {
        let (image, y) = (row / height, row % height);
        for (column, dz) in dz.chunks_exact_mut(channels).enumerate() {
            let index = (y % pool * pool + column % pool) as u8;
            let position = (image * shape.out_height() + y / pool) * shape.out_width() + column / pool;
            let source = &pooled[position * channels..][..channels];
            let argmax = &argmax[position * channels..][..channels];
            for ((value, source), argmax) in dz.iter_mut().zip(source).zip(argmax) {
                *value = if *argmax == index { *source } else { 0.0 };
            }
        }
    }
}
