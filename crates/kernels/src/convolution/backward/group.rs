//! Groups of images that fit in the cache.

use crate::workspace::Workspace;
use pulp::Simd;

/// A group of images in the backward pass.
pub(crate) struct Group<'a> {
    pub images: usize,
    /// Their part of the input.
    pub x: &'a [f32],
    /// Their part of the window indices of the maxima; empty without pooling.
    pub argmax: &'a [u8],
    /// Their part of the input gradient.
    pub dx: Option<&'a mut [f32]>,
}

/// A method that computes the gradients of weight and input.
///
/// A trait, because a closure that is not inlined would be compiled without SIMD.
pub(crate) trait AddGroup {
    /// Adds the gradients of a group, whose gradient before the activation is in `workspace.gradient`.
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group);
}
