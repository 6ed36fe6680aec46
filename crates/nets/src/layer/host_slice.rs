//! Conversion between Candle's CPU storage and slices, for our own operations.

use std::cell::RefCell;

use candle_core::{CpuStorage, Device, Layout, Result, Storage, Tensor, bail};

use kernels::Workspace;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::new(Workspace::new());
}

/// Runs `work` with this thread's workspace, which is reused between calls.
pub(crate) fn with_workspace<T>(work: impl FnOnce(&mut Workspace) -> T) -> T {
    WORKSPACE.with_borrow_mut(work)
}

/// The contiguous float32 values of a storage.
pub(crate) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else { bail!("this operation computes in float32") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => bail!("this operation needs contiguous values"),
    }
}

/// Calls `work` with the contiguous float32 values of each tensor.
pub(crate) fn with_floats<const N: usize, T>(
    tensors: [&Tensor; N],
    work: impl FnOnce([&[f32]; N]) -> Result<T>,
) -> Result<T> {
    let storages = tensors.map(|tensor| tensor.storage_and_layout());
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&storages) {
        let Storage::Cpu(storage) = &**storage else { bail!("this operation computes on the CPU") };
        *slice = floats(storage, layout)?;
    }
    work(slices)
}

/// A tensor of `values` with the shape of `model`.
pub(super) fn shaped_like(model: &Tensor, values: Vec<f32>) -> Result<Tensor> {
    Tensor::from_vec(values, model.shape(), &Device::Cpu)
}
