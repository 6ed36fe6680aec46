//! The transforms of the gradients of one tile.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use std::ops::Range;

use crate::convolution::correlation::Correlation;
use crate::convolution::shape::ConvShape;
use crate::convolution::winograd::TilePosition;
use crate::convolution::winograd::f2x2::{BLOCK, PATCH, PRODUCTS, TILE};
use crate::convolution::winograd::filtering::TAPS;
use crate::simd::lanes::{load, load_first, store, store_first};
use pulp::Simd;

/// `A y` for one column of a tile.
#[inline(always)]
fn spread<S: Simd>(simd: S, [a, b]: [S::f32s; TILE]) -> [S::f32s; PATCH] {
    [a, simd.add_f32s(a, b), simd.sub_f32s(a, b), simd.neg_f32s(b)]
}

/// `B p` for one column of products.
#[inline(always)]
fn undo_differences<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
    let middle = simd.add_f32s(simd.sub_f32s(b, c), d);
    [a, middle, simd.sub_f32s(simd.add_f32s(b, c), a), simd.neg_f32s(d)]
}

/// `Gᵀ u` for one column of sums.
#[inline(always)]
fn collect<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; TAPS] {
    let half = simd.splat_f32s(0.5);
    let both = simd.mul_f32s(half, simd.add_f32s(b, c));
    [simd.add_f32s(a, both), simd.mul_f32s(half, simd.sub_f32s(b, c)), simd.add_f32s(both, d)]
}

/// Writes `A dY Aᵀ` of the tile at `position` for all channels to `gradients`, `[product][BLOCK][out channel]`; `zeros` is used
/// for positions past the outputs.
#[inline(always)]
pub(super) fn spread_gradient<S: Simd>(
    simd: S,
    shape: &ConvShape,
    position: TilePosition,
    dz: &[f32],
    zeros: &[f32],
    gradients: &mut [f32],
) {
    let (height, width, channels) = (shape.out_height(), shape.out_width(), shape.out_channels);
    let (top, left) = (position.row * TILE, position.column * TILE);
    let plane = BLOCK * channels;
    assert!(gradients.len() >= (PRODUCTS - 1) * plane + channels);
    let image = dz[position.image * height * width * channels..][..height * width * channels].as_ptr();
    let mut pixels = [[zeros[..channels].as_ptr(); TILE]; TILE];
    for row in 0..TILE.min(height - top) {
        for column in 0..TILE.min(width - left) {
            pixels[row][column] = image.wrapping_add(((top + row) * width + left + column) * channels);
        }
    }
    for channel in (0..channels).step_by(S::F32_LANES) {
        let count = channels - channel;
        let mut rows = [[simd.splat_f32s(0.0); PATCH]; TILE];
        for row in 0..TILE {
            let mut values = [simd.splat_f32s(0.0); TILE];
            for column in 0..TILE {
                // SAFETY: every pixel has `channels` floats, `count` of them from `channel`.
                values[column] = unsafe { load_first(simd, pixels[row][column].add(channel), count) };
            }
            rows[row] = spread(simd, values);
        }
        for column in 0..PATCH {
            let values = spread(simd, [rows[0][column], rows[1][column]]);
            for row in 0..PATCH {
                let at = (row * PATCH + column) * plane + channel;
                // SAFETY: the assertion above, for `count` floats from `channel`.
                unsafe { store_first(simd, gradients.as_mut_ptr().add(at), values[row], count) };
            }
        }
    }
}

/// Adds `B P Bᵀ` of the tile at `position` to the `channels` of the input gradient. `products` has `width` floats a tile.
#[inline(always)]
pub(super) fn add_patch<S: Simd>(
    simd: S,
    c: &Correlation,
    position: TilePosition,
    channels: Range<usize>,
    products: &[f32],
    width: usize,
    dx: &mut [f32],
) {
    let plane = BLOCK * width;
    assert!(channels.len() <= width && products.len() >= (PRODUCTS - 1) * plane + width);
    let top = (position.row * TILE) as isize - c.padding;
    let left = (position.column * TILE) as isize - c.padding;
    let image_len = c.height * c.width * c.in_channels;
    let image = dx[position.image * image_len..][..image_len].as_mut_ptr();
    assert!(channels.end <= c.in_channels);
    for channel in channels.clone().step_by(S::F32_LANES) {
        let (first, count) = (channel - channels.start, channels.end - channel);
        let mut columns = [[simd.splat_f32s(0.0); PATCH]; PATCH];
        for column in 0..PATCH {
            let mut values = [simd.splat_f32s(0.0); PATCH];
            for row in 0..PATCH {
                let at = (row * PATCH + column) * plane + first;
                // SAFETY: the assertion above; `width` is made of whole vectors.
                values[row] = unsafe { load::<S>(products.as_ptr().add(at)) };
            }
            columns[column] = undo_differences(simd, values);
        }
        for row in 0..PATCH {
            // Indices before the image wrap around to a huge number.
            let y = (top + row as isize) as usize;
            if y >= c.height {
                continue;
            }
            let values = [columns[0][row], columns[1][row], columns[2][row], columns[3][row]];
            for (column, value) in undo_differences(simd, values).into_iter().enumerate() {
                let x = (left + column as isize) as usize;
                if x < c.width {
                    // SAFETY: the pixel lies in the image and has `count` floats from `channel`.
                    unsafe {
                        let target = image.add((y * c.width + x) * c.in_channels + channel);
                        let sum = simd.add_f32s(load_first(simd, target, count), value);
                        store_first(simd, target, sum, count);
                    }
                }
            }
        }
    }
}

/// `Gᵀ U G` of all sums, planes of `plane` floats in whole vectors, into a plane for each tap.
#[inline(always)]
pub(super) fn collect_taps<S: Simd>(simd: S, sums: &[f32], taps: &mut [f32], plane: usize) {
    assert!(plane.is_multiple_of(S::F32_LANES) && sums.len() >= PRODUCTS * plane && taps.len() >= TAPS * TAPS * plane);
    for at in (0..plane).step_by(S::F32_LANES) {
        let mut columns = [[simd.splat_f32s(0.0); TAPS]; PATCH];
        for column in 0..PATCH {
            let mut values = [simd.splat_f32s(0.0); PATCH];
            for row in 0..PATCH {
                // SAFETY: the assertion above.
                values[row] = unsafe { load::<S>(sums.as_ptr().add((row * PATCH + column) * plane + at)) };
            }
            columns[column] = collect(simd, values);
        }
        for row in 0..TAPS {
            let values = [columns[0][row], columns[1][row], columns[2][row], columns[3][row]];
            for (column, value) in collect(simd, values).into_iter().enumerate() {
                // SAFETY: the assertion above.
                unsafe { store::<S>(taps.as_mut_ptr().add((row * TAPS + column) * plane + at), value) };
            }
        }
    }
}
