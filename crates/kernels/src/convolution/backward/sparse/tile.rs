//! Register tiles of the sparse gradient: `R` rows of `V` vectors of a patch.

use super::patches::{MASK_CHANNELS, Patches, Span};
use crate::simd::lanes::{load, store};
use crate::workspace::Entry;
use pulp::{Simd, WithSimd};

macro_rules! dispatch_patch {
    ($simd:expr, $rows:expr, $vectors:expr, $tile:expr, $name:ident) => {
        match ($rows.count, $vectors.count) {
            (1, 1) => $simd.vectorize($name::<1, 1>($tile, $rows, $vectors)),
            (1, 2) => $simd.vectorize($name::<1, 2>($tile, $rows, $vectors)),
            (1, 3) => $simd.vectorize($name::<1, 3>($tile, $rows, $vectors)),
            (1, 4) => $simd.vectorize($name::<1, 4>($tile, $rows, $vectors)),
            (1, 6) => $simd.vectorize($name::<1, 6>($tile, $rows, $vectors)),
            (1, 8) => $simd.vectorize($name::<1, 8>($tile, $rows, $vectors)),
            (2, 1) => $simd.vectorize($name::<2, 1>($tile, $rows, $vectors)),
            (2, 2) => $simd.vectorize($name::<2, 2>($tile, $rows, $vectors)),
            (2, 3) => $simd.vectorize($name::<2, 3>($tile, $rows, $vectors)),
            (2, 4) => $simd.vectorize($name::<2, 4>($tile, $rows, $vectors)),
            (2, 6) => $simd.vectorize($name::<2, 6>($tile, $rows, $vectors)),
            (2, 8) => $simd.vectorize($name::<2, 8>($tile, $rows, $vectors)),
            (3, 1) => $simd.vectorize($name::<3, 1>($tile, $rows, $vectors)),
            (3, 2) => $simd.vectorize($name::<3, 2>($tile, $rows, $vectors)),
            (3, 3) => $simd.vectorize($name::<3, 3>($tile, $rows, $vectors)),
            (3, 4) => $simd.vectorize($name::<3, 4>($tile, $rows, $vectors)),
            (3, 6) => $simd.vectorize($name::<3, 6>($tile, $rows, $vectors)),
            (3, 8) => $simd.vectorize($name::<3, 8>($tile, $rows, $vectors)),
            _ => unreachable!("a tile has at most three rows of one of VECTORS"),
        }
    };
}

/// Adds a group's contribution to the weight gradient.
pub(super) struct WeightTile<'a> {
    pub patches: Patches<'a>,
    /// `[out channel][up to a group's positions]`
    pub entries: &'a [Entry],
    pub lengths: &'a [usize],
    /// The group's padded input.
    pub input: &'a [f32],
    /// `[out channel][kernel row][patch row]`
    pub sums: &'a mut [f32],
    pub images: usize,
}

impl WeightTile<'_> {
    /// Adds to these rows and vectors of every output channel's patch.
    ///
    /// # Safety
    /// `entries` must come from [`Patches::list`] for these images.
    #[inline(always)]
    pub unsafe fn dispatch<S: Simd>(&mut self, simd: S, rows: Span, vectors: Span) {
        dispatch_patch!(simd, rows, vectors, self, SizedWeightTile);
    }
}

struct SizedWeightTile<'t, 'a, const R: usize, const V: usize>(&'t mut WeightTile<'a>, Span, Span);

impl<const R: usize, const V: usize> WithSimd for SizedWeightTile<'_, '_, R, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(tile, rows, vectors) = self;
        let patches = &tile.patches;
        patches.check::<S>(rows, R, vectors, V);
        assert!(tile.lengths.len() == patches.shape.out_channels && tile.sums.len() >= patches.patches());
        assert!(patches.end(tile.images) <= tile.input.len());
        let capacity = tile.entries.len() / tile.lengths.len();
        let start = rows.first * patches.input_row + vectors.first * S::F32_LANES;
        for (channel, length) in tile.lengths.iter().enumerate() {
            let row = channel * patches.shape.kernel + rows.first;
            // SAFETY: checked above: the sums hold `kernel` rows of `row` floats for each channel.
            let target = unsafe { tile.sums.as_mut_ptr().add(row * patches.row + vectors.first * S::F32_LANES) };
            // SAFETY: as above, for R rows of V vectors.
            let mut sums = unsafe { load_patch::<S, R, V>(simd, target, patches.row) };
            for entry in &tile.entries[channel * capacity..][..*length] {
                let value = simd.splat_f32s(entry.value);
                // SAFETY: the caller of `dispatch` promises that the entry is the offset of a patch, which ends before
                // `Patches::end`.
                unsafe {
                    let patch = tile.input.as_ptr().add(entry.offset as usize + start);
                    add_patch::<S, R, V>(simd, &mut sums, value, patch, patches.input_row);
                }
            }
            // SAFETY: as for the load.
            unsafe { store_patch::<S, R, V>(target, patches.row, sums) };
        }
    }
}

/// Adds a group's contribution to the input gradient.
pub(super) struct InputTile<'a> {
    pub patches: Patches<'a>,
    /// `[position][window index][mask]`
    pub masks: &'a [u64],
    /// `[position][out channel]`
    pub dz: &'a [f32],
    /// `[out channel][kernel row][patch row]`
    pub weights: &'a [f32],
    /// Shaped like the group's padded input.
    pub input_gradient: &'a mut [f32],
    pub images: usize,
}

