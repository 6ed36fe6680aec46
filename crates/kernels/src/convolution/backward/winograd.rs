//! Gradients of a 3x3 convolution without pooling by Winograd's algorithm: the adjoint of its forward pass.
//!
//! The forward pass computes each 2x2 tile of outputs as `Aᵀ [(G g Gᵀ) (Bᵀ d B)] A`, its products one by one. So from the
//! tile's gradient `dY`, the gradient of the products is `T = A dY Aᵀ`; that of the weights is `Gᵀ [T (Bᵀ d B)] G`, summed over all
//! tiles before the last transform; and that of the input patch is `B [T (G g Gᵀ)] Bᵀ`, added where patches overlap. Both need 16
//! multiplications a tile and pair of channels, where visiting every position and tap needs 36.

mod transforms;

use std::marker::PhantomData;

use super::group::{AddGroup, Group, images_of_dense_group, weight_source_of_outputs, write_weight_gradient};
use crate::convolution::correlation::Correlation;
use crate::convolution::forward::correlation_of;
use crate::convolution::shape::ConvShape;
use crate::convolution::winograd::f2x2::{BLOCK, F2x2, PRODUCTS, TILE};
use crate::convolution::winograd::{self, Grid, Patch, TilePosition, TransformWeights, multiply, transformed_len};
use crate::gemm::outer_sum::{OuterSum, OuterTarget, Rows};
use crate::simd::lanes::{vector_tiles, vectors};
use crate::workspace::Workspace;
use pulp::Simd;

/// Whether this way supports `shape` and is faster than visiting every position.
pub(super) fn pays(shape: &ConvShape) -> bool {
    shape.pool == 1 && winograd::pays(&correlation_of(shape))
}

/// The backward pass of one batch.
pub(super) struct WinogradGradient<'a> {
    shape: &'a ConvShape,
    /// Images per call of [`AddGroup::add`].
    pub group: usize,
    /// Floats of a row of the products' sums, which are `[product][in channel][out channel]`.
    row: usize,
}

impl AddGroup for WinogradGradient<'_> {
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group) {
        let shape = self.shape;
        let (inner, outer) = (shape.in_channels, shape.out_channels);
        let forward = Correlation { batch: group.images, ..correlation_of(shape) };
        let grid = Grid::new(&forward, TILE);
        let tiles = group.images * grid.rows * grid.columns;
        let dz = &*workspace.gradient.stale(group.images * shape.positions() * outer + S::F32_LANES);
        let buffers = &mut workspace.winograd;
        let zeros = &*buffers.zeros.cleared(inner.max(outer));
        let sums = workspace.sums.stale(PRODUCTS * inner * self.row);
        let weights = &*buffers.weights.stale(transformed_len::<S>(&self.transposed(), PRODUCTS));
        let mut dx = group.dx;
        if let Some(dx) = &mut dx {
            dx.fill(0.0);
        }
        let mut next = TilePosition::default();
        for first in (0..tiles).step_by(BLOCK) {
            let count = BLOCK.min(tiles - first);
            let mut positions = [TilePosition::default(); BLOCK];
            let patches = buffers.patches.stale(PRODUCTS * BLOCK * inner);
            // One extra vector, because whole vectors are read.
            let gradients = buffers.gradients.stale(PRODUCTS * BLOCK * outer + S::F32_LANES);
            for (tile, position) in positions[..count].iter_mut().enumerate() {
                *position = next;
                next = grid.after(next);
                let patch = Patch::of(&forward, *position, group.x, zeros);
                patch.transform::<F2x2, TILE, S>(simd, &mut patches[tile * inner..]);
                transforms::spread_gradient(simd, shape, *position, dz, zeros, &mut gradients[tile * outer..]);
            }
            for (product, sums) in sums.chunks_exact_mut(inner * self.row).enumerate() {
                let sum = OuterSum {
                    steps: [1, 1, count],
                    a: &patches[product * BLOCK * inner..][..count * inner],
                    a_strides: [0, 0, inner],
                    b: &gradients[product * BLOCK * outer..],
                    b_strides: [0, 0, outer],
                    pooling: None,
                };
                let mut target = OuterTarget { values: sums, row_stride: self.row, accumulate: true };
                sum.run(simd, Rows::contiguous(inner), outer, &mut target);
            }
            let Some(dx) = &mut dx else { continue };
            let mut packed = 0;
            for (vector, size) in vector_tiles(vectors::<S>(inner)) {
                let width = size * S::F32_LANES;
                let products = buffers.products.stale(PRODUCTS * BLOCK * width);
                let weights = &weights[packed..][..PRODUCTS * outer * width];
                packed += weights.len();
                multiply(simd, [PRODUCTS, BLOCK, count], outer, size, gradients, weights, products);
                for (tile, position) in positions[..count].iter().enumerate() {
                    let channels = vector * S::F32_LANES..inner.min(vector * S::F32_LANES + width);
                    transforms::add_patch(simd, &forward, *position, channels, &products[tile * width..], width, dx);
                }
            }
        }
    }
}

impl<'a> WinogradGradient<'a> {
    /// Transforms the weights if the input gradient is wanted, and clears the sums.
    #[inline(always)]
    pub fn start<S: Simd>(
        simd: S,
        workspace: &mut Workspace,
        shape: &'a ConvShape,
        weight: &[f32],
        wants_dx: bool,
    ) -> Self {
        let row = vectors::<S>(shape.out_channels) * S::F32_LANES;
        let gradient = Self { shape, group: images_of_dense_group(shape, row), row };
        workspace.sums.cleared(PRODUCTS * shape.in_channels * row);
        if wants_dx {
            let source = weight_source_of_outputs(shape, false);
            let packed = workspace.weights.stale(source.packed_len::<S>());
            source.pack(simd, weight, packed);
            let correlation = &gradient.transposed();
            let transformed = workspace.winograd.weights.stale(transformed_len::<S>(correlation, PRODUCTS));
            simd.vectorize(TransformWeights { filtering: PhantomData::<F2x2>, correlation, packed, transformed });
        }
        gradient
    }

    /// The correlation's weights seen from its outputs: `[product][out channel][in channel]`.
    fn transposed(&self) -> Correlation {
        let forward = correlation_of(self.shape);
        Correlation { in_channels: forward.out_channels, out_channels: forward.in_channels, ..forward }
    }

    /// Writes the weight gradient.
    #[inline(always)]
    pub fn finish<S: Simd>(&self, simd: S, workspace: &mut Workspace, dweight: &mut [f32]) {
        let (inner, taps) = (self.shape.in_channels, self.shape.kernel * self.shape.kernel);
        let plane = inner * self.row;
        let sums = &*workspace.sums.stale(PRODUCTS * plane);
        let collected = workspace.weights.stale(taps * plane);
        transforms::collect_taps(simd, sums, collected, plane);
        write_weight_gradient(self.shape, self.row, collected, dweight);
    }
}
