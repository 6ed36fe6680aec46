//! The shape of a linear layer and the lengths derived from it.

use crate::convolution::correlation::Correlation;
use crate::length::{fit, padded, product};

/// The shape of a linear layer. Lengths saturate at `usize::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinearShape {
    /// Rows of the batch.
    pub batch: usize,
    /// Features of the input.
    pub in_features: usize,
    /// Features of the output.
    pub out_features: usize,
}

impl LinearShape {
    /// Elements of the input, `[batch, in_features]`.
    pub fn input_len(&self) -> usize {
        product([self.batch, self.in_features])
    }

    /// Elements of the weight, `[out_features, in_features]`.
    pub fn weight_len(&self) -> usize {
        product([self.out_features, self.in_features])
    }

    /// Elements of the output, `[batch, out_features]`.
    pub fn output_len(&self) -> usize {
        product([self.batch, self.out_features])
    }

    /// Floating-point operations of the forward pass.
    pub fn flops(&self) -> usize {
        product([2, self.batch, self.in_features, self.out_features])
    }

    pub(crate) fn check(&self) {
        assert!(self.in_features >= 1 && self.out_features >= 1, "a linear layer needs features: {self:?}");
        let (into, out) = (padded(self.in_features), padded(self.out_features));
        let buffers = [product([self.batch, into]), product([self.batch, out]), product([into, out])];
        assert!(fit(buffers), "the shape does not fit in memory: {self:?}");
    }

    /// The layer as a correlation of one-pixel images.
    pub(crate) fn correlation(batch: usize, in_channels: usize, out_channels: usize) -> Correlation {
        Correlation {
            batch,
            height: 1,
            width: 1,
            in_channels,
            out_height: 1,
            out_width: 1,
            out_channels,
            kernel: 1,
            padding: 0,
            pool: 1,
        }
    }
}
