//! A dense cross-correlation over a batch, used by the convolution's forward pass, its dense input gradient, and linear
//! layers.

use crate::length::product;
use crate::simd::lanes::vectors;
use pulp::Simd;

/// A cross-correlation of stride 1 with max pooling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correlation {
    pub batch: usize,
    /// Input `[batch, height, width, in_channels]`.
    pub height: usize,
    pub width: usize,
    pub in_channels: usize,
    /// Output `[batch, out_height, out_width, out_channels]`, after pooling.
    pub out_height: usize,
    pub out_width: usize,
    pub out_channels: usize,
    pub kernel: usize,
    /// Zeros around the input; negative crops it.
    pub padding: isize,
    pub pool: usize,
}

/// The buffers of a correlation.
pub(crate) struct Operands<'a> {
    pub x: &'a [f32],
    /// Packed: for each tile of vectors of output channels, `[tap][in channel][tile's channels]`, padded with zeros.
    pub weights: &'a [f32],
    /// One per output channel, padded to whole vectors.
    pub bias: &'a [f32],
    pub y: &'a mut [f32],
    /// Empty, or shaped like `y`: the window index of each maximum.
    pub argmax: &'a mut [u8],
    /// Whether ReLU is applied to the outputs.
    pub relu: bool,
}

impl Correlation {
    /// Taps that meet the input, over all positions of one image before pooling: the multiplications of a pair of channels.
    pub fn taps(&self) -> usize {
        let along = |outputs: usize, inputs: usize| -> usize {
            (0..outputs * self.pool)
                .map(|position| self.taps_at(position, inputs))
                .map(|(first, end)| end - first)
                .sum()
        };
        product([along(self.out_height, self.height), along(self.out_width, self.width)])
    }

    /// The taps `first..end` of one dimension that meet the input of `size`, for an output at `position`.
    #[inline(always)]
    pub fn taps_at(&self, position: usize, size: usize) -> (usize, usize) {
        let start = position as isize - self.padding;
        let first = (-start).max(0) as usize;
        let end = (size as isize - start).clamp(0, self.kernel as isize) as usize;
        (first.min(end), end)
    }

    /// Panics if an operand is too short for the shape.
    pub fn check<S: Simd>(&self, operands: &Operands) {
        let channels = vectors::<S>(self.out_channels) * S::F32_LANES;
        let y_len = product([self.batch, self.out_height, self.out_width, self.out_channels]);
        assert!(operands.x.len() >= product([self.batch, self.height, self.width, self.in_channels]));
        assert!(operands.weights.len() >= product([self.kernel, self.kernel, self.in_channels, channels]));
        assert!(operands.bias.len() >= channels);
        assert!(operands.y.len() >= y_len);
        assert!(operands.argmax.is_empty() || operands.argmax.len() >= y_len);
    }
}
