//! The shape of a convolution block and the lengths derived from it.

use super::winograd::{f2x2, f4x4, f5x5};
use crate::length::{fit, padded, product};

/// A convolution of stride 1 with a square kernel, followed by max pooling of stride equal to its window.
///
/// Positions that the pooling drops at the lower and right edges are never computed.
///
/// ```
/// let shape = kernels::ConvShape {
///     batch: 100, height: 6, width: 6, in_channels: 32, out_channels: 64, kernel: 3, padding: 1, pool: 2,
/// };
/// assert_eq!((shape.out_height(), shape.out_width()), (3, 3));
/// assert_eq!(shape.output_len(), 100 * 3 * 3 * 64);
/// assert_eq!(shape.weight_len(), 64 * 32 * 3 * 3);
/// assert_eq!(shape.flops(), 2 * 100 * 6 * 6 * 64 * 32 * 9);
/// ```
///
/// Its lengths are `usize::MAX` where they would be more, and its methods panic where `pool` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Images in the batch.
    pub batch: usize,
    /// Height of the input in pixels.
    pub height: usize,
    /// Width of the input in pixels.
    pub width: usize,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Zeros added on each side of the input.
    pub padding: usize,
    /// Side of the pooling window, at most 15; 1 means no pooling.
    pub pool: usize,
}

impl ConvShape {
    /// Height of the pooled output; 0 if the kernel or the window does not fit.
    pub fn out_height(&self) -> usize {
        (self.padded_height().saturating_add(1)).saturating_sub(self.kernel) / self.pool
    }

    /// Width of the pooled output; 0 if the kernel or the window does not fit.
    pub fn out_width(&self) -> usize {
        (self.padded_width().saturating_add(1)).saturating_sub(self.kernel) / self.pool
    }

    /// Height of the padded input.
    pub(crate) fn padded_height(&self) -> usize {
        self.padding.saturating_mul(2).saturating_add(self.height)
    }

    /// Width of the padded input.
    pub(crate) fn padded_width(&self) -> usize {
        self.padding.saturating_mul(2).saturating_add(self.width)
    }

    /// Rows of the convolution that the pooling keeps.
    pub(crate) fn kept_height(&self) -> usize {
        self.out_height() * self.pool
    }

    /// Columns of the convolution that the pooling keeps.
    pub(crate) fn kept_width(&self) -> usize {
        self.out_width() * self.pool
    }

    /// Pooled positions of one image.
    pub(crate) fn positions(&self) -> usize {
        product([self.out_height(), self.out_width()])
    }

    /// Elements of one input image.
    pub(crate) fn image_len(&self) -> usize {
        product([self.height, self.width, self.in_channels])
    }

    /// Elements of the input, `[batch, height, width, in_channels]`.
    pub fn input_len(&self) -> usize {
        product([self.batch, self.image_len()])
    }

    /// Elements of the weight, `[out_channels, in_channels, kernel, kernel]`.
    pub fn weight_len(&self) -> usize {
        product([self.out_channels, self.in_channels, self.kernel, self.kernel])
    }

    /// Elements of the pooled output, `[batch, out_height, out_width, out_channels]`.
    pub fn output_len(&self) -> usize {
        product([self.batch, self.positions(), self.out_channels])
    }

    /// Floating-point operations of the forward pass: two per multiplication at a kept position, including those with
    /// zero padding.
    pub fn flops(&self) -> usize {
        product([2, self.output_len(), self.pool, self.pool, self.in_channels, self.kernel, self.kernel])
    }

    /// Whether the kernels compute this shape, at least for one image; those that take it panic where they do not.
    pub fn is_valid(&self) -> bool {
        (1..=15).contains(&self.pool)
            && self.kernel >= 1
            && self.in_channels >= 1
            && self.out_channels >= 1
            && self.positions() >= 1
            && fit(self.buffers())
    }

    /// Panics if the shape is invalid.
    pub(crate) fn check(&self) {
        assert!((1..=15).contains(&self.pool), "the pooling window must be 1 to 15, not {}", self.pool);
        assert!(self.kernel >= 1, "the kernel must be at least 1");
        assert!(self.in_channels >= 1 && self.out_channels >= 1, "a convolution needs channels: {self:?}");
        assert!(self.positions() >= 1, "the kernel and the pooling window must fit: {self:?}");
        assert!(fit(self.buffers()), "the shape does not fit in memory: {self:?}");
    }

    /// Upper bounds of every kernel's buffers, in floats. Kept positions are a subset of the padded ones, with at least
    /// one channel.
    fn buffers(&self) -> [usize; 5] {
        let (taps, into, out) = ([self.kernel, self.kernel], padded(self.in_channels), padded(self.out_channels));
        let positions = [self.batch.saturating_add(1), self.padded_height(), self.padded_width()];
        let row = padded(product([self.kernel, into]));
        let of_4x4 = f4x4::PRODUCTS * f4x4::BLOCK;
        let products = (f2x2::PRODUCTS * f2x2::BLOCK).max(of_4x4).max(f5x5::PRODUCTS * f5x5::BLOCK);
        [
            product([positions[0], positions[1], positions[2], into]).saturating_add(row),
            product([positions[0], positions[1], positions[2], out]),
            product([taps[0], taps[1], into, out]).max(product([f5x5::PRODUCTS, into, out])),
            product([self.kernel, row, out]),
            product([products, into.max(out)]),
        ]
    }
}
