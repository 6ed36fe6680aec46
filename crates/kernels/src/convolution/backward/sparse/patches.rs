//! Patches of the padded input and their offsets.

use crate::convolution::shape::ConvShape;
use pulp::Simd;

/// Channels per mask.
pub(super) const MASK_CHANNELS: usize = 64;

/// The patches of a convolution. A patch is the part of the padded input that one output position depends on: `kernel`
/// rows of `row` floats. Weights and their gradients are stored as patches too, `[out channel][kernel row][row]`, each
/// row padded to whole vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches<'a> {
    pub shape: &'a ConvShape,
    /// Vectors per patch row.
    pub row_vectors: usize,
    /// Floats of a padded patch row.
    pub row: usize,
    /// Floats of a row of the padded input.
    pub input_row: usize,
    /// Floats of a padded input image.
    pub input_image: usize,
    /// Masks per window index: one for each [`MASK_CHANNELS`] output channels.
    pub masks: usize,
}

impl Patches<'_> {
    /// Floats of all output channels' patches.
    pub fn patches(&self) -> usize {
        self.shape.out_channels * self.shape.kernel * self.row
    }

    /// Floats of a group's padded input plus one row, because whole vectors are read.
    pub fn inputs(&self, images: usize) -> usize {
        images * self.input_image + self.row
    }

    /// Packs weights from PyTorch's layout into patches.
    pub fn pack(&self, weight: &[f32], packed: &mut [f32]) {
        let (kernel, channels) = (self.shape.kernel, self.shape.in_channels);
        for (row_index, row) in packed.chunks_exact_mut(self.row).enumerate() {
            let (out, y) = (row_index / kernel, row_index % kernel);
            let weight = &weight[out * channels * kernel * kernel + y * kernel..];
            for (x, values) in row[..kernel * channels].chunks_exact_mut(channels).enumerate() {
                for (value, weight) in values.iter_mut().zip(weight[x..].iter().step_by(kernel * kernel)) {
                    *value = *weight;
                }
            }
            row[kernel * channels..].fill(0.0);
        }
    }

    /// Unpacks patches into weights in PyTorch's layout.
    pub fn unpack(&self, packed: &[f32], weight: &mut [f32]) {
        let (kernel, channels) = (self.shape.kernel, self.shape.in_channels);
        for (packed, weight) in
            packed.chunks_exact(kernel * self.row).zip(weight.chunks_exact_mut(channels * kernel * kernel))
        {
            for (y, row) in packed.chunks_exact(self.row).enumerate() {
                for (x, values) in row[..kernel * channels].chunks_exact(channels).enumerate() {
                    let weight = weight[y * kernel + x..].iter_mut().step_by(kernel * kernel);
                    for (target, value) in weight.zip(values) {
                        *target = *value;
                    }
                }
            }
        }
    }

    /// The end of the last patch of `images` padded images, including its whole vectors.
    pub fn end(&self, images: usize) -> usize {
        let Some(last) = images.checked_sub(1) else { return 0 };
        let window = self.window_offset(last, self.shape.out_height() - 1, self.shape.out_width() - 1);
        let last_index = self.window_index_offset(self.shape.pool * self.shape.pool - 1);
        window + last_index + (self.shape.kernel - 1) * self.input_row + self.row
    }

    /// The bits of mask `index` that belong to existing channels.
    #[inline(always)]
    pub fn channels(&self, index: usize) -> u64 {
        let channels = self.shape.out_channels - index * MASK_CHANNELS;
        if channels < MASK_CHANNELS { (1 << channels) - 1 } else { u64::MAX }
    }

    /// Panics unless a register tile of `row_count` rows and `vector_count` vectors matches the spans and lies inside a
    /// patch.
    #[inline(always)]
    pub fn check<S: Simd>(&self, rows: Span, row_count: usize, vectors: Span, vector_count: usize) {
        assert!(rows.count == row_count && rows.first + row_count <= self.shape.kernel);
        assert!(vectors.count == vector_count && vectors.first + vector_count <= self.row_vectors);
        assert_eq!(self.row, self.row_vectors * S::F32_LANES);
    }

    /// Masks of one pooled position.
    pub fn masks_per_position(&self) -> usize {
        self.shape.pool * self.shape.pool * self.masks
    }

    /// Offset in the padded input from a window's start to the patch at a window index.
    #[inline(always)]
    pub fn window_index_offset(&self, window_index: usize) -> usize {
        window_index / self.shape.pool * self.input_row + window_index % self.shape.pool * self.shape.in_channels
    }

    /// Offset of a window's start in the padded input of a group.
    #[inline(always)]
    pub fn window_offset(&self, image: usize, y: usize, x: usize) -> usize {
        image * self.input_image + (y * self.input_row + x * self.shape.in_channels) * self.shape.pool
    }
}

/// Rows or vectors of a patch that one register tile covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub first: usize,
    pub count: usize,
}