impl InputTile<'_> {
    /// Adds the contribution of these rows and vectors of every output channel's patch.
    #[inline(always)]
    pub fn dispatch<S: Simd>(&mut self, simd: S, rows: Span, vectors: Span) {
        dispatch_patch!(simd, rows, vectors, self, SizedInputTile);
    }
}

struct SizedInputTile<'t, 'a, const R: usize, const V: usize>(&'t mut InputTile<'a>, Span, Span);

impl<const R: usize, const V: usize> WithSimd for SizedInputTile<'_, '_, R, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Self(InputTile { patches, masks, dz, images, .. }, rows, vectors) = &self;
        let (patches, images, shape) = (*patches, *images, patches.shape);
        patches.check::<S>(*rows, R, *vectors, V);
        assert!(self.0.weights.len() >= patches.patches() && patches.end(images) <= self.0.input_gradient.len());
        let mut masks = masks.chunks_exact(patches.masks_per_position());
        let mut dz = dz.chunks_exact(shape.out_channels);
        for image in 0..images {
            for y in 0..shape.out_height() {
                for x in 0..shape.out_width() {
                    if let (Some(masks), Some(dz)) = (masks.next(), dz.next()) {
                        self.window(simd, patches.window_offset(image, y, x), masks, dz);
                    }
                }
            }
        }
    }
}

impl<const R: usize, const V: usize> SizedInputTile<'_, '_, R, V> {
    /// Adds the gradients of one pooling window. `with_simd` has checked the bounds.
    #[inline(always)]
    fn window<S: Simd>(&mut self, simd: S, window: usize, masks: &[u64], dz: &[f32]) {
        let Self(tile, rows, vectors) = self;
        let patches = &tile.patches;
        let start = window + rows.first * patches.input_row + vectors.first * S::F32_LANES;
        // SAFETY: checked: the tile's rows and vectors lie inside every channel's patch.
        let weights = unsafe { tile.weights.as_ptr().add(rows.first * patches.row + vectors.first * S::F32_LANES) };
        for (window_index, masks) in masks.chunks_exact(patches.masks).enumerate() {
            if masks.iter().all(|mask| *mask == 0) {
                continue;
            }
            // SAFETY: checked: every patch ends before `Patches::end` in the padded input gradient. The bits selected
            // by `Patches::channels` are output channels, whose patches lie inside the weights. Values that a vector
            // writes past its row are unchanged, and later rows are written afterwards.
            unsafe {
                let target = tile.input_gradient.as_mut_ptr().add(start + patches.window_index_offset(window_index));
                let mut sums = load_patch::<S, R, V>(simd, target, patches.input_row);
                for (index, mask) in masks.iter().enumerate() {
                    let mut mask = *mask & patches.channels(index);
                    while mask != 0 {
                        let channel = index * MASK_CHANNELS + mask.trailing_zeros() as usize;
                        mask &= mask - 1;
                        let value = simd.splat_f32s(*dz.get_unchecked(channel));
                        let patch = weights.add(channel * patches.shape.kernel * patches.row);
                        add_patch::<S, R, V>(simd, &mut sums, value, patch, patches.row);
                    }
                }
                store_patch::<S, R, V>(target, patches.input_row, sums);
            }
        }
    }
}

/// `R` rows of `V` vectors, `stride` floats apart.
///
/// # Safety
/// They must be readable.
#[inline(always)]
unsafe fn load_patch<S: Simd, const R: usize, const V: usize>(
    simd: S,
    source: *const f32,
    stride: usize,
) -> [[S::f32s; V]; R] {
    let mut values = [[simd.splat_f32s(0.0); V]; R];
    for (r, values) in values.iter_mut().enumerate() {
        for (v, value) in values.iter_mut().enumerate() {
            // SAFETY: the caller promises that row r and vector v are readable.
            *value = unsafe { load::<S>(source.add(r * stride + v * S::F32_LANES)) };
        }
    }
    values
}

/// Adds `value` times a patch, whose rows are `stride` floats apart.
///
/// # Safety
/// Its `R` rows of `V` vectors must be readable.
#[inline(always)]
unsafe fn add_patch<S: Simd, const R: usize, const V: usize>(
    simd: S,
    sums: &mut [[S::f32s; V]; R],
    value: S::f32s,
    patch: *const f32,
    stride: usize,
) {
    for (r, sums) in sums.iter_mut().enumerate() {
        for (v, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller promises that row r and vector v are readable.
            let vector = unsafe { load::<S>(patch.add(r * stride + v * S::F32_LANES)) };
            *sum = simd.mul_add_e_f32s(value, vector, *sum);
        }
    }
}

/// Writes `R` rows of `V` vectors, `stride` floats apart, in order.
///
/// # Safety
/// They must be writable.
#[inline(always)]
unsafe fn store_patch<S: Simd, const R: usize, const V: usize>(
    target: *mut f32,
    stride: usize,
    values: [[S::f32s; V]; R],
) {
    for (r, values) in values.into_iter().enumerate() {
        for (v, value) in values.into_iter().enumerate() {
            // SAFETY: the caller promises that row r and vector v are writable.
            unsafe { store::<S>(target.add(r * stride + v * S::F32_LANES), value) };
        }
    }
}
