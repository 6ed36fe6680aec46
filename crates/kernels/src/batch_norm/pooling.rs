//! Max pooling of a scaled and shifted channels-last image.

use super::shape::BatchNormShape;
use crate::activation::Activation;
use crate::simd::lanes::{load_row, store_indices, store_row, wins};
use pulp::Simd;

/// Scale and shift per channel, then max pooling, then the activation.
pub(crate) struct ScaledPooling<'a> {
    pub shape: &'a BatchNormShape,
    pub scale: &'a [f32],
    pub shift: &'a [f32],
    pub activation: Activation,
}

impl ScaledPooling<'_> {
    /// Computes `y` from `z`. `argmax` is empty or receives the window index of each maximum.
    #[inline(always)]
    pub fn run<S: Simd>(&self, simd: S, z: &[f32], y: &mut [f32], argmax: &mut [u8]) {
        let channels = self.shape.channels;
        let mut windows = self.shape.windows();
        for (position, y) in y.chunks_exact_mut(channels).enumerate() {
            let argmax = if argmax.is_empty() { &mut [] } else { &mut argmax[position * channels..][..channels] };
            let window = windows.next_start();
            for first in (0..channels).step_by(S::F32_LANES) {
                let scale = load_row(simd, self.scale, first);
                let shift = load_row(simd, self.shift, first);
                let mut best = simd.splat_f32s(0.0);
                let mut indices = simd.splat_u32s(0);
                for index in 0..self.shape.pool * self.shape.pool {
                    let row = &z[(window + self.shape.window_index_offset(index)) * channels..][..channels];
                    let value = simd.mul_add_e_f32s(load_row(simd, row, first), scale, shift);
                    if index == 0 {
                        best = value;
                    } else {
                        let wins = wins(simd, value, best);
                        best = simd.select_f32s(wins, value, best);
                        indices = simd.select_u32s(wins, simd.splat_u32s(index as u32), indices);
                    }
                }
                store_row(simd, y, first, self.activation.apply(simd, best));
                if !argmax.is_empty() {
                    store_indices(simd, argmax, first, indices);
                }
            }
        }
    }
}
