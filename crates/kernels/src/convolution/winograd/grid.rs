//! How outputs are divided into tiles.

use crate::convolution::correlation::Correlation;

/// Side of a tile of outputs.
pub(in crate::convolution) const TILE: usize = 2;
/// Side of the input patch that a tile depends on.
pub(in crate::convolution) const PATCH: usize = 4;
/// Products per tile and pair of channels.
pub(in crate::convolution) const PRODUCTS: usize = PATCH * PATCH;
/// Tiles processed together: patches and products of one pair of vectors fit in the L2 cache.
pub(in crate::convolution) const BLOCK: usize = 40;

/// How an image's outputs are divided into tiles.
pub(in crate::convolution) struct Grid {
    pub rows: usize,
    pub columns: usize,
}

/// Position of a tile; the first is the default.
#[derive(Clone, Copy, Default)]
pub(in crate::convolution) struct TilePosition {
    pub image: usize,
    pub row: usize,
    pub column: usize,
}

impl Grid {
    pub fn new(c: &Correlation) -> Self {
        let tiles = |pooled: usize| (pooled * c.pool).div_ceil(TILE);
        Self { rows: tiles(c.out_height), columns: tiles(c.out_width) }
    }

    /// The position after `position`: row by row, image by image.
    #[inline(always)]
    pub fn after(&self, position: TilePosition) -> TilePosition {
        let TilePosition { image, row, column } = position;
        if column + 1 < self.columns {
            TilePosition { image, row, column: column + 1 }
        } else if row + 1 < self.rows {
            TilePosition { image, row: row + 1, column: 0 }
        } else {
            TilePosition { image: image + 1, row: 0, column: 0 }
        }
    }
}
