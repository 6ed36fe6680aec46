//! Correlation tap by tap.
//!
//! A tile holds one position of several images, so all its images need the same taps. Taps that fall on the zero
//! padding are skipped, and the input is never copied into a padded buffer.

use super::correlation::{Correlation, Operands};
use crate::activation::Activation;
use crate::gemm::micro_kernel::{TILE_ROWS, accumulate, dispatch_tile, next_tile, tile_rows};
use crate::simd::lanes::{load, store_first, store_indices, vector_tiles, vectors, wins};
use pulp::{Simd, WithSimd};

impl Correlation {
    /// Computes the whole correlation tap by tap.
    #[inline(always)]
    pub fn run_directly<S: Simd>(&self, simd: S, operands: &mut Operands) {
        self.check::<S>(operands);
        let row = self.kernel * self.kernel * self.in_channels * S::F32_LANES;
        for (vector, size) in vector_tiles(vectors::<S>(self.out_channels)) {
            let channel = vector * S::F32_LANES;
            let mut image = 0;
            while image < self.batch {
                let images = next_tile(TILE_ROWS[size - 1], self.batch - image, tile_rows::<S>(size));
                let position = image * self.out_height * self.out_width * self.out_channels + channel;
                let tile = Tile {
                    correlation: *self,
                    x: operands.x[image * self.height * self.width * self.in_channels..].as_ptr(),
                    weights: operands.weights[vector * row..].as_ptr(),
                    bias: operands.bias[channel..].as_ptr(),
                    y: operands.y.as_mut_ptr().wrapping_add(position),
                    argmax: if operands.argmax.is_empty() {
                        std::ptr::null_mut()
                    } else {
                        operands.argmax.as_mut_ptr().wrapping_add(position)
                    },
                    channels: self.out_channels - channel,
                    relu: operands.relu,
                };
                tile.dispatch(simd, images, size);
                image += images;
            }
        }
    }
}

/// Pointers to one tile: the first of its images, and its first channel.
#[derive(Clone, Copy)]
struct Tile {
    correlation: Correlation,
    x: *const f32,
    weights: *const f32,
    bias: *const f32,
    y: *mut f32,
    /// Null if the window indices are not needed.
    argmax: *mut u8,
    /// Output channels from the tile's first to the last.
    channels: usize,
    /// Whether ReLU is applied to the outputs.
    relu: bool,
}

/// A [`Tile`] of `P` images by `V` vectors, to be compiled for one SIMD level.
struct SizedTile<const P: usize, const V: usize>(Tile);

impl Tile {
    #[inline(always)]
    fn dispatch<S: Simd>(self, simd: S, images: usize, vectors: usize) {
        dispatch_tile!(simd, SizedTile, self, images, vectors);
    }
}

impl<const P: usize, const V: usize> WithSimd for SizedTile<P, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if P > tile_rows::<S>(V) {
            return;
        }
        let c = self.0.correlation;
        for y in 0..c.out_height {
            for x in 0..c.out_width {
                self.window(simd, y, x, (y * c.out_width + x) * c.out_channels);
            }
        }
    }
}

impl<const P: usize, const V: usize> SizedTile<P, V> {
    /// The correlation at one position before pooling, for every image and channel of the tile.
    #[inline(always)]
    fn position<S: Simd>(&self, simd: S, y: usize, x: usize) -> [[S::f32s; V]; P] {
        let tile = &self.0;
        let c = &tile.correlation;
        let mut sums = [[simd.splat_f32s(0.0); V]; P];
        for sums in &mut sums {
            for (v, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the bias is padded to whole vectors.
                *sum = unsafe { load::<S>(tile.bias.add(v * S::F32_LANES)) };
            }
        }
        let (top, bottom) = c.taps_at(y, c.height);
        let (left, right) = c.taps_at(x, c.width);
        if left == right {
            return sums;
        }
        for tap in top..bottom {
            let row = (y + tap).wrapping_add_signed(-c.padding);
            let column = (x + left).wrapping_add_signed(-c.padding);
            // SAFETY: `taps` keeps row and columns inside the image, and the taps inside the kernel.
            unsafe {
                let input = tile.x.add((row * c.width + column) * c.in_channels);
                let weights = tile.weights.add((tap * c.kernel + left) * c.in_channels * V * S::F32_LANES);
                let stride = c.height * c.width * c.in_channels;
                accumulate::<S, P, V>(simd, &mut sums, input, stride, weights, (right - left) * c.in_channels);
            }
        }
        sums
    }

    /// Writes one output position of every image.
    #[inline(always)]
    fn store<S: Simd>(&self, simd: S, position: usize, values: [[S::f32s; V]; P]) {
        let tile = &self.0;
        let c = &tile.correlation;
        let image = c.out_height * c.out_width * c.out_channels;
        for (p, values) in values.into_iter().enumerate() {
            for (v, value) in values.into_iter().enumerate() {
                let channel = v * S::F32_LANES;
                let value = if tile.relu { Activation::Relu.apply(simd, value) } else { value };
                // SAFETY: the tile's images and the channels before `tile.channels` lie inside `y`.
                unsafe {
                    let target = tile.y.add(p * image + position + channel);
                    store_first(simd, target, value, tile.channels - channel);
                }
            }
        }
    }

    /// Writes the window indices of the maxima at one output position of every image.
    #[inline(always)]
    fn store_argmax<S: Simd>(&self, simd: S, position: usize, indices: [[S::u32s; V]; P]) {
        let tile = &self.0;
        let c = &tile.correlation;
        let image = c.out_height * c.out_width * c.out_channels;
        let channels = tile.channels.min(V * S::F32_LANES);
        for (p, indices) in indices.into_iter().enumerate() {
            // SAFETY: `argmax` has the shape of `y`, see `store`; nothing else refers to it during the call.
            let row = unsafe { std::slice::from_raw_parts_mut(tile.argmax.add(p * image + position), channels) };
            for (v, indices) in indices.into_iter().enumerate() {
                store_indices(simd, row, v * S::F32_LANES, indices);
            }
        }
    }

    /// Computes one pooling window of every image and writes its maximum: the first in row-major order, with NaN above
    /// all other values.
    #[inline(always)]
    fn window<S: Simd>(&self, simd: S, y: usize, x: usize, position: usize) {
        let pool = self.0.correlation.pool;
        let mut best = [[simd.splat_f32s(0.0); V]; P];
        let mut indices = [[simd.splat_u32s(0); V]; P];
        for index in 0..pool * pool {
            let sums = self.position(simd, y * pool + index / pool, x * pool + index % pool);
            if index == 0 {
                best = sums;
                continue;
            }
            let here = simd.splat_u32s(index as u32);
            for p in 0..P {
                for v in 0..V {
                    let wins = wins(simd, sums[p][v], best[p][v]);
                    best[p][v] = simd.select_f32s(wins, sums[p][v], best[p][v]);
                    indices[p][v] = simd.select_u32s(wins, here, indices[p][v]);
                }
            }
        }
        self.store(simd, position, best);
        if !self.0.argmax.is_null() {
            self.store_argmax(simd, position, indices);
        }
    }
}
