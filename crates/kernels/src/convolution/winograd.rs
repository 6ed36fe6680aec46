//! 3x3 cross-correlation by Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2016): 16 multiplications for the
//! four outputs of a 2x2 tile, where direct convolution needs 36.
//!
//! A tile is also a pooling window of 2, so pooling needs no separate pass.

mod grid;
mod output;
mod patch;
mod products;
mod weights;

pub(super) use grid::{BLOCK, Grid, PATCH, PRODUCTS, TILE, TilePosition};
pub(super) use patch::Patch;
pub(super) use products::multiply;
pub(super) use weights::{TransformWeights, transformed_len};

use super::correlation::{Correlation, Operands};
use crate::simd::lanes::{vector_tiles, vectors};
use crate::workspace::WinogradBuffers;
use output::Output;
use pulp::{Simd, WithSimd};

/// With fewer input or output channels, the transforms cost more than they save.
const LEAST_CHANNELS: usize = 16;

/// Whether Winograd convolution supports `correlation` and is faster than direct convolution: it saves a fifth of the
/// multiplications at least, which it does not where many taps meet the padding or tiles reach past the outputs.
pub(crate) fn pays(correlation: &Correlation) -> bool {
    let c = correlation;
    let supported =
        c.kernel == 3 && c.pool <= TILE && c.in_channels >= LEAST_CHANNELS && c.out_channels >= LEAST_CHANNELS;
    supported && {
        let grid = Grid::new(c);
        4 * c.taps() > 5 * PRODUCTS * grid.rows * grid.columns
    }
}

/// A whole correlation for which Winograd convolution [`pays`].
pub(crate) struct Winograd<'a, 'b> {
    pub correlation: &'a Correlation,
    /// The output of [`TransformWeights`]. The weights in `operands` are not read.
    pub weights: &'a [f32],
    pub operands: &'a mut Operands<'b>,
    pub buffers: &'a mut WinogradBuffers,
}

impl WithSimd for Winograd<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { correlation: c, weights, operands, buffers } = self;
        assert!(weights.len() >= transformed_len::<S>(c));
        let grid = Grid::new(c);
        let tiles = c.batch * grid.rows * grid.columns;
        let zeros = &*buffers.zeros.cleared(c.in_channels);
        let mut next = TilePosition::default();
        for first in (0..tiles).step_by(BLOCK) {
            let count = BLOCK.min(tiles - first);
            let mut positions = [TilePosition::default(); BLOCK];
            let patches = buffers.patches.stale(PRODUCTS * BLOCK * c.in_channels);
            for (tile, position) in positions[..count].iter_mut().enumerate() {
                *position = next;
                next = grid.after(next);
                let patch = Patch::of(c, *position, operands.x, zeros);
                patch.transform(simd, &mut patches[tile * c.in_channels..]);
            }
            let mut packed = 0;
            for (vector, size) in vector_tiles(vectors::<S>(c.out_channels)) {
                let width = size * S::F32_LANES;
                let products = buffers.products.stale(PRODUCTS * BLOCK * width);
                let weights = &weights[packed..][..PRODUCTS * c.in_channels * width];
                packed += weights.len();
                multiply(simd, count, c.in_channels, size, patches, weights, products);
                let channel = vector * S::F32_LANES;
                let bias = &operands.bias[channel..][..width];
                let output = Output { c, channel, width, bias };
                for (tile, position) in positions[..count].iter().enumerate() {
                    output.write(simd, *position, &products[tile * width..], operands.y, operands.argmax);
                }
            }
        }
    }
}
