//! Winograd's minimal filtering in one dimension; a tile is transformed along its rows and then along its columns.

use pulp::Simd;

/// Taps of a side of the kernel.
pub(in crate::convolution) const TAPS: usize = 3;

/// F(TILE x TILE, 3x3): the outputs of a tile are `Aᵀ [(G g Gᵀ) (Bᵀ d B)] A` for the taps `g`, `[3][3]`, and the input patch
/// `d`, `[PATCH][PATCH]` of side `TILE + 2`, with one product for each value of the patch.
pub(in crate::convolution) trait Filtering<const TILE: usize, const PATCH: usize> {
    /// Products per tile and pair of channels.
    const PRODUCTS: usize = PATCH * PATCH;
    /// Tiles processed together: patches and products of one tile of vectors fit in the L2 cache.
    const BLOCK: usize;

    /// `Bᵀ d` for one column of a patch.
    fn difference_patch<S: Simd>(simd: S, column: [S::f32s; PATCH]) -> [S::f32s; PATCH];

    /// `G g` for one column of taps.
    fn spread_taps<S: Simd>(simd: S, column: [S::f32s; TAPS]) -> [S::f32s; PATCH];

    /// `Aᵀ m` for one column of products.
    fn collect_products<S: Simd>(simd: S, column: [S::f32s; PATCH]) -> [S::f32s; TILE];
}
