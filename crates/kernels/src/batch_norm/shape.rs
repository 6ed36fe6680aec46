//! The shape of a batch normalisation and what follows from it.

use crate::length::{fit, padded, product};

/// The shape of a batch normalisation of `[batch, height, width, channels]`, followed by max pooling.
///
/// Its lengths are `usize::MAX` where they would be more, and its methods panic where `pool` is 0.
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
    /// Side of the pooling window, at most 15; 1 pools nothing.
    pub pool: usize,
}

impl BatchNormShape {
    /// Values that each channel's statistics are taken over.
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

    /// The input position where the window of a pooled position (of all images) starts.
    #[inline(always)]
    pub(crate) fn window(&self, position: usize) -> usize {
        let (height, width) = (self.height / self.pool, self.width / self.pool);
        let (row, x) = (position / width, position % width);
        let (image, y) = (row / height, row % height);
        (image * self.height + y * self.pool) * self.width + x * self.pool
    }

    /// How far a place of a window is from its start, in positions.
    #[inline(always)]
    pub(crate) fn place(&self, place: usize) -> usize {
        place / self.pool * self.width + place % self.pool
    }

    pub(crate) fn check(&self) {
        assert!((1..=15).contains(&self.pool), "the pooling window must be 1 to 15, not {}", self.pool);
        assert!(self.channels >= 1, "batch normalisation needs channels: {self:?}");
        assert!(self.count() >= 1, "batch normalisation needs values: {self:?}");
        assert!(self.height >= self.pool && self.width >= self.pool, "the pooling window must fit: {self:?}");
        let buffer = product([self.count(), padded(self.channels)]);
        assert!(fit([buffer]), "no memory holds what the shape needs: {self:?}");
    }
}
