//! Sums of outer products, used for the dense weight gradient.

mod tile;

use super::micro_kernel::{next_tile, tile_rows};
use crate::simd::lanes::{vector_tiles, vectors};
use pulp::Simd;
use tile::{POOLED_ROWS, ROWS, Tile};

/// `Σ a[step + row] * b[step + channel]` over a grid of steps.
///
/// With pooling a step is a window: for each channel, `b` is multiplied by `a` at the maximum's index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OuterSum<'a> {
    /// Steps along images, rows and columns.
    pub steps: [usize; 3],
    pub a: &'a [f32],
    /// Strides of the three kinds of step in `a`.
    pub a_strides: [usize; 3],
    /// Readable to the end of the last vector.
    pub b: &'a [f32],
    pub b_strides: [usize; 3],
    pub pooling: Option<Pooling<'a>>,
}

/// The window index of each channel's value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pooling<'a> {
    /// Side of the window.
    pub pool: usize,
    /// Window indices in row-major order, laid out like `b`.
    pub argmax: &'a [u8],
    /// Strides of a row and a column of the window in `a`.
    pub strides: [usize; 2],
}

/// The rows of an outer sum: runs of contiguous rows in `a`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub count: usize,
    /// Rows in a run.
    pub run: usize,
    /// Distance from the start of a run to the start of the next.
    pub pitch: usize,
}

impl Rows {
    /// Rows that are all contiguous.
    pub fn contiguous(count: usize) -> Self {
        Self { count, run: count, pitch: 0 }
    }

    /// Whether all rows are contiguous.
    #[inline(always)]
    pub fn are_contiguous(&self) -> bool {
        self.run >= self.count
    }

    /// Offset of a row in `a`.
    #[inline(always)]
    pub fn offset(&self, row: usize) -> usize {
        if self.are_contiguous() { row } else { row / self.run * self.pitch + row % self.run }
    }

    /// The largest offset of a row in `a`.
    fn farthest(&self) -> usize {
        let last = self.count.saturating_sub(1);
        if self.are_contiguous() { last } else { (0..self.count).map(|row| self.offset(row)).max().unwrap_or(0) }
    }
}

/// The output of an outer sum.
pub(crate) struct OuterTarget<'a> {
    /// `[row][channel]`
    pub values: &'a mut [f32],
    pub row_stride: usize,
    /// Whether to add to the values. If so, rows must be padded to whole vectors.
    pub accumulate: bool,
}

impl OuterSum<'_> {
    fn check<S: Simd>(&self, rows: Rows, channels: usize, target: &OuterTarget) {
        let last = |strides: [usize; 3]| {
            (0..3).map(|d| (self.steps[d] - 1).saturating_mul(strides[d])).fold(0, usize::saturating_add)
        };
        let padded = vectors::<S>(channels) * S::F32_LANES;
        let width = if target.accumulate { padded } else { channels };
        if let Some(pooling) = &self.pooling {
            assert!(last(self.b_strides).saturating_add(channels) <= pooling.argmax.len());
        }
        let window = self.pooling.map_or(0, |pooling| {
            (pooling.pool - 1).saturating_mul(pooling.strides[0].saturating_add(pooling.strides[1]))
        });
        let farthest = rows.farthest();
        assert!(last(self.a_strides).saturating_add(window).saturating_add(farthest) < self.a.len());
        assert!(last(self.b_strides).saturating_add(padded) <= self.b.len());
        assert!((rows.count - 1).saturating_mul(target.row_stride).saturating_add(width) <= target.values.len());
    }

    /// Sums `rows` of `a` by `channels` channels of `b` into `target`.
    #[inline(always)]
    pub fn run<S: Simd>(&self, simd: S, rows: Rows, channels: usize, target: &mut OuterTarget) {
        if self.steps.contains(&0) || rows.count == 0 {
            return;
        }
        self.check::<S>(rows, channels, target);
        for (vector, size) in vector_tiles(vectors::<S>(channels)) {
            let channel = vector * S::F32_LANES;
            let most = tile_rows::<S>(size).min(if self.pooling.is_some() { POOLED_ROWS } else { 12 });
            let mut row = 0;
            while row < rows.count {
                let count = next_tile(ROWS[size - 1], rows.count - row, most);
                let tile = Tile {
                    sum: *self,
                    rows,
                    row,
                    b: self.b[channel..].as_ptr(),
                    target: target.values[row * target.row_stride + channel..].as_mut_ptr(),
                    row_stride: target.row_stride,
                    channel,
                    channels: channels - channel,
                    accumulate: target.accumulate,
                };
                tile.dispatch(simd, count, size);
                row += count;
            }
        }
    }
}
