//! 3x3 cross-correlation by Winograd's minimal filtering (Lavin and Gray 2016): F(2x2, 3x3) everywhere, and F(4x4, 3x3) and
//! F(5x5, 3x3), which need fewer multiplications and round more, for weights prepared once.
//!
//! A tile of 2x2 or 4x4 is made of whole pooling windows of 2, so pooling needs no separate pass.

mod arithmetic;
pub(super) mod f2x2;
pub(super) mod f4x4;
pub(super) mod f5x5;
pub(super) mod filtering;
mod grid;
mod output;
mod patch;
mod products;
mod weights;

pub(super) use grid::{Grid, TilePosition};
pub(super) use patch::Patch;
pub(super) use products::multiply;
pub(super) use weights::{TransformWeights, transformed_len};

use std::marker::PhantomData;

use super::correlation::{Correlation, Operands};
use crate::simd::lanes::{vector_tiles, vectors};
use crate::workspace::WinogradBuffers;
use filtering::Filtering;
use output::{Output, POOL};
use pulp::{Simd, WithSimd};

/// With fewer input or output channels, the transforms cost more than they save.
const LEAST_CHANNELS: usize = 16;

/// Whether Winograd convolution supports `correlation` and is faster than direct convolution: it saves a fifth of the
/// multiplications at least, which it does not where many taps meet the padding or tiles reach past the outputs.
pub(crate) fn pays(correlation: &Correlation) -> bool {
    let c = correlation;
    let supported =
        c.kernel == 3 && c.pool <= POOL && c.in_channels >= LEAST_CHANNELS && c.out_channels >= LEAST_CHANNELS;
    supported && {
        let grid = Grid::new(c, f2x2::TILE);
        4 * c.taps() > 5 * f2x2::PRODUCTS * grid.rows * grid.columns
    }
}

/// How a correlation with weights prepared once is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Tap by tap.
    Direct,
    /// By [`F2x2`](f2x2::F2x2).
    F2x2,
    /// By [`F4x4`](f4x4::F4x4).
    F4x4,
    /// By [`F5x5`](f5x5::F5x5).
    F5x5,
}

/// The fastest method for `correlation`, which does not depend on its batch: that of the fewest products, if it has a quarter fewer
/// than F(2x2, 3x3), whose transforms are smaller. Tiles of 4x4 fill maps of 14x14 and 7x7 well, of which they cover 16x16 and 8x8;
/// tiles of 5x5, which cannot pool, those of 10x10.
pub(super) fn method(correlation: &Correlation) -> Method {
    let products = |tile, products| {
        let grid = Grid::new(correlation, tile);
        products * grid.rows * grid.columns
    };
    let (by_4, by_5) = (products(f4x4::TILE, f4x4::PRODUCTS), products(f5x5::TILE, f5x5::PRODUCTS));
    let (larger, least) = match correlation.pool == 1 && by_5 < by_4 {
        true => (Method::F5x5, by_5),
        false => (Method::F4x4, by_4),
    };
    if !pays(correlation) {
        Method::Direct
    } else if 4 * least < 3 * products(f2x2::TILE, f2x2::PRODUCTS) {
        larger
    } else {
        Method::F2x2
    }
}

/// A whole correlation by `F`, for which Winograd convolution [`pays`].
pub(crate) struct Winograd<'a, 'b, F, const TILE: usize, const PATCH: usize> {
    /// The tiles and their transforms.
    pub filtering: PhantomData<F>,
    pub correlation: &'a Correlation,
    /// The output of [`TransformWeights`]. The weights in `operands` are not read.
    pub weights: &'a [f32],
    pub operands: &'a mut Operands<'b>,
    pub buffers: &'a mut WinogradBuffers,
}

impl<F: Filtering<TILE, PATCH>, const TILE: usize, const PATCH: usize> WithSimd for Winograd<'_, '_, F, TILE, PATCH> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { correlation: c, weights, operands, buffers, .. } = self;
        assert!(weights.len() >= transformed_len::<S>(c, F::PRODUCTS));
        let grid = Grid::new(c, TILE);
        let tiles = c.batch * grid.rows * grid.columns;
        let zeros = &*buffers.zeros.cleared(c.in_channels);
        let mut next = TilePosition::default();
        for first in (0..tiles).step_by(F::BLOCK) {
            let count = F::BLOCK.min(tiles - first);
            let start = next;
            let patches = buffers.patches.stale(F::PRODUCTS * F::BLOCK * c.in_channels);
            for tile in 0..count {
                let patch = Patch::of(c, next, operands.x, zeros);
                patch.transform::<F, TILE, S>(simd, &mut patches[tile * c.in_channels..]);
                next = grid.after(next);
            }
            let mut packed = 0;
            for (vector, size) in vector_tiles(vectors::<S>(c.out_channels)) {
                let width = size * S::F32_LANES;
                let products = buffers.products.stale(F::PRODUCTS * F::BLOCK * width);
                let weights = &weights[packed..][..F::PRODUCTS * c.in_channels * width];
                packed += weights.len();
                multiply(simd, [F::PRODUCTS, F::BLOCK, count], c.in_channels, size, patches, weights, products);
                let channel = vector * S::F32_LANES;
                let bias = &operands.bias[channel..][..width];
                let output = Output { c, channel, width, bias, relu: operands.relu };
                let mut position = start;
                for tile in 0..count {
                    let products = &products[tile * width..];
                    output.write::<F, TILE, PATCH, S>(simd, position, products, operands.y, operands.argmax);
                    position = grid.after(position);
                }
            }
        }
    }
}
