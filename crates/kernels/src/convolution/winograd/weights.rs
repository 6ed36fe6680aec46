//! Weights transformed for Winograd convolution.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use std::marker::PhantomData;

use super::filtering::{Filtering, TAPS};
use crate::convolution::correlation::Correlation;
use crate::simd::lanes::{load_row, store_row, vector_tiles, vectors};
use pulp::{Simd, WithSimd};

/// Floats of weights transformed for `products` products a tile: for each tile of vectors of output channels,
/// `[product][in channel][tile's channels]`.
pub(in crate::convolution) fn transformed_len<S: Simd>(c: &Correlation, products: usize) -> usize {
    products * c.in_channels * vectors::<S>(c.out_channels) * S::F32_LANES
}

/// Transforms packed weights, as in [`Operands::weights`](crate::convolution::correlation::Operands::weights), into the
/// form that [`Winograd`](super::Winograd) reads.
pub(in crate::convolution) struct TransformWeights<'a, F, const TILE: usize, const PATCH: usize> {
    /// The tiles and their transforms.
    pub filtering: PhantomData<F>,
    pub correlation: &'a Correlation,
    pub packed: &'a [f32],
    pub transformed: &'a mut [f32],
}

impl<F: Filtering<TILE, PATCH>, const TILE: usize, const PATCH: usize> WithSimd
    for TransformWeights<'_, F, TILE, PATCH>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        transform_weights::<F, TILE, PATCH, S>(simd, self.correlation, self.packed, self.transformed);
    }
}

/// `G g Gᵀ` for all channels; `packed` as in [`TransformWeights`].
#[inline(always)]
fn transform_weights<F: Filtering<TILE, PATCH>, const TILE: usize, const PATCH: usize, S: Simd>(
    simd: S,
    c: &Correlation,
    packed: &[f32],
    transformed: &mut [f32],
) {
    let (mut source, mut target) = (0, 0);
    for (_, size) in vector_tiles(vectors::<S>(c.out_channels)) {
        let plane = c.in_channels * size * S::F32_LANES;
        for at in (0..plane).step_by(S::F32_LANES) {
            let mut columns = [[simd.splat_f32s(0.0); TAPS]; PATCH];
            for row in 0..TAPS {
                let first = source + TAPS * row * plane + at;
                let taps = [
                    load_row(simd, packed, first),
                    load_row(simd, packed, first + plane),
                    load_row(simd, packed, first + 2 * plane),
                ];
                let values = F::spread_taps(simd, taps);
                for column in 0..PATCH {
                    columns[column][row] = values[column];
                }
            }
            for column in 0..PATCH {
                let values = F::spread_taps(simd, columns[column]);
                for (row, value) in values.into_iter().enumerate() {
                    store_row(simd, transformed, target + (row * PATCH + column) * plane + at, value);
                }
            }
        }
        source += TAPS * TAPS * plane;
        target += F::PRODUCTS * plane;
    }
}
