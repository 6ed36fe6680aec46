//! Patches of the padded input, and where they lie.

use crate::convolution::shape::ConvShape;
use pulp::Simd;

/// Channels in a mask.
pub(super) const MASK_CHANNELS: usize = 64;

/// The patches of a convolution: the part of the padded input that one of its positions sees, `kernel` rows of `row`
/// floats. Weights and their gradient are patches too, `[out channel][kernel row][row]`, each row padded to whole vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches<'a> {
    pub shape: &'a ConvShape,
    /// Vectors of a patch row.
    pub row_vectors: usize,
    /// Floats of a padded patch row.
    pub row: usize,
    /// Floats of a row of the padded input.
    pub input_row: usize,
    /// Floats of a padded input image.
    pub input_image: usize,
    /// Masks per place of a window: one for each [`MASK_CHANNELS`] output channels.
    pub masks: usize,
}

impl Patches<'_> {
    /// Floats of all output channels' patches.
    pub fn patches(&self) -> usize {
        self.shape.out_channels * self.shape.kernel * self.row
    }

    /// Floats of a group's padded input, and a row more, since whole vectors are read.
    pub fn inputs(&self, images: usize) -> usize {
        images * self.input_image + self.row
    }

    /// Turns weights in PyTorch's layout into patches.
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

    /// Turns patches into weights in PyTorch's layout.
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

    /// Where the last patch of so many padded images ends, its whole vectors included.
    pub fn end(&self, images: usize) -> usize {
        let Some(last) = images.checked_sub(1) else { return 0 };
        let window = self.window_offset(last, self.shape.out_height() - 1, self.shape.out_width() - 1);
        let place = self.place_offset(self.shape.pool * self.shape.pool - 1);
        window + place + (self.shape.kernel - 1) * self.input_row + self.row
    }

    /// The bits of mask `index` that stand for channels.
    #[inline(always)]
    pub fn channels(&self, index: usize) -> u64 {
        let channels = self.shape.out_channels - index * MASK_CHANNELS;
        if channels < MASK_CHANNELS { (1 << channels) - 1 } else { u64::MAX }
    }

    /// Panics unless a register tile of `row_count` rows and `vector_count` vectors is that of the spans, inside a patch.
    #[inline(always)]
    pub fn check<S: Simd>(&self, rows: Span, row_count: usize, vectors: Span, vector_count: usize) {
        assert!(rows.count == row_count && rows.first + row_count <= self.shape.kernel);
        assert!(vectors.count == vector_count && vectors.first + vector_count <= self.row_vectors);
        assert_eq!(self.row, self.row_vectors * S::F32_LANES);
    }

    /// Masks of one pooled position.
    pub fn place_masks(&self) -> usize {
        self.shape.pool * self.shape.pool * self.masks
    }

    /// Where the patch of a window's place starts in the padded input, from the window's start.
    #[inline(always)]
    pub fn place_offset(&self, place: usize) -> usize {
        place / self.shape.pool * self.input_row + place % self.shape.pool * self.shape.in_channels
    }

    /// Where a window starts in the padded input of a group.
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
