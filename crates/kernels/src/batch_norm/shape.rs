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

    /// The input position at the start of a pooled position's window. Positions count through all images.
    #[inline(always)]
    pub(crate) fn window(&self, position: usize) -> usize {
        let (height, width) = (self.height / self.pool, self.width / self.pool);
        let (row, x) = (position / width, position % width);
        let (image, y) = (row / height, row % height);
        (image * self.height + y * self.pool) * self.width + x * self.pool
    }

    /// Offset of a window index from the window's start, in positions.
    #[inline(always)]
    pub(crate) fn window_index_offset(&self, index: usize) -> usize {
        index / self.pool * self.width + index % self.pool
    }

    pub(crate) fn check(&self) {
        assert!((1..=15).contains(&self.pool), "the pooling window must be 1 to 15, not {}", self.pool);
        assert!(self.channels >= 1, "batch normalisation needs channels: {self:?}");
        assert!(self.count() >= 1, "batch normalisation needs values: {self:?}");
        assert!(self.height >= self.pool && self.width >= self.pool, "the pooling window must fit: {self:?}");
        let buffer = product([self.count(), padded(self.channels)]);
        assert!(fit([buffer]), "the shape does not fit in memory: {self:?}");
    }
}
