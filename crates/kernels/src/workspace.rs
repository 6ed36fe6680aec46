//! Scratch memory that outlives a call, and the SIMD level its kernels use.

use super::winograd::WinogradBuffers;
use pulp::Arch;

/// Bytes that buffers are aligned to: a cache line, and the widest vector.
const ALIGNMENT: usize = 64;

/// Reusable scratch memory for the kernels, with the SIMD level they run at.
///
/// Make one per thread and pass it to every call: it grows to the largest need and then stays.
#[derive(Debug)]
pub struct Workspace {
    pub(super) arch: Arch,
    /// Weights in the order that the kernel reads them.
    pub(super) weights: Buffer<f32>,
    /// Bias with its tail padded, or other per-channel values.
    pub(super) channels: Buffer<f32>,
    /// Input images with their zero border.
    pub(super) input: Buffer<f32>,
    /// Gradient before the activation, at pooled positions.
    pub(super) gradient: Buffer<f32>,
    /// Gradient at every convolution position.
    pub(super) expanded: Buffer<f32>,
    /// Input gradient with its border.
    pub(super) input_gradient: Buffer<f32>,
    /// Weight gradient in the order that the kernel sums it.
    pub(super) sums: Buffer<f32>,
    /// Sums over the batch per channel, in double precision.
    pub(super) totals: Buffer<f64>,
    pub(super) sparse: SparseBuffers,
    pub(super) winograd: WinogradBuffers,
}

/// What the sparse gradient needs besides floats.
#[derive(Debug, Default)]
pub(super) struct SparseBuffers {
    /// For each pooled position and window position, a bit for every channel whose maximum was there.
    pub masks: Buffer<u64>,
    /// Window position per channel, or [`super::sparse_gradient::NO_GRADIENT`].
    pub keys: Buffer<u8>,
    /// For each output channel, its non-zero gradients.
    pub entries: Buffer<Entry>,
    /// How many entries each output channel has.
    pub lengths: Buffer<usize>,
}

/// A non-zero gradient of one output channel.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// Where its patch starts in the padded input.
    pub offset: u32,
    /// The gradient.
    pub value: f32,
}

impl Workspace {
    /// An empty workspace for the widest SIMD level that this machine has.
    pub fn new() -> Self {
        Self::with_arch(Arch::new())
    }

    /// An empty workspace for a given SIMD level: tests compare the levels with it.
    pub fn with_arch(arch: Arch) -> Self {
        Self {
            arch,
            weights: Buffer::default(),
            channels: Buffer::default(),
            input: Buffer::default(),
            gradient: Buffer::default(),
            expanded: Buffer::default(),
            input_gradient: Buffer::default(),
            sums: Buffer::default(),
            totals: Buffer::default(),
            sparse: SparseBuffers::default(),
            winograd: WinogradBuffers::default(),
        }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

/// Memory aligned to [`ALIGNMENT`] that only grows.
#[derive(Debug, Default)]
pub(super) struct Buffer<T>(Vec<T>);

impl<T: Copy + Default> Buffer<T> {
    /// `len` aligned elements of unspecified, but initialised, content.
    pub fn stale(&mut self, len: usize) -> &mut [T] {
        let slack = ALIGNMENT / size_of::<T>();
        if self.0.len() < len + slack {
            self.0.resize(len + slack, T::default());
        }
        let start = self.0.as_ptr().align_offset(ALIGNMENT).min(slack);
        &mut self.0[start..start + len]
    }

    /// `len` aligned elements of `T::default()`.
    pub fn cleared(&mut self, len: usize) -> &mut [T] {
        let slice = self.stale(len);
        slice.fill(T::default());
        slice
    }
}
