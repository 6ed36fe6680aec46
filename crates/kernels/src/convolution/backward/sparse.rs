//! Gradients of a pooled convolution from its non-zero output gradients: at most one per window and channel.

mod list;
mod patches;
mod tile;

use super::border::{crop_images, pad_images};
use super::group::{AddGroup, Group};
use crate::convolution::shape::ConvShape;
use crate::gemm::micro_kernel::next_tile;
use crate::simd::lanes::{part, vectors};
use crate::workspace::Workspace;
use patches::{MASK_CHANNELS, Patches, Span};
use pulp::Simd;
use tile::{InputTile, WeightTile};

/// Bytes of padded input per group, to fit in the L1 cache.
const GROUP_BYTES: usize = 24 << 10;
/// Bytes of weights, to fit in the L1 cache.
const WEIGHT_BYTES: usize = 24 << 10;
/// Gradients per output channel in a group, enough to make loading the channel's sums worthwhile.
const GROUP_GRADIENTS: usize = 32;

/// Vectors per patch row that a register tile supports.
const VECTORS: [usize; 6] = [1, 2, 3, 4, 6, 8];

/// The sparse backward pass of one batch.
#[derive(Clone, Copy)]
pub(super) struct SparseGradient<'a> {
    patches: Patches<'a>,
    /// Images per call of [`AddGroup::add`].
    pub group: usize,
}

impl AddGroup for SparseGradient<'_> {
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group) {
        let Self { patches, .. } = self;
        let shape = patches.shape;
        let positions = group.images * shape.positions();
        let dz = &*workspace.gradient.stale(positions * shape.out_channels);
        let input = workspace.input.stale(patches.inputs(group.images));
        pad_images(shape, group.x, input);
        patches.find(simd, dz, group.argmax, &mut workspace.sparse);
        patches.list(dz, group.argmax, &mut workspace.sparse);
        let masks = &*workspace.sparse.masks.stale(positions * patches.masks_per_position());
        let mut tile = WeightTile {
            patches: *patches,
            entries: workspace.sparse.entries.stale(positions * shape.out_channels),
            lengths: workspace.sparse.lengths.stale(shape.out_channels),
            input,
            sums: workspace.sums.stale(patches.patches()),
            images: group.images,
        };
        // SAFETY: `list` has just listed these images' entries.
        for_patch_tiles::<S>(patches, shape.kernel, |rows, vectors| unsafe { tile.dispatch(simd, rows, vectors) });
        if let Some(dx) = group.dx {
            let padded = workspace.input_gradient.cleared(patches.inputs(group.images));
            let mut tile = InputTile {
                patches: *patches,
                masks,
                dz,
                weights: workspace.weights.stale(patches.patches()),
                input_gradient: padded,
                images: group.images,
            };
            let rows = WEIGHT_BYTES / (shape.out_channels * patches.row * size_of::<f32>());
            for_patch_tiles::<S>(patches, rows.max(1), |rows, vectors| tile.dispatch(simd, rows, vectors));
            crop_images(shape, tile.input_gradient, dx);
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
        let input_row = shape.padded_width() * shape.in_channels;
        let input_image = shape.padded_height() * input_row;
        let row_vectors = vectors::<S>(shape.kernel * shape.in_channels);
        let fitting = GROUP_BYTES / (input_image * size_of::<f32>());
        let group = fitting.max(GROUP_GRADIENTS.div_ceil(shape.positions()));
        let patches = Patches {
            shape,
            row_vectors,
            row: row_vectors * S::F32_LANES,
            input_row,
            input_image,
            masks: shape.out_channels.div_ceil(MASK_CHANNELS),
        };
        workspace.sums.cleared(patches.patches());
        if wants_dx {
            patches.pack(weight, workspace.weights.stale(patches.patches()));
        }
        Self { patches, group }
    }

    /// Writes the weight gradient.
    pub fn finish(&self, workspace: &mut Workspace, dweight: &mut [f32]) {
        let Self { patches, .. } = self;
        patches.unpack(workspace.sums.stale(patches.patches()), dweight);
    }
}

/// Cuts a patch into register tiles of at most `most_rows`: calls `tile(rows, vectors)` for each.
#[inline(always)]
fn for_patch_tiles<S: Simd>(patches: &Patches, most_rows: usize, mut tile: impl FnMut(Span, Span)) {
    let (registers, most) = if S::REGISTER_COUNT >= 32 { (24, 8) } else { (12, 4) };
    let mut first = 0;
    while first < patches.row_vectors {
        let count = next_tile(&VECTORS, patches.row_vectors - first, most);
        let vectors = Span { first, count };
        let row_tiles = patches.shape.kernel.div_ceil((registers / count).min(3).min(most_rows));
        for index in 0..row_tiles {
            let (first, count) = part(patches.shape.kernel, row_tiles, index);
            tile(Span { first, count }, vectors);
        }
        first += count;
    }
}
