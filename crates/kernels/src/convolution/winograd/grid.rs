//! How outputs are divided into tiles.

use crate::convolution::correlation::Correlation;

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
    /// The grid of tiles of side `tile`.
    pub fn new(c: &Correlation, tile: usize) -> Self {
        let tiles = |pooled: usize| (pooled * c.pool).div_ceil(tile);
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
