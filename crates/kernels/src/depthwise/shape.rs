//! The shape of a depthwise convolution, the lengths derived from it, and which taps meet the input.

use std::ops::Range;

use crate::length::{fit, padded, product};

/// A convolution of each channel with a square kernel of its own.
///
/// ```
/// let shape =
///     kernels::DepthwiseShape { batch: 100, height: 7, width: 7, channels: 48, kernel: 3, padding: 1, stride: 2 };
/// assert_eq!((shape.out_height(), shape.out_width()), (4, 4));
/// assert_eq!(shape.output_len(), 100 * 4 * 4 * 48);
/// assert_eq!(shape.weight_len(), 48 * 3 * 3);
/// assert_eq!(shape.flops(), 2 * 100 * 4 * 4 * 48 * 9);
/// ```
///
/// Its lengths are `usize::MAX` where they would be more, and its methods panic where `stride` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepthwiseShape {
    /// Images in the batch.
    pub batch: usize,
    /// Height of the input in pixels.
    pub height: usize,
    /// Width of the input in pixels.
    pub width: usize,
    /// Channels of input and output.
    pub channels: usize,
    /// Side of the kernels.
    pub kernel: usize,
    /// Zeros added on each side of the input.
    pub padding: usize,
    /// Pixels from one position of the kernels to the next.
    pub stride: usize,
}

impl DepthwiseShape {
    /// Height of the output; 0 if the kernel does not fit.
    pub fn out_height(&self) -> usize {
        self.positions_along(self.height)
    }

    /// Width of the output; 0 if the kernel does not fit.
    pub fn out_width(&self) -> usize {
        self.positions_along(self.width)
    }

    fn positions_along(&self, length: usize) -> usize {
        let free = self.padding.saturating_mul(2).saturating_add(length).checked_sub(self.kernel);
        free.map_or(0, |free| (free / self.stride).saturating_add(1))
    }

    /// Elements of one input image.
    pub(crate) fn image_len(&self) -> usize {
        product([self.height, self.width, self.channels])
    }

    /// Elements of the input, `[batch, height, width, channels]`.
    pub fn input_len(&self) -> usize {
        product([self.batch, self.image_len()])
    }

    /// Elements of the weight, `[channels, 1, kernel, kernel]`.
    pub fn weight_len(&self) -> usize {
        product([self.channels, self.kernel, self.kernel])
    }

    /// Elements of the output, `[batch, out_height, out_width, channels]`.
    pub fn output_len(&self) -> usize {
        product([self.batch, self.out_height(), self.out_width(), self.channels])
    }

    /// Floating-point operations of the forward pass: two per multiplication, including those with zero padding.
    pub fn flops(&self) -> usize {
        product([2, self.output_len(), self.kernel, self.kernel])
    }

    /// Panics if the shape is invalid.
    pub(crate) fn check(&self) {
        assert!(self.kernel >= 1 && self.stride >= 1, "kernel and stride must be at least 1: {self:?}");
        assert!(self.channels >= 1, "a convolution needs channels: {self:?}");
        assert!(self.out_height() >= 1 && self.out_width() >= 1, "the kernel must fit: {self:?}");
        let channels = padded(self.channels);
        let lengths = [
            product([self.batch, self.height, self.width, channels]),
            product([self.batch.max(1), self.out_height(), self.out_width(), channels]),
            product([self.kernel, self.kernel, channels]),
            product([self.padding, 2, channels]),
        ];
        assert!(fit(lengths), "the shape does not fit in memory: {self:?}");
    }

    /// The taps of one dimension that meet an input of this `length`, for the output at `position`, and the pixel under the
    /// first of them.
    #[inline(always)]
    fn taps(&self, position: usize, length: usize) -> (Range<usize>, usize) {
        let start = position * self.stride;
        let first = self.padding.saturating_sub(start).min(self.kernel);
        let end = (length + self.padding).saturating_sub(start).min(self.kernel);
        (first..end.max(first), (start + first).saturating_sub(self.padding))
    }

    /// The output `index`, counted over all images.
    #[inline(always)]
    pub(crate) fn position(&self, index: usize) -> Position {
        let (height, width) = (self.out_height(), self.out_width());
        let (image, within) = (index / (height * width), index % (height * width));
        let (rows, top) = self.taps(within / width, self.height);
        let (columns, left) = self.taps(within % width, self.width);
        Position { rows, columns, first_pixel: (image * self.height + top) * self.width + left }
    }
}

/// What an output is computed from.
pub(crate) struct Position {
    /// Rows of the kernel that meet the input.
    pub rows: Range<usize>,
    /// Columns of the kernel that meet the input.
    pub columns: Range<usize>,
    /// The pixel under the first of these taps, counted over all images.
    first_pixel: usize,
}

impl Position {
    /// The index of a tap in the kernel, and of the first value of the pixel under it in the input.
    #[inline(always)]
    pub(crate) fn tap(&self, shape: &DepthwiseShape, row: usize, column: usize) -> (usize, usize) {
        let pixel = self.first_pixel + (row - self.rows.start) * shape.width + (column - self.columns.start);
        (row * shape.kernel + column, pixel * shape.channels)
    }
}
