//! Loads and stores of vectors at any address, and how channels are cut into vectors.

use pulp::Simd;
#[cfg(target_arch = "x86_64")]
use std::{any::TypeId, mem::transmute_copy};

/// `S::F32_LANES` floats from `pointer`.
///
/// # Safety
/// They must be readable.
#[inline(always)]
pub(crate) unsafe fn load<S: Simd>(pointer: *const f32) -> S::f32s {
    // SAFETY: the caller promises that these floats are readable; any bits are a valid vector.
    unsafe { pointer.cast::<S::f32s>().read_unaligned() }
}

/// Writes a whole vector to `pointer`.
///
/// # Safety
/// `S::F32_LANES` floats must be writable there.
#[inline(always)]
pub(crate) unsafe fn store<S: Simd>(pointer: *mut f32, value: S::f32s) {
    // SAFETY: the caller promises that these floats are writable.
    unsafe { pointer.cast::<S::f32s>().write_unaligned(value) }
}

/// Writes the first `count` floats of a vector to `pointer`, all if it has fewer.
///
/// # Safety
/// That many floats must be writable there.
#[inline(always)]
pub(crate) unsafe fn store_first<S: Simd>(pointer: *mut f32, value: S::f32s, count: usize) {
    if count >= S::F32_LANES {
        // SAFETY: the caller promises S::F32_LANES floats.
        unsafe { store::<S>(pointer, value) };
    } else {
        // SAFETY: the caller promises `count` floats, fewer than `value` has.
        unsafe { pointer.copy_from_nonoverlapping((&raw const value).cast::<f32>(), count) };
    }
}

/// The first `count` floats from `pointer` and zeros behind them, a whole vector if `count` is more.
///
/// # Safety
/// That many floats must be readable there.
#[inline(always)]
pub(crate) unsafe fn load_first<S: Simd>(simd: S, pointer: *const f32, count: usize) -> S::f32s {
    if count >= S::F32_LANES {
        // SAFETY: the caller promises S::F32_LANES floats.
        unsafe { load::<S>(pointer) }
    } else {
        // SAFETY: the caller promises `count` floats.
        simd.partial_load_f32s(unsafe { std::slice::from_raw_parts(pointer, count) })
    }
}

/// Vectors that hold `channels` floats.
pub(crate) fn vectors<S: Simd>(channels: usize) -> usize {
    channels.div_ceil(S::F32_LANES)
}

/// Cuts `count` vectors into tiles of 3, 2 or 1, mostly 2: (first vector, vectors in the tile), in order.
///
/// An iterator and no call back: what is not inlined into its caller would be compiled without SIMD.
#[inline(always)]
pub(crate) fn vector_tiles(count: usize) -> VectorTiles {
    VectorTiles { first: 0, count }
}

/// The iterator of [`vector_tiles`].
pub(crate) struct VectorTiles {
    first: usize,
    count: usize,
}

impl Iterator for VectorTiles {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        let (first, left) = (self.first, self.count - self.first);
        if left == 0 {
            return None;
        }
        let size = if left % 2 == 1 && left > 1 { 3 } else { left.min(2) };
        self.first += size;
        Some((first, size))
    }
}

/// Part `index` of `parts` nearly equal parts of `0..count`, as (start, length).
pub(crate) fn part(count: usize, parts: usize, index: usize) -> (usize, usize) {
    let start = count * index / parts;
    (start, count * (index + 1) / parts - start)
}

/// The vector of `row` from channel `first`, with zeros past its end.
#[inline(always)]
pub(crate) fn load_row<S: Simd>(simd: S, row: &[f32], first: usize) -> S::f32s {
    let rest = &row[first..];
    if rest.len() >= S::F32_LANES {
        // SAFETY: just checked.
        unsafe { load::<S>(rest.as_ptr()) }
    } else {
        simd.partial_load_f32s(rest)
    }
}

/// Writes a vector to `row` from channel `first`, up to its end.
#[inline(always)]
pub(crate) fn store_row<S: Simd>(row: &mut [f32], first: usize, value: S::f32s) {
    let rest = &mut row[first..];
    // SAFETY: `rest` holds at least as many floats as are written.
    unsafe { store_first::<S>(rest.as_mut_ptr(), value, rest.len()) }
}

/// The places of `row` from channel `first`, widened, with zeros past its end.
#[inline(always)]
pub(crate) fn load_places<S: Simd>(simd: S, row: &[u8], first: usize) -> S::u32s {
    let mut places = simd.splat_u32s(0);
    let lanes = pulp::bytemuck::cast_slice_mut::<S::u32s, u32>(std::slice::from_mut(&mut places));
    let rest = &row[first..];
    if let Some(rest) = rest.get(..S::F32_LANES) {
        for (lane, place) in lanes.iter_mut().zip(rest) {
            *lane = u32::from(*place);
        }
    } else {
        for (lane, place) in lanes.iter_mut().zip(rest) {
            *lane = u32::from(*place);
        }
    }
    places
}

/// Writes places to `row` from channel `first`, up to its end.
#[inline(always)]
pub(crate) fn store_places<S: Simd>(simd: S, row: &mut [u8], first: usize, places: S::u32s) {
    let rest = &mut row[first..];
    #[cfg(target_arch = "x86_64")]
    if let Some(narrow) = narrow(simd, places) {
        let count = rest.len().min(narrow.len());
        if let Some(rest) = rest.first_chunk_mut() {
            *rest = narrow;
        } else {
            rest[..count].copy_from_slice(&narrow[..count]);
        }
        return;
    }
    let _ = simd;
    for (place, lane) in rest.iter_mut().zip(pulp::bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(&places)))
    {
        *place = *lane as u8;
    }
}

/// The lanes as bytes with AVX-512, where the compiler would take them one by one.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn narrow<S: Simd>(simd: S, lanes: S::u32s) -> Option<[u8; 16]> {
    use pulp::x86::V4;
    if TypeId::of::<S>() != TypeId::of::<V4>() {
        return None;
    }
    // SAFETY: both are the same type.
    let (simd, lanes) = unsafe { (transmute_copy::<S, V4>(&simd), transmute_copy(&lanes)) };
    Some(pulp::cast(simd.avx512f._mm512_cvtepi32_epi8(lanes)))
}

/// Lanes where `value` replaces `best` as the maximum of a window: above it, or NaN.
#[inline(always)]
pub(crate) fn wins<S: Simd>(simd: S, value: S::f32s, best: S::f32s) -> S::m32s {
    simd.or_m32s(simd.greater_than_f32s(value, best), simd.not_m32s(simd.equal_f32s(value, value)))
}
