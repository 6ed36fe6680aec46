//! The innermost loop: a register tile of images by output channels.

use crate::simd::lanes::load;
use pulp::Simd;

/// Rows supported for a tile of 1, 2 or 3 vectors; [`dispatch_tile`] has a case for each.
pub(crate) const TILE_ROWS: [&[usize]; 3] = [&[1, 2, 4, 8, 12], &[1, 2, 4, 6, 8, 10], &[1, 2, 3, 4, 7]];

/// Runs a tile of one of [`TILE_ROWS`], compiled for its size: `$sized::<rows, vectors>($tile)`.
macro_rules! dispatch_tile {
    ($simd:expr, $sized:ident, $tile:expr, $rows:expr, $vectors:expr) => {
        match ($vectors, $rows) {
            (1, 1) => $simd.vectorize($sized::<1, 1>($tile)),
            (1, 2) => $simd.vectorize($sized::<2, 1>($tile)),
            (1, 4) => $simd.vectorize($sized::<4, 1>($tile)),
            (1, 8) => $simd.vectorize($sized::<8, 1>($tile)),
            (1, 12) => $simd.vectorize($sized::<12, 1>($tile)),
            (2, 1) => $simd.vectorize($sized::<1, 2>($tile)),
            (2, 2) => $simd.vectorize($sized::<2, 2>($tile)),
            (2, 4) => $simd.vectorize($sized::<4, 2>($tile)),
            (2, 6) => $simd.vectorize($sized::<6, 2>($tile)),
            (2, 8) => $simd.vectorize($sized::<8, 2>($tile)),
            (2, 10) => $simd.vectorize($sized::<10, 2>($tile)),
            (3, 1) => $simd.vectorize($sized::<1, 3>($tile)),
            (3, 2) => $simd.vectorize($sized::<2, 3>($tile)),
            (3, 3) => $simd.vectorize($sized::<3, 3>($tile)),
            (3, 4) => $simd.vectorize($sized::<4, 3>($tile)),
            (3, 7) => $simd.vectorize($sized::<7, 3>($tile)),
            _ => unreachable!("a tile has one of TILE_ROWS"),
        }
    };
}
pub(crate) use dispatch_tile;

/// Most rows (images, or rows of an outer product) in a tile of `vectors` vectors. Accumulators, vectors and one
/// broadcast value per row must fit in registers, because the compiler loads them all before multiplying.
#[inline(always)]
pub(crate) const fn tile_rows<S: Simd>(vectors: usize) -> usize {
    let fit = (registers::<S>() - vectors) / (vectors + 1);
    if fit < 12 { fit } else { 12 }
}

/// Vector registers available for accumulators and operands. WebAssembly uses the registers of the machine that runs
/// it: 16 on x86-64.
#[inline(always)]
const fn registers<S: Simd>() -> usize {
    if cfg!(target_arch = "wasm32") { 16 } else { S::REGISTER_COUNT }
}

/// Rows of the next tile out of the `left` remaining: one of `sizes` (ascending from 1), at most `most`, chosen to make
/// the last three tiles nearly equal.
#[inline(always)]
pub(crate) fn next_tile(sizes: &[usize], left: usize, most: usize) -> usize {
    // Divisions by constants only: this runs for every tile.
    let equal = match left {
        _ if left <= most => left,
        _ if left <= 2 * most => left.div_ceil(2),
        _ if left <= 3 * most => left.div_ceil(3),
        _ => most,
    };
    let fitting = sizes.iter().copied().take_while(|size| *size <= left.min(most));
    fitting.clone().find(|size| *size >= equal).or(fitting.last()).unwrap_or(1)
}

/// `sums[image][vector] += Σ_k x[image * stride + k] * weights[k][vector]` for `k` in `0..len`.
///
/// # Safety
/// `x` must be readable at all those indices, and `weights` for `len * V * S::F32_LANES` floats.
#[inline(always)]
pub(crate) unsafe fn accumulate<S: Simd, const P: usize, const V: usize>(
    simd: S,
    sums: &mut [[S::f32s; V]; P],
    x: *const f32,
    stride: usize,
    weights: *const f32,
    len: usize,
) {
    for pair in 0..len / 2 {
        // SAFETY: both rows of the pair are below len.
        unsafe {
            add_products::<S, P, V, 2>(simd, sums, x.add(2 * pair), stride, weights.add(2 * pair * V * S::F32_LANES));
        }
    }
    if len % 2 == 1 {
        // SAFETY: the last row is below len.
        unsafe {
            add_products::<S, P, V, 1>(simd, sums, x.add(len - 1), stride, weights.add((len - 1) * V * S::F32_LANES));
        }
    }
}

/// The same for `K` rows of weights, one after the other: their addresses are worked out together.
///
/// # Safety
/// As [`accumulate`], for `K` instead of `len`.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "iterators kept accumulators in memory")]
unsafe fn add_products<S: Simd, const P: usize, const V: usize, const K: usize>(
    simd: S,
    sums: &mut [[S::f32s; V]; P],
    x: *const f32,
    stride: usize,
    weights: *const f32,
) {
    let mut rows = [[simd.splat_f32s(0.0); V]; K];
    for k in 0..K {
        for v in 0..V {
            // SAFETY: row k < K, of V vectors.
            rows[k][v] = unsafe { load::<S>(weights.add((k * V + v) * S::F32_LANES)) };
        }
    }
    for p in 0..P {
        for k in 0..K {
            // SAFETY: p < P and k < K.
            let value = simd.splat_f32s(unsafe { *x.add(p * stride + k) });
            for v in 0..V {
                sums[p][v] = simd.mul_add_e_f32s(value, rows[k][v], sums[p][v]);
            }
        }
    }
}
