//! The shape of a batch normalisation and the lengths derived from it.

use crate::length::{fit, padded, product};

/// The shape of a batch normalisation of `[batch, height, width, channels]`, followed by max pooling.
///
/// Lengths saturate at `usize::MAX`. Methods panic if `pool` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchNormShape {
    /// Images in the batch.
    pub batch: usize,
    /// Height of the input in pixels.
    pub height: usize,
    /// Width of the input in pixels.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Side of the pooling window, at most 15; 1 means no pooling.
    pub pool: usize,
}

impl BatchNormShape {
    /// Values per channel that the statistics are computed from.
    pub fn count(&self) -> usize {
        product([self.batch, self.height, self.width])
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        product([self.count(), self.channels])
    }

    /// Elements of the pooled output, `[batch, height / pool, width / pool, channels]`.
    pub fn output_len(&self) -> usize {
        product([self.batch, self.height / self.pool, self.width / self.pool, self.channels])
    }

    /// The windows of all pooled positions, in order.
    pub(crate) fn windows(&self) -> Windows {
        let (height, width) = (self.height / self.pool, self.width / self.pool);
        Windows {
            size: [height, width],
            at: [0, 0],
            start: 0,
            pool: self.pool,
            to_next_row: self.pool * self.width - width * self.pool,
            to_next_image: (self.height - height * self.pool) * self.width,
        }
    }

    /// Offset of a window index from the window's start, in positions.
    #[inline(always)]
    pub(crate) fn window_index_offset(&self, index: usize) -> usize {
        index / self.pool * self.width + index % self.pool
    }

    /// Panics if the shape is invalid.
    pub(crate) fn check(&self) {
        assert!((1..=15).contains(&self.pool), "the pooling window must be 1 to 15, not {}", self.pool);
        assert!(self.channels >= 1, "batch normalisation needs channels: {self:?}");
        assert!(self.count() >= 1, "batch normalisation needs values: {self:?}");
        assert!(self.height >= self.pool && self.width >= self.pool, "the pooling window must fit: {self:?}");
        let buffer = product([self.count(), padded(self.channels)]);
        assert!(fit([buffer]), "the shape does not fit in memory: {self:?}");
    }
}

/// Counts through the windows of all images without divisions. Positions count through all images.
pub(crate) struct Windows {
    /// Rows and columns of windows in an image.
    size: [usize; 2],
    /// Row and column of the next window.
    at: [usize; 2],
    /// The input position at its start.
    start: usize,
    pool: usize,
    /// Positions from the end of a row of windows to the start of the next, and from the last row to the next image.
    to_next_row: usize,
    to_next_image: usize,
}

impl Windows {
    /// The input position at the start of the next window.
    #[inline(always)]
    pub fn next_start(&mut self) -> usize {
        let start = self.start;
        self.start += self.pool;
        self.at[1] += 1;
        if self.at[1] == self.size[1] {
            self.start += self.to_next_row;
            self.at = [self.at[0] + 1, 0];
            if self.at[0] == self.size[0] {
                self.start += self.to_next_image;
                self.at[0] = 0;
            }
        }
        start
    }
}
