//! Finds the non-zero gradients of a group and lists them by output channel.

use super::patches::{MASK_CHANNELS, Patches};
use crate::workspace::{Entry, SparseBuffers};
use pulp::Simd;

/// The key of a channel without gradient. Window indices are smaller.
pub(super) const NO_GRADIENT: u8 = u8::MAX;

impl Patches<'_> {
    /// Finds the channels with a gradient and writes a mask for each index of each window.
    #[inline(always)]
    pub fn find<S: Simd>(&self, simd: S, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
        let channels = self.shape.out_channels;
        let masks = buffers.masks.stale(dz.len() / channels * self.masks_per_position());
        let keys = buffers.keys.stale(self.masks * MASK_CHANNELS);
        keys[channels..].fill(NO_GRADIENT);
        let window = self.shape.pool * self.shape.pool;
        for ((dz, argmax), masks) in dz
            .chunks_exact(channels)
            .zip(argmax.chunks_exact(channels))
            .zip(masks.chunks_exact_mut(self.masks_per_position()))
        {
            for ((key, dz), argmax) in keys.iter_mut().zip(dz).zip(argmax) {
                *key = if *dz == 0.0 { NO_GRADIENT } else { *argmax };
            }
            for window_index in 0..window {
                for (index, keys) in keys.chunks_exact(MASK_CHANNELS).enumerate() {
                    masks[window_index * self.masks + index] = equal_mask(simd, keys, window_index as u8);
                }
            }
        }
    }

    /// Lists the gradients of each output channel.
    #[inline(always)]
    pub fn list(&self, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
        let shape = self.shape;
        let channels = shape.out_channels;
        let positions = dz.len() / channels;
        let masks = buffers.masks.stale(positions * self.masks_per_position()).chunks_exact(self.masks_per_position());
        let entries = buffers.entries.stale(positions * channels);
        let lengths = buffers.lengths.cleared(channels);
        let mut offsets = [0; 256];
        for (window_index, offset) in offsets.iter_mut().enumerate().take(shape.pool * shape.pool) {
            *offset = self.window_index_offset(window_index) as u32;
        }
        let rows = dz.chunks_exact(channels).zip(argmax.chunks_exact(channels)).zip(masks);
        for (position, ((dz, argmax), masks)) in rows.enumerate() {
            let (image, window) = (position / shape.positions(), position % shape.positions());
            let window = self.window_offset(image, window / shape.out_width(), window % shape.out_width()) as u32;
            for first in 0..self.masks {
                let mut mask = masks.iter().skip(first).step_by(self.masks).fold(0, |all, mask| all | mask);
                while mask != 0 {
                    let channel = first * MASK_CHANNELS + mask.trailing_zeros() as usize;
                    mask &= mask - 1;
                    let offset = window + offsets[usize::from(argmax[channel])];
                    let length = &mut lengths[channel];
                    entries[channel * positions + *length] = Entry { offset, value: dz[channel] };
                    *length += 1;
                }
            }
        }
    }
}

/// A bit for each key equal to `index`, for [`MASK_CHANNELS`] keys.
#[inline(always)]
fn equal_mask<S: Simd>(simd: S, keys: &[u8], window_index: u8) -> u64 {
    // With mask registers, the comparison result is the mask.
    if S::U8_LANES == MASK_CHANNELS
        && let ([keys], _) = S::as_simd_u8s(keys)
        && let Ok(mask) = pulp::bytemuck::bytes_of(&simd.equal_u8s(*keys, simd.splat_u8s(window_index))).try_into()
    {
        return u64::from_le_bytes(mask);
    }
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from(window_index) * 0x0101_0101_0101_0101;
    let mut mask = 0;
    for (index, keys) in keys.as_chunks::<8>().0.iter().enumerate() {
        let difference = u64::from_le_bytes(*keys) ^ pattern;
        // Sets the high bit of each zero byte.
        let equal = !(((difference & LOW) + LOW) | difference | LOW);
        mask |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    mask
}
