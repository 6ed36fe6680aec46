//! Chooses between direct and Winograd convolution.

use super::correlation::{Correlation, Operands};
use super::winograd::{self, TransformWeights, Winograd};
use crate::workspace::WinogradBuffers;
use pulp::Simd;

impl Correlation {
    /// Computes the whole correlation with the faster method.
    #[inline(always)]
    pub fn run<S: Simd>(&self, simd: S, operands: &mut Operands, buffers: &mut WinogradBuffers) {
        if winograd::pays(self) {
            self.check::<S>(operands);
            let mut weights = std::mem::take(&mut buffers.weights);
            let transformed = weights.stale(winograd::transformed_len::<S>(self));
            simd.vectorize(TransformWeights { correlation: self, packed: operands.weights, transformed });
            simd.vectorize(Winograd { correlation: self, weights: transformed, operands, buffers });
            buffers.weights = weights;
        } else {
            self.run_directly(simd, operands);
        }
    }
}
