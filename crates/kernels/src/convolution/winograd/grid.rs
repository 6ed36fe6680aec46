//! How outputs are cut into tiles.

use crate::convolution::correlation::Correlation;

/// Side of a tile of outputs.
pub(super) const TILE: usize = 2;
/// Side of the patch of inputs that a tile depends on.
pub(super) const PATCH: usize = 4;
/// Products for each tile and pair of channels.
pub(super) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles at a time: patches and products of one pair of vectors fit into the second-level cache.
pub(super) const BLOCK: usize = 40;

/// How an image's outputs are cut into tiles.
pub(super) struct Grid {
    pub rows: usize,
    pub columns: usize,
}

/// One tile.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
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
    pub fn place(&self, tile: usize) -> Place {
        let (image, within) = (tile / (self.rows * self.columns), tile % (self.rows * self.columns));
        Place { image, row: within / self.columns, column: within % self.columns }
    }
}
