//! Weights transformed for Winograd convolution.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use super::grid::{PATCH, PRODUCTS};
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load_row, store_row, vector_tiles, vectors};
use pulp::{Simd, WithSimd};

/// Floats of the transformed weights: for each tile of vectors of output channels, `[product][in channel][tile's channels]`.
pub(in crate::convolution) fn transformed_len<S: Simd>(c: &Correlation) -> usize {
    PRODUCTS * c.in_channels * vectors::<S>(c.out_channels) * S::F32_LANES
}

/// Transforms packed weights, as in [`Operands::weights`](crate::convolution::correlation::Operands::weights), into the
/// form that [`Winograd`](super::Winograd) reads.
pub(in crate::convolution) struct TransformWeights<'a> {
    pub correlation: &'a Correlation,
    pub packed: &'a [f32],
    pub transformed: &'a mut [f32],
}

impl WithSimd for TransformWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        transform_weights(simd, self.correlation, self.packed, self.transformed);
    }
}

/// `G g` for one column of taps.
#[inline(always)]
fn spread_taps<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; PATCH] {
    let half = simd.splat_f32s(0.5);
    let ends = simd.mul_f32s(half, simd.add_f32s(a, c));
    let middle = simd.mul_f32s(half, b);
    [a, simd.add_f32s(ends, middle), simd.sub_f32s(ends, middle), c]
}

/// `G g Gᵀ` for all channels; `packed` as in [`TransformWeights`].
#[inline(always)]
fn transform_weights<S: Simd>(simd: S, c: &Correlation, packed: &[f32], transformed: &mut [f32]) {
    let (mut source, mut target) = (0, 0);
    for (_, size) in vector_tiles(vectors::<S>(c.out_channels)) {
        let plane = c.in_channels * size * S::F32_LANES;
        for at in (0..plane).step_by(S::F32_LANES) {
            let mut rows = [[simd.splat_f32s(0.0); PATCH]; 3];
            for (row, values) in rows.iter_mut().enumerate() {
                let first = source + 3 * row * plane + at;
                let taps = [
                    load_row(simd, packed, first),
                    load_row(simd, packed, first + plane),
                    load_row(simd, packed, first + 2 * plane),
                ];
                *values = spread_taps(simd, taps);
            }
            for column in 0..PATCH {
                let values = spread_taps(simd, [rows[0][column], rows[1][column], rows[2][column]]);
                for (row, value) in values.into_iter().enumerate() {
                    store_row(simd, transformed, target + (row * PATCH + column) * plane + at, value);
                }
            }
        }
        source += 9 * plane;
        target += PRODUCTS * plane;
    }
}
