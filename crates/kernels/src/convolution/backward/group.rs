//! A batch's images in groups that stay in the cache.

use crate::workspace::Workspace;
use pulp::Simd;

/// Some images of a batch on their way through the backward pass.
pub(crate) struct Group<'a> {
    pub images: usize,
    /// Their part of the input.
    pub x: &'a [f32],
    /// Their part of the places of the maxima; empty without pooling.
    pub argmax: &'a [u8],
    /// Their part of the input gradient.
    pub dx: Option<&'a mut [f32]>,
}

/// A way to compute the gradients of weight and input.
///
/// A trait and no closure: what is not inlined into its caller would be compiled without SIMD.
pub(crate) trait AddGroup {
    /// Adds the gradients of a group, whose gradient before the activation is in `workspace.gradient`.
    fn add<S: Simd>(&self, simd: S, workspace: &mut Workspace, group: Group);
}
