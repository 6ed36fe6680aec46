//! Register tiles of a sum of outer products: `R` rows by `V` vectors.

use crate::gemm::micro_kernel::tile_rows;
use crate::gemm::outer_sum::{OuterSum, Pooling, Rows};
use crate::simd::lanes::{load, load_indices, store, store_first};
use pulp::{Simd, WithSimd};

/// Rows supported for a tile of 1, 2 or 3 vectors.
pub(crate) const ROWS: [&[usize]; 3] = [&[1, 2, 4, 6, 9, 12], &[1, 2, 4, 6, 8, 9, 10], &[1, 2, 3, 4, 6, 7]];

/// Most rows of a tile with pooling, where window indices need registers too.
pub(crate) const POOLED_ROWS: usize = 9;

/// One tile of an outer sum.
#[derive(Clone, Copy)]
pub(crate) struct Tile<'a> {
    pub sum: OuterSum<'a>,
    pub rows: Rows,
    /// The tile's first row.
    pub row: usize,
    pub b: *const f32,
    pub target: *mut f32,
    pub row_stride: usize,
    /// The tile's first channel.
    pub channel: usize,
    /// Channels from the tile's first to the last.
    pub channels: usize,
    pub accumulate: bool,
}

/// A [`Tile`] of `R` rows by `V` vectors, to be compiled for one SIMD level.
struct SizedTile<'a, const R: usize, const V: usize, const STEPS: u8>(Tile<'a>);

/// Steps are windows, each channel with an index of its own.
const POOLED: u8 = 0;
/// Rows lie at any offsets.
const SCATTERED: u8 = 1;
/// Rows are contiguous: where the first one is tells all.
const CONTIGUOUS: u8 = 2;

macro_rules! dispatch_rows {
    ($simd:expr, $tile:expr, $rows:expr, $vectors:literal, $($count:literal)*) => {
        match $rows {
            $($count if $tile.sum.pooling.is_some() => $simd.vectorize(SizedTile::<$count, $vectors, POOLED>($tile)),)*
            $($count if $tile.rows.are_contiguous() => $simd.vectorize(SizedTile::<$count, $vectors, CONTIGUOUS>($tile)),)*
            $($count => $simd.vectorize(SizedTile::<$count, $vectors, SCATTERED>($tile)),)*
            _ => unreachable!("a tile has one of ROWS"),
        }
    };
}

impl Tile<'_> {
    #[inline(always)]
    pub fn dispatch<S: Simd>(self, simd: S, rows: usize, vectors: usize) {
        match vectors {
            1 => dispatch_rows!(simd, self, rows, 1, 1 2 4 6 9 12),
            2 => dispatch_rows!(simd, self, rows, 2, 1 2 4 6 8 9 10),
            _ => dispatch_rows!(simd, self, rows, 3, 1 2 3 4 6 7),
        }
    }
}

impl<const R: usize, const V: usize, const STEPS: u8> WithSimd for SizedTile<'_, R, V, STEPS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if R > tile_rows::<S>(V) || STEPS == POOLED && R > POOLED_ROWS {
            return;
        }
        let tile = &self.0;
        let sum = &tile.sum;
        let mut sums = self.start(simd);
        let mut offsets = [0; R];
        for (r, offset) in offsets.iter_mut().enumerate() {
            *offset = tile.rows.offset(tile.row + r);
        }
        for image in 0..sum.steps[0] {
            for row in 0..sum.steps[1] {
                let a = image * sum.a_strides[0] + row * sum.a_strides[1];
                let b = image * sum.b_strides[0] + row * sum.b_strides[1];
                // SAFETY: `OuterSum::check` verified that all steps of all rows and channels are readable.
                unsafe {
                    match &sum.pooling {
                        Some(pooling) if STEPS == POOLED => self.windows(simd, &mut sums, &offsets, a, b, pooling),
                        _ if STEPS == POOLED => {}
                        _ => self.columns(simd, &mut sums, &offsets, a, b),
                    }
                }
            }
        }
        self.finish(simd, sums);
    }
}

