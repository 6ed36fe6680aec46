//! Transforms products into outputs and pools them if the correlation pools.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use super::grid::{BLOCK, PATCH, PRODUCTS, TILE, TilePosition};
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load, load_row, store_indices, store_row, wins};
use pulp::Simd;

/// `Aᵀ m` for one column of products.
#[inline(always)]
fn collect_products<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; TILE] {
    [simd.add_f32s(simd.add_f32s(a, b), c), simd.sub_f32s(simd.sub_f32s(b, c), d)]
}

/// The outputs of one tile of vectors of channels.
pub(super) struct Output<'a> {
    pub c: &'a Correlation,
    /// First channel.
    pub channel: usize,
    /// Channels of the tile of vectors, padding included.
    pub width: usize,
    /// `width` biases.
    pub bias: &'a [f32],
}

impl Output<'_> {
    /// Writes `Aᵀ m A` plus bias for the tile at `position`, pooled if the correlation pools.
    #[inline(always)]
    pub fn write<S: Simd>(&self, simd: S, position: TilePosition, products: &[f32], y: &mut [f32], argmax: &mut [u8]) {
        let plane = BLOCK * self.width;
        assert!(products.len() >= (PRODUCTS - 1) * plane + self.width);
        for first in (0..self.width).step_by(S::F32_LANES) {
            let mut rows = [[simd.splat_f32s(0.0); TILE]; PATCH];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    let at = (row * PATCH + column) * plane + first;
                    // SAFETY: the assertion above; `width` is made of whole vectors.
                    values[column] = unsafe { load::<S>(products.as_ptr().add(at)) };
                }
                rows[row] = collect_products(simd, values);
            }
            let bias = load_row(simd, self.bias, first);
            let mut tile = [[simd.splat_f32s(0.0); TILE]; TILE];
            for column in 0..TILE {
                let products = [rows[0][column], rows[1][column], rows[2][column], rows[3][column]];
                let [top, bottom] = collect_products(simd, products);
                tile[0][column] = simd.add_f32s(top, bias);
                tile[1][column] = simd.add_f32s(bottom, bias);
            }
            if self.c.pool == TILE {
                self.write_maximum(simd, position, first, tile, y, argmax);
            } else {
                self.write_all(simd, position, first, tile, y);
            }
        }
    }

    /// Writes the maximum of the tile: the first in row-major order, with NaN above all other values.
    #[inline(always)]
    fn write_maximum<S: Simd>(
        &self,
        simd: S,
        position: TilePosition,
        first: usize,
        tile: [[S::f32s; TILE]; TILE],
        y: &mut [f32],
        argmax: &mut [u8],
    ) {
        let mut best = tile[0][0];
        let mut indices = simd.splat_u32s(0);
        for index in 1..TILE * TILE {
            let value = tile[index / TILE][index % TILE];
            let wins = wins(simd, value, best);
            best = simd.select_f32s(wins, value, best);
            indices = simd.select_u32s(wins, simd.splat_u32s(index as u32), indices);
        }
        let row = self.row(position.image, position.row, position.column);
        store_row(simd, &mut y[row..][..self.c.out_channels], self.channel + first, best);
        if !argmax.is_empty() {
            store_indices(simd, &mut argmax[row..][..self.c.out_channels], self.channel + first, indices);
        }
    }

    /// Writes all values of the tile that lie inside the output.
    #[inline(always)]
    fn write_all<S: Simd>(
        &self,
        simd: S,
        position: TilePosition,
        first: usize,
        tile: [[S::f32s; TILE]; TILE],
        y: &mut [f32],
    ) {
        for row in 0..TILE {
            for column in 0..TILE {
                let (y_row, y_column) = (position.row * TILE + row, position.column * TILE + column);
                if y_row < self.c.out_height && y_column < self.c.out_width {
                    let start = self.row(position.image, y_row, y_column);
                    let target = &mut y[start..][..self.c.out_channels];
                    store_row(simd, target, self.channel + first, tile[row][column]);
                }
            }
        }
    }

    /// Offset of the output at a position of an image.
    #[inline(always)]
    fn row(&self, image: usize, row: usize, column: usize) -> usize {
        ((image * self.c.out_height + row) * self.c.out_width + column) * self.c.out_channels
    }
}
