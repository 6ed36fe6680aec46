//! Unaligned loads and stores of vectors, and dividing channels into vectors.

use pulp::Simd;
#[cfg(target_arch = "x86_64")]
use pulp::x86::V4;
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

/// Writes the first `count` floats of a vector to `pointer`, or the whole vector if it is shorter.
///
/// # Safety
/// That many floats must be writable there.
#[inline(always)]
pub(crate) unsafe fn store_first<S: Simd>(simd: S, pointer: *mut f32, value: S::f32s, count: usize) {
    if count >= S::F32_LANES {
        // SAFETY: the caller promises S::F32_LANES floats.
        unsafe { store::<S>(pointer, value) };
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = avx512(simd) {
        // SAFETY: the mask has the lanes of `count` floats, which the caller promises; both vectors are the same type.
        unsafe { simd.avx512f._mm512_mask_storeu_ps(pointer, first_lanes(count), transmute_copy(&value)) };
        return;
    }
    let _ = simd;
    // SAFETY: the caller promises `count` floats, fewer than `value` has.
    unsafe { pointer.copy_from_nonoverlapping((&raw const value).cast::<f32>(), count) };
}

/// Loads the first `count` floats from `pointer` and fills the rest with zeros; loads a whole vector if `count` is
/// larger.
///
/// # Safety
/// That many floats must be readable there.
#[inline(always)]
pub(crate) unsafe fn load_first<S: Simd>(simd: S, pointer: *const f32, count: usize) -> S::f32s {
    if count >= S::F32_LANES {
        // SAFETY: the caller promises S::F32_LANES floats.
        return unsafe { load::<S>(pointer) };
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = avx512(simd) {
        // SAFETY: the mask has the lanes of `count` floats, which the caller promises; both vectors are the same type.
        return unsafe { transmute_copy(&simd.avx512f._mm512_maskz_loadu_ps(first_lanes(count), pointer)) };
    }
    // SAFETY: the caller promises `count` floats.
    simd.partial_load_f32s(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// AVX-512, if that is the level: it reads and writes the first floats of a vector in one instruction.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx512<S: Simd>(simd: S) -> Option<V4> {
    // SAFETY: both are the same type.
    (TypeId::of::<S>() == TypeId::of::<V4>()).then(|| unsafe { transmute_copy(&simd) })
}

/// The mask of the first `count` lanes, fewer than all.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn first_lanes(count: usize) -> u16 {
    (1 << count) - 1
}

/// Vectors needed for `channels` floats.
pub(crate) fn vectors<S: Simd>(channels: usize) -> usize {
    channels.div_ceil(S::F32_LANES)
}

/// Divides `count` vectors into tiles of 3, 2 or 1, mostly 2: (first vector, vectors in the tile), in order.
///
/// An iterator, because a closure that is not inlined would be compiled without SIMD.
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
    // SAFETY: `rest` holds at least as many floats as are read.
    unsafe { load_first(simd, rest.as_ptr(), rest.len()) }
}

/// Writes a vector to `row` from channel `first`, up to its end.
#[inline(always)]
pub(crate) fn store_row<S: Simd>(simd: S, row: &mut [f32], first: usize, value: S::f32s) {
    let rest = &mut row[first..];
    // SAFETY: `rest` holds at least as many floats as are written.
    unsafe { store_first(simd, rest.as_mut_ptr(), value, rest.len()) }
}

/// Loads the window indices of `row` from channel `first`, widened, with zeros past its end.
#[inline(always)]
pub(crate) fn load_indices<S: Simd>(simd: S, row: &[u8], first: usize) -> S::u32s {
    let mut indices = simd.splat_u32s(0);
    let lanes = pulp::bytemuck::cast_slice_mut::<S::u32s, u32>(std::slice::from_mut(&mut indices));
    let rest = &row[first..];
    if let Some(rest) = rest.get(..S::F32_LANES) {
        for (lane, index) in lanes.iter_mut().zip(rest) {
            *lane = u32::from(*index);
        }
    } else {
        for (lane, index) in lanes.iter_mut().zip(rest) {
            *lane = u32::from(*index);
        }
    }
    indices
}

/// Writes window indices to `row` from channel `first`, up to its end.
#[inline(always)]
pub(crate) fn store_indices<S: Simd>(simd: S, row: &mut [u8], first: usize, indices: S::u32s) {
    let rest = &mut row[first..];
    #[cfg(target_arch = "x86_64")]
    if let Some(narrow) = narrow(simd, indices) {
        let count = rest.len().min(narrow.len());
        if let Some(rest) = rest.first_chunk_mut() {
            *rest = narrow;
        } else {
            rest[..count].copy_from_slice(&narrow[..count]);
        }
        return;
    }
    let _ = simd;
    for (index, lane) in rest.iter_mut().zip(pulp::bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(&indices)))
    {
        *index = *lane as u8;
    }
}

/// Narrows the lanes to bytes with AVX-512. The compiler would convert them one by one.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn narrow<S: Simd>(simd: S, lanes: S::u32s) -> Option<[u8; 16]> {
    let simd = avx512(simd)?;
    // SAFETY: both are the same type.
    let lanes = unsafe { transmute_copy(&lanes) };
    Some(pulp::cast(simd.avx512f._mm512_cvtepi32_epi8(lanes)))
}

/// Lanes where `value` replaces `best` as the maximum of a window: `value` is larger, or NaN.
#[inline(always)]
pub(crate) fn wins<S: Simd>(simd: S, value: S::f32s, best: S::f32s) -> S::m32s {
    simd.or_m32s(simd.greater_than_f32s(value, best), simd.not_m32s(simd.equal_f32s(value, value)))
}
