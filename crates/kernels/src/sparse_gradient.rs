//! Gradient of a pooled convolution from its non-zero gradients only: one per window and channel at most.

use super::convolution_backward::{AddGroup, Group, crop_images, pad_images};
use super::lanes::{part, vectors};
use super::micro_kernel::next_tile;
use super::shape::ConvShape;
use super::sparse_tile::{InputTile, WeightTile};
use super::workspace::{Entry, SparseBuffers, Workspace};
use pulp::Simd;

/// The key of a channel without gradient; pooling windows have fewer places.
pub(super) const NO_GRADIENT: u8 = u8::MAX;
/// Bytes of padded input to hold in the first-level cache.
const GROUP_BYTES: usize = 24 << 10;
/// Bytes of weights to hold in the first-level cache.
const WEIGHT_BYTES: usize = 24 << 10;
/// Gradients of one output channel that are worth loading its sums.
const GROUP_GRADIENTS: usize = 32;
/// Channels in a mask.
pub(super) const MASK_CHANNELS: usize = 64;

/// Vectors of a patch row that a register tile may have.
const VECTORS: [usize; 6] = [1, 2, 3, 4, 6, 8];

/// The sparse backward pass of one batch.
///
/// A patch is the part of the padded input that one convolution position sees: `kernel` rows of `row` floats. Weights
/// and their gradient are patches too, `[out channel][kernel row][row]`, each row padded to whole vectors.
#[derive(Clone, Copy)]
pub(super) struct SparseGradient<'a> {
    pub shape: &'a ConvShape,
    /// Images to pass to [`AddGroup::add`] at once.
    pub group: usize,
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

impl AddGroup for SparseGradient<'_> {
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group) {
        let shape = self.shape;
        let positions = group.images * shape.positions();
        let dz = &*workspace.gradient.stale(positions * shape.out_channels);
        let input = workspace.input.stale(self.inputs(group.images));
        pad_images(shape, group.x, input);
        self.find(simd, dz, group.argmax, &mut workspace.sparse);
        self.list(dz, group.argmax, &mut workspace.sparse);
        let masks = &*workspace.sparse.masks.stale(positions * self.place_masks());
        let tile = WeightTile {
            sparse: *self,
            entries: workspace.sparse.entries.stale(positions * shape.out_channels),
            lengths: workspace.sparse.lengths.stale(shape.out_channels),
            input,
            sums: workspace.sums.stale(self.patches()).as_mut_ptr(),
        };
        for_patch_tiles::<S>(self, shape.kernel, |rows, vectors| tile.dispatch(simd, rows, vectors));
        if let Some(dx) = group.dx {
            let padded = workspace.input_gradient.cleared(self.inputs(group.images));
            let tile = InputTile {
                sparse: *self,
                masks,
                dz,
                weights: workspace.weights.stale(self.patches()),
                input_gradient: padded.as_mut_ptr(),
                images: group.images,
            };
            let rows = WEIGHT_BYTES / (shape.out_channels * self.row * size_of::<f32>());
            for_patch_tiles::<S>(self, rows.max(1), |rows, vectors| tile.dispatch(simd, rows, vectors));
            crop_images(shape, padded, dx);
        }
    }
}

impl<'a> SparseGradient<'a> {
    /// Packs the weights if the input gradient is wanted, and clears the sums.
    #[inline(always)]
    pub fn start<S: Simd>(
        _simd: S,
        workspace: &mut Workspace,
        shape: &'a ConvShape,
        weight: &[f32],
        wants_dx: bool,
    ) -> Self {
        let input_row = (shape.width + 2 * shape.padding) * shape.in_channels;
        let input_image = (shape.height + 2 * shape.padding) * input_row;
        let row_vectors = vectors::<S>(shape.kernel * shape.in_channels);
        let fitting = GROUP_BYTES / (input_image * size_of::<f32>());
        let sparse = Self {
            shape,
            group: fitting.max(GROUP_GRADIENTS.div_ceil(shape.positions())),
            row_vectors,
            row: row_vectors * S::F32_LANES,
            input_row,
            input_image,
            masks: shape.out_channels.div_ceil(MASK_CHANNELS),
        };
        workspace.sums.cleared(sparse.patches());
        if wants_dx {
            sparse.pack(weight, workspace.weights.stale(sparse.patches()));
        }
        sparse
    }

    /// Floats of all output channels' patches.
    fn patches(&self) -> usize {
        self.shape.out_channels * self.shape.kernel * self.row
    }

    /// Floats of a group's padded input, and a row more, since whole vectors are read.
    fn inputs(&self, images: usize) -> usize {
        images * self.input_image + self.row
    }

    /// Turns weights in PyTorch's layout into patches.
    fn pack(&self, weight: &[f32], packed: &mut [f32]) {
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

    /// Writes the weight gradient.
    pub fn finish(&self, workspace: &mut Workspace, dweight: &mut [f32]) {
        let (kernel, channels) = (self.shape.kernel, self.shape.in_channels);
        let sums = workspace.sums.stale(self.patches());
        for (sums, dweight) in
            sums.chunks_exact(kernel * self.row).zip(dweight.chunks_exact_mut(channels * kernel * kernel))
        {
            for (y, row) in sums.chunks_exact(self.row).enumerate() {
                for (x, values) in row[..kernel * channels].chunks_exact(channels).enumerate() {
                    let dweight = dweight[y * kernel + x..].iter_mut().step_by(kernel * kernel);
                    for (target, value) in dweight.zip(values) {
                        *target = *value;
                    }
                }
            }
        }
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

    /// Finds the channels with a gradient: a mask for each place of each window.
    #[inline(always)]
    fn find<S: Simd>(&self, simd: S, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
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
    fn list(&self, dz: &[f32], argmax: &[u8], buffers: &mut SparseBuffers) {
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

/// Rows or vectors of a patch that one register tile covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub first: usize,
    pub count: usize,
}

/// Cuts a patch into register tiles of at most `most_rows`: calls `tile(rows, vectors)` for each.
#[inline(always)]
fn for_patch_tiles<S: Simd>(sparse: &SparseGradient, most_rows: usize, tile: impl Fn(Span, Span)) {
    let (registers, most) = if S::REGISTER_COUNT >= 32 { (24, 8) } else { (12, 4) };
    let mut first = 0;
    while first < sparse.row_vectors {
        let count = next_tile(&VECTORS, sparse.row_vectors - first, most);
        let vectors = Span { first, count };
        let row_tiles = sparse.shape.kernel.div_ceil((registers / count).min(3).min(most_rows));
        for index in 0..row_tiles {
            let (first, count) = part(sparse.shape.kernel, row_tiles, index);
            tile(Span { first, count }, vectors);
        }
        first += count;
    }
}
