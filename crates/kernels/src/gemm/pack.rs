//! Packs weights in the order that a correlation reads them.

use crate::simd::lanes::{vector_tiles, vectors};
use pulp::Simd;

/// Strides of a weight in PyTorch's layout: `tap + depth_stride * depth + channel_stride * channel`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightSource {
    /// Taps of the kernel, with stride 1.
    pub taps: usize,
    /// Whether to read the taps backwards.
    pub flip: bool,
    /// Channels that the correlation sums over.
    pub depth: usize,
    pub depth_stride: usize,
    /// Channels that the correlation writes.
    pub channels: usize,
    pub channel_stride: usize,
}

impl WeightSource {
    /// Floats of the packed weights.
    pub fn packed_len<S: Simd>(&self) -> usize {
        self.taps * self.depth * vectors::<S>(self.channels) * S::F32_LANES
    }

    /// Packs `weight`: for each tile of vectors of channels `[tap][depth][tile's channels]`, padded with zeros.
    #[inline(always)]
    pub fn pack<S: Simd>(&self, _simd: S, weight: &[f32], packed: &mut [f32]) {
        let mut packed = packed;
        for (vector, size) in vector_tiles(vectors::<S>(self.channels)) {
            let width = size * S::F32_LANES;
            let first = vector * S::F32_LANES;
            let used = width.min(self.channels - first);
            let (tile, rest) = std::mem::take(&mut packed).split_at_mut(self.taps * self.depth * width);
            packed = rest;
            if self.is_transposed() {
                self.transpose_tile(weight, first, used, width, tile);
            } else {
                self.gather_tile(weight, first, used, width, tile);
            }
        }
    }

    /// Whether each channel's weights are contiguous, in the order (depth, tap).
    fn is_transposed(&self) -> bool {
        !self.flip && self.depth_stride == self.taps && self.channel_stride == self.taps * self.depth
    }

    /// Packs a tile weight by weight.
    #[inline(always)]
    fn gather_tile(&self, weight: &[f32], first: usize, used: usize, width: usize, tile: &mut [f32]) {
        for (row, target) in tile.chunks_exact_mut(width).enumerate() {
            let (tap, depth) = (row / self.depth, row % self.depth);
            let tap = if self.flip { self.taps - 1 - tap } else { tap };
            let source = &weight[tap + depth * self.depth_stride + first * self.channel_stride..];
            let (target, padding) = target.split_at_mut(used);
            if self.channel_stride == 1 {
                target.copy_from_slice(&source[..used]);
            } else {
                for (value, source) in target.iter_mut().zip(source.iter().step_by(self.channel_stride)) {
                    *value = *source;
                }
            }
            padding.fill(0.0);
        }
    }

    /// Packs a tile in blocks of four by four, which the compiler compiles to shuffles.
    #[inline(always)]
    fn transpose_tile(&self, weight: &[f32], first: usize, used: usize, width: usize, tile: &mut [f32]) {
        let len = self.channel_stride;
        let channels = &weight[first * len..][..used * len];
        let (blocks, rest) = channels.split_at(used / 4 * 4 * len);
        for (block, channels) in blocks.chunks_exact(4 * len).enumerate() {
            let (a, others) = channels.split_at(len);
            let (b, others) = others.split_at(len);
            let (c, d) = others.split_at(len);
            let mut rows = self.rows(width);
            let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
            let ((c, c_rest), (d, d_rest)) = (c.as_chunks::<4>(), d.as_chunks::<4>());
            for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
                let columns: [[f32; 4]; 4] = std::array::from_fn(|k| [a[k], b[k], c[k], d[k]]);
                for column in columns {
                    tile[rows.next_row() + 4 * block..][..4].copy_from_slice(&column);
                }
            }
            for (((a, b), c), d) in a_rest.iter().zip(b_rest).zip(c_rest).zip(d_rest) {
                tile[rows.next_row() + 4 * block..][..4].copy_from_slice(&[*a, *b, *c, *d]);
            }
        }
        for (index, channel) in rest.chunks_exact(len).enumerate() {
            let mut rows = self.rows(width);
            for value in channel {
                tile[rows.next_row() + used / 4 * 4 + index] = *value;
            }
        }
        if used < width {
            for row in tile.chunks_exact_mut(width) {
                row[used..].fill(0.0);
            }
        }
    }

    /// Offsets of the tile's rows of `width` floats, in the order (depth, tap).
    fn rows(&self, width: usize) -> PackedRows {
        PackedRows { taps: self.taps, tap_stride: self.depth * width, depth_stride: width, tap: 0, depth: 0 }
    }
}

/// Iterates over rows in the order (depth, tap) without divisions.
struct PackedRows {
    taps: usize,
    tap_stride: usize,
    depth_stride: usize,
    tap: usize,
    /// Offset of the current depth.
    depth: usize,
}

impl PackedRows {
    #[inline(always)]
    fn next_row(&mut self) -> usize {
        let row = self.depth + self.tap * self.tap_stride;
        self.tap += 1;
        if self.tap == self.taps {
            self.tap = 0;
            self.depth += self.depth_stride;
        }
        row
    }
}
