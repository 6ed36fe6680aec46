//! Vectors times numbers, which the transforms are made of.

use pulp::Simd;

/// `factor * x`
#[inline(always)]
pub(super) fn mul<S: Simd>(simd: S, factor: f32, x: S::f32s) -> S::f32s {
    simd.mul_f32s(simd.splat_f32s(factor), x)
}

/// `factor * x + y`
#[inline(always)]
pub(super) fn mul_add<S: Simd>(simd: S, factor: f32, x: S::f32s, y: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(factor), x, y)
}
