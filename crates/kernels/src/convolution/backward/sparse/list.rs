//! Finds the non-zero gradients of a group and lists them by output channel.

use super::patches::{MASK_CHANNELS, Patches};
use crate::workspace::{Entry, SparseBuffers};
use pulp::Simd;

/// The key of a channel without gradient; pooling windows have fewer places.
pub(super) const NO_GRADIENT: u8 = u8::MAX;

impl Patches<'_> {
    /// Finds the channels with a gradient: a mask for each place of each window.
    #[inline(always)]
    pub fn find<S: Simd>(&self, simd: S, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
        let channels = self.shape.out_channels;
        let masks = buffers.masks.stale(dz.len() / channels * self.place_masks());
        let keys = buffers.keys.stale(self.masks * MASK_CHANNELS);
        keys[channels..].fill(NO_GRADIENT);
        let places = self.shape.pool * self.shape.pool;
        for ((dz, argmax), masks) in
            dz.chunks_exact(channels).zip(argmax.chunks_exact(channels)).zip(masks.chunks_exact_mut(self.place_masks()))
        {
            for ((key, dz), argmax) in keys.iter_mut().zip(dz).zip(argmax) {
                *key = if *dz == 0.0 { NO_GRADIENT } else { *argmax };
            }
            for place in 0..places {
                for (index, keys) in keys.chunks_exact(MASK_CHANNELS).enumerate() {
                    masks[place * self.masks + index] = equal_mask(simd, keys, place as u8);
                }
            }
        }
    }

    /// Lists each output channel's gradients.
    #[inline(always)]
    pub fn list(&self, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
        let shape = self.shape;
        let channels = shape.out_channels;
        let positions = dz.len() / channels;
        let masks = buffers.masks.stale(positions * self.place_masks()).chunks_exact(self.place_masks());
        let entries = buffers.entries.stale(positions * channels);
        let lengths = buffers.lengths.cleared(channels);
        let mut places = [0; 256];
        for (place, offset) in places.iter_mut().enumerate().take(shape.pool * shape.pool) {
            *offset = self.place_offset(place) as u32;
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
                    let offset = window + places[usize::from(argmax[channel])];
                    let length = &mut lengths[channel];
                    entries[channel * positions + *length] = Entry { offset, value: dz[channel] };
                    *length += 1;
                }
            }
        }
    }
}

/// A bit for each key that equals `place`; there are [`MASK_CHANNELS`] keys.
#[inline(always)]
fn equal_mask<S: Simd>(simd: S, keys: &[u8], place: u8) -> u64 {
    // With a mask register, the comparison is the mask.
    if S::U8_LANES == MASK_CHANNELS
        && let ([keys], _) = S::as_simd_u8s(keys)
        && let Ok(mask) = pulp::bytemuck::bytes_of(&simd.equal_u8s(*keys, simd.splat_u8s(place))).try_into()
    {
        return u64::from_le_bytes(mask);
    }
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from(place) * 0x0101_0101_0101_0101;
    let mut mask = 0;
    for (index, keys) in keys.as_chunks::<8>().0.iter().enumerate() {
        let difference = u64::from_le_bytes(*keys) ^ pattern;
        // The high bit of each byte that is zero.
        let equal = !(((difference & LOW) + LOW) | difference | LOW);
        mask |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    mask
}
