//! The inputs of one tile, transformed.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use std::marker::PhantomData;

use super::filtering::{Filtering, TAPS};
use super::grid::TilePosition;
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load_first, store_first};
use pulp::Simd;

/// The pixels that a tile of outputs depends on, each a pointer to all input channels.
pub(in crate::convolution) struct Patch<'a, const PATCH: usize> {
    pixels: [[*const f32; PATCH]; PATCH],
    channels: usize,
    images: PhantomData<&'a [f32]>,
}

impl<'a, const PATCH: usize> Patch<'a, PATCH> {
    /// Side of a tile of outputs.
    const TILE: usize = PATCH + 1 - TAPS;

    /// The patch of the tile at `position`. `zeros` is used for pixels in the padding.
    #[inline(always)]
    pub fn of(c: &Correlation, position: TilePosition, x: &'a [f32], zeros: &'a [f32]) -> Self {
        let top = (position.row * Self::TILE) as isize - c.padding;
        let left = (position.column * Self::TILE) as isize - c.padding;
        let image_len = c.height * c.width * c.in_channels;
        let image = x[position.image * image_len..][..image_len].as_ptr();
        let zeros = zeros[..c.in_channels].as_ptr();
        let mut pixels = [[zeros; PATCH]; PATCH];
        // The pixels of a patch inside the image are a fixed distance apart.
        let inside = |first: isize, size: usize| first >= 0 && first as usize + PATCH <= size;
        if inside(top, c.height) && inside(left, c.width) {
            let corner = image.wrapping_add((top as usize * c.width + left as usize) * c.in_channels);
            for row in 0..PATCH {
                for column in 0..PATCH {
                    pixels[row][column] = corner.wrapping_add((row * c.width + column) * c.in_channels);
                }
            }
            return Self { pixels, channels: c.in_channels, images: PhantomData };
        }
        for row in 0..PATCH {
            // Indices before the image wrap around to a huge number.
            let y = (top + row as isize) as usize;
            if y >= c.height {
                continue;
            }
            let start = image.wrapping_add(y * c.width * c.in_channels);
            for column in 0..PATCH {
                let x = (left + column as isize) as usize;
                if x < c.width {
                    pixels[row][column] = start.wrapping_add(x * c.in_channels);
                }
            }
        }
        Self { pixels, channels: c.in_channels, images: PhantomData }
    }

    /// Writes `Bᵀ d B` for all channels to `patches`, `[product][BLOCK][in channel]`.
    #[inline(always)]
    pub fn transform<F: Filtering<TILE, PATCH>, const TILE: usize, S: Simd>(&self, simd: S, patches: &mut [f32]) {
        let in_channels = self.channels;
        let plane = F::BLOCK * in_channels;
        assert!(patches.len() >= (F::PRODUCTS - 1) * plane + in_channels);
        for channel in (0..in_channels).step_by(S::F32_LANES) {
            let count = in_channels - channel;
            let mut columns = [[simd.splat_f32s(0.0); PATCH]; PATCH];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    // SAFETY: every pixel has all channels' floats, `count` of them from `channel`.
                    values[column] = unsafe { load_first(simd, self.pixels[row][column].add(channel), count) };
                }
                let values = F::difference_patch(simd, values);
                for column in 0..PATCH {
                    columns[column][row] = values[column];
                }
            }
            for column in 0..PATCH {
                let values = F::difference_patch(simd, columns[column]);
                for row in 0..PATCH {
                    let at = (row * PATCH + column) * plane + channel;
                    // SAFETY: the assertion above, for `count` floats from `channel`.
                    unsafe { store_first(simd, patches.as_mut_ptr().add(at), values[row], count) };
                }
            }
        }
    }
}
