//! Transforms products into outputs and pools them if the correlation pools.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use super::filtering::Filtering;
use super::grid::TilePosition;
use crate::activation::Activation;
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load, load_row, store_first, store_indices, wins};
use pulp::Simd;

/// Side of the windows of outputs that pool.
pub(super) const POOL: usize = 2;

/// The outputs of one tile of vectors of channels.
pub(super) struct Output<'a> {
    pub c: &'a Correlation,
    /// First channel.
    pub channel: usize,
    /// Channels of the tile of vectors, padding included.
    pub width: usize,
    /// `width` biases.
    pub bias: &'a [f32],
    /// Whether ReLU is applied to the outputs.
    pub relu: bool,
}

/// The pooled outputs of one tile that lie inside the output.
struct Inside {
    rows: usize,
    columns: usize,
    /// Offset of the first one's first channel of the tile of vectors.
    start: usize,
    /// Floats from one row of outputs to the next.
    row: usize,
}

impl Output<'_> {
    /// Writes `Aᵀ m A` plus bias for the tile at `position`, pooled if the correlation pools.
    #[inline(always)]
    pub fn write<F: Filtering<TILE, PATCH>, const TILE: usize, const PATCH: usize, S: Simd>(
        &self,
        simd: S,
        position: TilePosition,
        products: &[f32],
        y: &mut [f32],
        argmax: &mut [u8],
    ) {
        let plane = F::BLOCK * self.width;
        assert!(products.len() >= (F::PRODUCTS - 1) * plane + self.width);
        let inside = self.inside::<TILE, S>(position, y.len(), argmax.len());
        for first in (0..self.width).step_by(S::F32_LANES) {
            let mut columns = [[simd.splat_f32s(0.0); PATCH]; TILE];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    let at = (row * PATCH + column) * plane + first;
                    // SAFETY: the assertion above; `width` is made of whole vectors.
                    values[column] = unsafe { load::<S>(products.as_ptr().add(at)) };
                }
                let values = F::collect_products(simd, values);
                for column in 0..TILE {
                    columns[column][row] = values[column];
                }
            }
            let bias = load_row(simd, self.bias, first);
            let mut tile = [[simd.splat_f32s(0.0); TILE]; TILE];
            for column in 0..TILE {
                let values = F::collect_products(simd, columns[column]);
                for row in 0..TILE {
                    tile[row][column] = simd.add_f32s(values[row], bias);
                }
            }
            if self.c.pool == POOL {
                self.write_maxima(simd, &inside, first, tile, y, argmax);
            } else {
                self.write_all(simd, &inside, first, tile, y);
            }
        }
    }

    /// Where the outputs of the tile at `position` go; panics if `y` or `argmax`, of these lengths, ends before.
    #[inline(always)]
    fn inside<const TILE: usize, S: Simd>(&self, position: TilePosition, y: usize, argmax: usize) -> Inside {
        let c = self.c;
        let windows = if c.pool == POOL { TILE / POOL } else { TILE };
        let (row, column) = (position.row * windows, position.column * windows);
        let (rows, columns) = (windows.min(c.out_height - row), windows.min(c.out_width - column));
        let first = ((position.image * c.out_height + row) * c.out_width + column) * c.out_channels;
        let inside = Inside { rows, columns, start: first + self.channel, row: c.out_width * c.out_channels };
        let end = first + (rows - 1) * inside.row + columns * c.out_channels;
        assert!(rows > 0 && columns > 0 && end <= y && (argmax == 0 || end <= argmax));
        assert!(self.channel + self.width < c.out_channels + S::F32_LANES, "each vector must have a channel");
        inside
    }

    /// Writes the maximum of each window of the tile that lies inside the output: the first in row-major order, with NaN
    /// above all other values.
    #[inline(always)]
    fn write_maxima<const TILE: usize, S: Simd>(
        &self,
        simd: S,
        inside: &Inside,
        first: usize,
        tile: [[S::f32s; TILE]; TILE],
        y: &mut [f32],
        argmax: &mut [u8],
    ) {
        let count = self.c.out_channels - self.channel - first;
        for row in 0..TILE / POOL {
            for column in 0..TILE / POOL {
                if row >= inside.rows || column >= inside.columns {
                    continue;
                }
                let mut best = tile[row * POOL][column * POOL];
                let mut indices = simd.splat_u32s(0);
                for index in 1..POOL * POOL {
                    let value = tile[row * POOL + index / POOL][column * POOL + index % POOL];
                    let wins = wins(simd, value, best);
                    best = simd.select_f32s(wins, value, best);
                    indices = simd.select_u32s(wins, simd.splat_u32s(index as u32), indices);
                }
                let at = inside.start + row * inside.row + column * self.c.out_channels + first;
                // SAFETY: `inside` checked that its outputs lie in `y`, with `count` channels from this one.
                unsafe { store_first(simd, y.as_mut_ptr().add(at), self.activated(simd, best), count) };
                if !argmax.is_empty() {
                    store_indices(simd, &mut argmax[at..][..count], 0, indices);
                }
            }
        }
    }

    /// Writes all values of the tile that lie inside the output.
    #[inline(always)]
    fn write_all<const TILE: usize, S: Simd>(
        &self,
        simd: S,
        inside: &Inside,
        first: usize,
        tile: [[S::f32s; TILE]; TILE],
        y: &mut [f32],
    ) {
        let count = self.c.out_channels - self.channel - first;
        for row in 0..TILE {
            for column in 0..TILE {
                if row < inside.rows && column < inside.columns {
                    let at = inside.start + row * inside.row + column * self.c.out_channels + first;
                    // SAFETY: `inside` checked that its outputs lie in `y`, with `count` channels from this one.
                    unsafe {
                        store_first(simd, y.as_mut_ptr().add(at), self.activated(simd, tile[row][column]), count);
                    };
                }
            }
        }
    }

    /// The value after the activation.
    #[inline(always)]
    fn activated<S: Simd>(&self, simd: S, value: S::f32s) -> S::f32s {
        if self.relu { Activation::Relu.apply(simd, value) } else { value }
    }
}
