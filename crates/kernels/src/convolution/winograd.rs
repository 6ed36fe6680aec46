//! 3x3 cross-correlation by Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2016): 16 multiplications for the four
//! outputs of a 2x2 tile where the direct way takes 36.
//!
//! A tile is also a pooling window of 2, so pooling needs no pass of its own.

mod grid;
mod output;
mod patch;
mod products;
mod weights;

pub(super) use weights::{TransformWeights, transformed_len};

use super::correlation::{Correlation, Operands};
use crate::simd::lanes::{vector_tiles, vectors};
use crate::workspace::WinogradBuffers;
use grid::{BLOCK, Grid, PRODUCTS, Place, TILE};
use output::Output;
use patch::Patch;
use products::multiply;
use pulp::{Simd, WithSimd};

/// With fewer channels on either side, the transforms cost more than they save.
const LEAST_CHANNELS: usize = 16;

/// Whether Winograd's way computes `correlation`, and faster than the direct one.
pub(crate) fn pays(correlation: &Correlation) -> bool {
    let c = correlation;
    c.kernel == 3 && c.pool <= TILE && c.in_channels >= LEAST_CHANNELS && c.out_channels >= LEAST_CHANNELS
}

/// A whole correlation for which it [`pays`].
pub(crate) struct Winograd<'a, 'b> {
    pub correlation: &'a Correlation,
    /// As [`TransformWeights`] gives them; those of `operands` are not read.
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
        for first in (0..tiles).step_by(BLOCK) {
            let count = BLOCK.min(tiles - first);
            let mut places = [Place::default(); BLOCK];
            let patches = buffers.patches.stale(PRODUCTS * BLOCK * c.in_channels);
            for (tile, place) in places[..count].iter_mut().enumerate() {
                *place = grid.place(first + tile);
                let patch = Patch::of(c, *place, operands.x, zeros);
                patch.transform(simd, c.in_channels, &mut patches[tile * c.in_channels..]);
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
                for (tile, place) in places[..count].iter().enumerate() {
                    output.write(simd, *place, &products[tile * width..], operands.y, operands.argmax);
                }
            }
        }
    }
}
