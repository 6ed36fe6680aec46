//! The inputs of one tile, transformed.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use std::marker::PhantomData;

use super::grid::{BLOCK, PATCH, PRODUCTS, TILE, TilePosition};
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load_first, store_first};
use pulp::Simd;

/// `Bᵀ d` for one column of a patch.
#[inline(always)]
fn difference_patch<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
    [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
}

/// The pixels that a tile of outputs depends on, each a pointer to all input channels.
pub(in crate::convolution) struct Patch<'a> {
    pixels: [[*const f32; PATCH]; PATCH],
    channels: usize,
    images: PhantomData<&'a [f32]>,
}

impl<'a> Patch<'a> {
    /// The patch of the tile at `position`. `zeros` is used for pixels in the padding.
    #[inline(always)]
    pub fn of(c: &Correlation, position: TilePosition, x: &'a [f32], zeros: &'a [f32]) -> Self {
        let top = (position.row * TILE) as isize - c.padding;
        let left = (position.column * TILE) as isize - c.padding;
        let image_len = c.height * c.width * c.in_channels;
        let image = x[position.image * image_len..][..image_len].as_ptr();
        let zeros = zeros[..c.in_channels].as_ptr();
        let mut pixels = [[zeros; PATCH]; PATCH];
        for (row, pixels) in pixels.iter_mut().enumerate() {
            // Indices before the image wrap around to a huge number.
            let row = (top + row as isize) as usize;
            if row >= c.height {
                continue;
            }
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let column = (left + column as isize) as usize;
                if column < c.width {
                    *pixel = image.wrapping_add((row * c.width + column) * c.in_channels);
                }
            }
        }
        Self { pixels, channels: c.in_channels, images: PhantomData }
    }

    /// Writes `Bᵀ d B` for all channels to `patches`, `[product][BLOCK][in channel]`.
    #[inline(always)]
    pub fn transform<S: Simd>(&self, simd: S, patches: &mut [f32]) {
        let in_channels = self.channels;
        let plane = BLOCK * in_channels;
        assert!(patches.len() >= (PRODUCTS - 1) * plane + in_channels);
        for channel in (0..in_channels).step_by(S::F32_LANES) {
            let count = in_channels - channel;
            let mut rows = [[simd.splat_f32s(0.0); PATCH]; PATCH];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    // SAFETY: every pixel has all channels' floats, `count` of them from `channel`.
                    values[column] = unsafe { load_first(simd, self.pixels[row][column].add(channel), count) };
                }
                rows[row] = difference_patch(simd, values);
            }
            for column in 0..PATCH {
                let values =
                    difference_patch(simd, [rows[0][column], rows[1][column], rows[2][column], rows[3][column]]);
                for row in 0..PATCH {
                    let at = (row * PATCH + column) * plane + channel;
                    // SAFETY: the assertion above, for `count` floats from `channel`.
                    unsafe { store_first(simd, patches.as_mut_ptr().add(at), values[row], count) };
                }
            }
        }
    }
}