impl<const R: usize, const V: usize, const STEPS: u8> SizedTile<'_, R, V, STEPS> {
    /// Adds one step: `a` times `b`.
    ///
    /// # Safety
    /// `a` must be readable at all offsets.
    #[inline(always)]
    unsafe fn step<S: Simd>(
        simd: S,
        sums: &mut [[S::f32s; V]; R],
        offsets: &[usize; R],
        a: *const f32,
        b: [S::f32s; V],
    ) {
        for r in 0..R {
            // Contiguous rows lie at constant distances from the first.
            let offset = if STEPS == CONTIGUOUS { r } else { offsets[r] };
            // SAFETY: the caller promises that `a` is readable there.
            let value = simd.splat_f32s(unsafe { *a.add(offset) });
            for v in 0..V {
                sums[r][v] = simd.mul_add_e_f32s(value, b[v], sums[r][v]);
            }
        }
    }

    /// The vectors of `b` at a step.
    ///
    /// # Safety
    /// They must be readable.
    #[inline(always)]
    unsafe fn vectors<S: Simd>(simd: S, b: *const f32) -> [S::f32s; V] {
        let mut vectors = [simd.splat_f32s(0.0); V];
        for (v, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: the caller promises that the step is readable.
            *vector = unsafe { load::<S>(b.add(v * S::F32_LANES)) };
        }
        vectors
    }

    /// Adds one row of steps, from the given offsets in `a` and `b`.
    ///
    /// # Safety
    /// All its steps must be readable.
    #[inline(always)]
    unsafe fn columns<S: Simd>(&self, simd: S, sums: &mut [[S::f32s; V]; R], offsets: &[usize; R], a: usize, b: usize) {
        let sum = &self.0.sum;
        let [a_stride, b_stride] = [sum.a_strides[2], sum.b_strides[2]];
        let first = if STEPS == CONTIGUOUS { offsets[0] } else { 0 };
        let (mut a, mut b) = (sum.a.as_ptr().wrapping_add(a + first), self.0.b.wrapping_add(b));
        for _ in 0..sum.steps[2] {
            // SAFETY: the caller promises that the step is readable.
            unsafe {
                Self::step(simd, sums, offsets, a, Self::vectors(simd, b));
            }
            (a, b) = (a.wrapping_add(a_stride), b.wrapping_add(b_stride));
        }
    }

    /// Adds one row of windows, from the given offsets in `a` and `b`.
    ///
    /// # Safety
    /// All their steps must be readable.
    #[inline(always)]
    unsafe fn windows<S: Simd>(
        &self,
        simd: S,
        sums: &mut [[S::f32s; V]; R],
        offsets: &[usize; R],
        a: usize,
        b: usize,
        pooling: &Pooling,
    ) {
        let tile = &self.0;
        for column in 0..tile.sum.steps[2] {
            let b = b + column * tile.sum.b_strides[2];
            // SAFETY: the caller promises that the step is readable.
            let vectors = unsafe { Self::vectors(simd, tile.b.add(b)) };
            let argmax = &pooling.argmax[tile.channel + b..][..tile.channels.min(V * S::F32_LANES)];
            let mut indices = [simd.splat_u32s(0); V];
            for (v, indices) in indices.iter_mut().enumerate() {
                *indices = load_indices(simd, argmax, v * S::F32_LANES);
            }
            for index in 0..pooling.pool * pooling.pool {
                let mut here = vectors;
                for (vector, indices) in here.iter_mut().zip(indices) {
                    let mask = simd.equal_u32s(indices, simd.splat_u32s(index as u32));
                    *vector = simd.select_f32s(mask, *vector, simd.splat_f32s(0.0));
                }
                let [row, column_stride] = pooling.strides;
                let offset = index / pooling.pool * row + index % pooling.pool * column_stride;
                // SAFETY: as above; `OuterSum::check` verified the whole window.
                unsafe {
                    let a = tile.sum.a.as_ptr().add(a + column * tile.sum.a_strides[2] + offset);
                    Self::step(simd, sums, offsets, a, here);
                }
            }
        }
    }

    /// The sums to add to.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S) -> [[S::f32s; V]; R] {
        let mut sums = [[simd.splat_f32s(0.0); V]; R];
        if self.0.accumulate {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: `OuterSum::check` verified that padded rows lie inside the target.
                    *sum = unsafe { load::<S>(self.0.target.add(r * self.0.row_stride + v * S::F32_LANES)) };
                }
            }
        }
        sums
    }

    /// Writes the sums.
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, sums: [[S::f32s; V]; R]) {
        for (r, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                let channel = v * S::F32_LANES;
                // SAFETY: `OuterSum::check` verified that the rows lie inside the target.
                unsafe {
                    let target = self.0.target.add(r * self.0.row_stride + channel);
                    if self.0.accumulate {
                        store::<S>(target, sum);
                    } else {
                        store_first(simd, target, sum, self.0.channels - channel);
                    }
                }
            }
        }
    }
}
