//! F(5x5, 3x3): 49 multiplications for the 25 outputs of a tile, where F(4x4, 3x3) needs 36 for 16 and direct convolution 225.
//!
//! The points are infinity, and 3/8, 7/8 and 13/8 with either sign: of pairs of simple fractions, those with the smallest rounding
//! errors, twice as large as those of [`F4x4`](super::f4x4::F4x4).

use super::arithmetic::{mul, mul_add};
use super::filtering::{Filtering, TAPS};
use pulp::Simd;

/// Side of a tile of outputs.
pub(in crate::convolution) const TILE: usize = 5;
/// Side of the input patch that a tile depends on.
const PATCH: usize = 7;
/// Products per tile and pair of channels.
pub(in crate::convolution) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles processed together. With 16 channels, 12 tiles keep a tile's products apart in the L1 cache; with 16 tiles they would meet in
/// a few of its sets.
pub(in crate::convolution) const BLOCK: usize = 12;

/// F(5x5, 3x3), from the values of polynomials at 3/8, 7/8, 13/8, with either sign, and infinity.
pub(in crate::convolution) struct F5x5;

/// The points with a sign.
const POINTS: [f32; 3] = [3.0 / 8.0, 7.0 / 8.0, 13.0 / 8.0];

/// The squares of the points other than this.
const fn others(point: usize) -> [f32; 2] {
    let squares = [POINTS[0] * POINTS[0], POINTS[1] * POINTS[1], POINTS[2] * POINTS[2]];
    match point {
        0 => [squares[1], squares[2]],
        1 => [squares[0], squares[2]],
        _ => [squares[0], squares[1]],
    }
}

/// One over the derivative of `(x² - p²) (x² - q²) (x² - r²)` at this point.
const fn scale(point: usize) -> f32 {
    let (p, [q, r]) = (POINTS[point], others(point));
    1.0 / (2.0 * p * (p * p - q) * (p * p - r))
}

impl Filtering<TILE, PATCH> for F5x5 {
    const BLOCK: usize = BLOCK;

    /// The coefficients of `(x ± p) (x² - q²) (x² - r²)` for each pair of points, and of `(x² - p²) (x² - q²) (x² - r²)`.
    #[inline(always)]
    fn difference_patch<S: Simd>(simd: S, [a, b, c, d, e, f, g]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
        let pair = |point: usize| {
            let [q, r] = others(point);
            let even = mul_add(simd, q * r, a, mul_add(simd, -(q + r), c, e));
            let odd = mul_add(simd, q * r, b, mul_add(simd, -(q + r), d, f));
            [mul_add(simd, POINTS[point], even, odd), mul_add(simd, -POINTS[point], even, odd)]
        };
        let ([small, minus_small], [middle, minus_middle], [large, minus_large]) = (pair(0), pair(1), pair(2));
        let (p, [q, r]) = (POINTS[0] * POINTS[0], others(0));
        let ends = mul_add(simd, -p * q * r, a, mul_add(simd, -(p + q + r), e, g));
        [small, minus_small, middle, minus_middle, large, minus_large, mul_add(simd, p * q + p * r + q * r, c, ends)]
    }

    /// The values of `a + b x + c x²`, divided by the derivative of `(x² - p²) (x² - q²) (x² - r²)`.
    #[inline(always)]
    fn spread_taps<S: Simd>(simd: S, [a, b, c]: [S::f32s; TAPS]) -> [S::f32s; PATCH] {
        let pair = |point: usize| {
            let (p, scale) = (POINTS[point], scale(point));
            let ends = mul(simd, scale, mul_add(simd, p * p, c, a));
            let middle = mul(simd, scale * p, b);
            [simd.add_f32s(middle, ends), simd.sub_f32s(middle, ends)]
        };
        let ([small, minus_small], [middle, minus_middle], [large, minus_large]) = (pair(0), pair(1), pair(2));
        [small, minus_small, middle, minus_middle, large, minus_large, c]
    }

    /// The sums of the products times the powers 0 to 4 of their points.
    #[inline(always)]
    fn collect_products<S: Simd>(simd: S, [a, b, c, d, e, f, g]: [S::f32s; PATCH]) -> [S::f32s; TILE] {
        let sums = [simd.add_f32s(a, b), simd.add_f32s(c, d), simd.add_f32s(e, f)];
        let differences = [simd.sub_f32s(a, b), simd.sub_f32s(c, d), simd.sub_f32s(e, f)];
        let [p, q, r] = POINTS;
        let combined =
            |[x, y, z]: [S::f32s; 3], [p, q, r]: [f32; 3]| mul_add(simd, r, z, mul_add(simd, q, y, mul(simd, p, x)));
        [
            simd.add_f32s(simd.add_f32s(sums[0], sums[1]), sums[2]),
            combined(differences, POINTS),
            combined(sums, [p * p, q * q, r * r]),
            combined(differences, [p * p * p, q * q * q, r * r * r]),
            simd.add_f32s(combined(sums, [p * p * p * p, q * q * q * q, r * r * r * r]), g),
        ]
    }
}
