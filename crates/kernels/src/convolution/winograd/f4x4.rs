//! F(4x4, 3x3): 36 multiplications for the 16 outputs of a tile, where F(2x2, 3x3) needs 64 and direct convolution 144.
//!
//! The points are 0, infinity, and 1/√2 and √2 with either sign: the squares are powers of two with the product 1, and no factor
//! is far from 1. With Lavin and Gray's 1 and 2 in place of 1/√2 and √2, the rounding errors are twice as large.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

use super::arithmetic::{mul, mul_add};
use super::filtering::{Filtering, TAPS};
use pulp::Simd;

/// Side of a tile of outputs.
pub(in crate::convolution) const TILE: usize = 4;
/// Side of the input patch that a tile depends on.
const PATCH: usize = 6;
/// Products per tile and pair of channels.
pub(in crate::convolution) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles processed together.
pub(in crate::convolution) const BLOCK: usize = 20;

/// F(4x4, 3x3), from the values of polynomials at 0, 1/√2, -1/√2, √2, -√2 and infinity.
pub(in crate::convolution) struct F4x4;

impl Filtering<TILE, PATCH> for F4x4 {
    const BLOCK: usize = BLOCK;

    /// The coefficients of `(x² - 1/2) (x² - 2)`, of `x (x ± p) (x² - 1/p²)` for both pairs of points, and of
    /// `x (x² - 1/2) (x² - 2)`.
    #[inline(always)]
    fn difference_patch<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
        let (small_even, small_odd) = (mul_add(simd, -2.0, c, e), mul_add(simd, -2.0, b, d));
        let (large_even, large_odd) = (mul_add(simd, -0.5, c, e), mul_add(simd, -0.5, b, d));
        [
            mul_add(simd, -2.5, c, simd.add_f32s(a, e)),
            mul_add(simd, FRAC_1_SQRT_2, small_odd, small_even),
            mul_add(simd, -FRAC_1_SQRT_2, small_odd, small_even),
            mul_add(simd, SQRT_2, large_odd, large_even),
            mul_add(simd, -SQRT_2, large_odd, large_even),
            mul_add(simd, -2.5, d, simd.add_f32s(b, f)),
        ]
    }

    /// The values of `a + b x + c x²`, divided by the derivative of `x (x² - 1/2) (x² - 2)`: 1 at 0, -3/2 and 6 at the others.
    #[inline(always)]
    fn spread_taps<S: Simd>(simd: S, [a, b, c]: [S::f32s; TAPS]) -> [S::f32s; PATCH] {
        const SMALL: f32 = -2.0 / 3.0;
        const LARGE: f32 = 1.0 / 6.0;
        let small_ends = mul(simd, SMALL, mul_add(simd, 0.5, c, a));
        let large_ends = mul(simd, LARGE, mul_add(simd, 2.0, c, a));
        [
            a,
            mul_add(simd, SMALL * FRAC_1_SQRT_2, b, small_ends),
            mul_add(simd, -SMALL * FRAC_1_SQRT_2, b, small_ends),
            mul_add(simd, LARGE * SQRT_2, b, large_ends),
            mul_add(simd, -LARGE * SQRT_2, b, large_ends),
            c,
        ]
    }

    /// The sums of the products times the powers 0, 1, 2 and 3 of their points.
    #[inline(always)]
    fn collect_products<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; PATCH]) -> [S::f32s; TILE] {
        let (small_sum, small_difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        let (large_sum, large_difference) = (simd.add_f32s(d, e), simd.sub_f32s(d, e));
        [
            simd.add_f32s(simd.add_f32s(a, small_sum), large_sum),
            mul_add(simd, SQRT_2, large_difference, mul(simd, FRAC_1_SQRT_2, small_difference)),
            mul_add(simd, 2.0, large_sum, mul(simd, 0.5, small_sum)),
            mul_add(simd, 2.0 * SQRT_2, large_difference, mul_add(simd, 0.5 * FRAC_1_SQRT_2, small_difference, f)),
        ]
    }
}
