//! How outputs are divided into tiles.

use crate::convolution::correlation::Correlation;

/// Side of a tile of outputs.
pub(super) const TILE: usize = 2;
/// Side of the input patch that a tile depends on.
pub(super) const PATCH: usize = 4;
/// Products per tile and pair of channels.
pub(super) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles processed together: patches and products of one pair of vectors fit in the L2 cache.
pub(super) const BLOCK: usize = 40;

/// How an image's outputs are divided into tiles.
pub(super) struct Grid {
    pub rows: usize,
    pub columns: usize,
}

/// Position of a tile.
#[derive(Clone, Copy, Default)]
pub(super) struct TilePosition {
    pub image: usize,
    pub row: usize,
    pub column: usize,
}

impl Grid {
    pub fn new(c: &Correlation) -> Self {
        let tiles = |pooled: usize| (pooled * c.pool).div_ceil(TILE);
        Self { rows: tiles(c.out_height), columns: tiles(c.out_width) }
    }

    #[inline(always)]
    pub fn position(&self, tile: usize) -> TilePosition {
        let (image, within) = (tile / (self.rows * self.columns), tile % (self.rows * self.columns));
        TilePosition { image, row: within / self.columns, column: within % self.columns }
    }
}
