//! F(2x2, 3x3): 16 multiplications for the four outputs of a tile, where direct convolution needs 36.

use super::filtering::{Filtering, TAPS};
use pulp::Simd;

/// Side of a tile of outputs.
pub(in crate::convolution) const TILE: usize = 2;
/// Side of the input patch that a tile depends on.
pub(in crate::convolution) const PATCH: usize = 4;
/// Products per tile and pair of channels.
pub(in crate::convolution) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles processed together.
pub(in crate::convolution) const BLOCK: usize = 40;

/// F(2x2, 3x3), from the values of polynomials at 0, 1, -1 and infinity.
pub(in crate::convolution) struct F2x2;

impl Filtering<TILE, PATCH> for F2x2 {
    const BLOCK: usize = BLOCK;

    #[inline(always)]
    fn difference_patch<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
        [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
    }

    #[inline(always)]
    fn spread_taps<S: Simd>(simd: S, [a, b, c]: [S::f32s; TAPS]) -> [S::f32s; PATCH] {
        let half = simd.splat_f32s(0.5);
        let ends = simd.mul_f32s(half, simd.add_f32s(a, c));
        let middle = simd.mul_f32s(half, b);
        [a, simd.add_f32s(ends, middle), simd.sub_f32s(ends, middle), c]
    }

    #[inline(always)]
    fn collect_products<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; TILE] {
        [simd.add_f32s(simd.add_f32s(a, b), c), simd.sub_f32s(simd.sub_f32s(b, c), d)]
    }
}
