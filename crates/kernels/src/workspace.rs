//! Reusable scratch memory with the SIMD level of its kernels.

mod buffer;

pub(crate) use buffer::Buffer;
use pulp::Arch;

/// Reusable scratch memory for the kernels, with the SIMD level they run at.
///
/// Make one per thread and pass it to every call. It grows to the largest need and never shrinks.
#[derive(Debug)]
pub struct Workspace {
    pub(crate) arch: Arch,
    /// Weights in the order that the kernel reads them.
    pub(crate) weights: Buffer<f32>,
    /// Bias padded to whole vectors, or other per-channel values.
    pub(crate) channels: Buffer<f32>,
    /// Input images with their zero border.
    pub(crate) input: Buffer<f32>,
    /// Gradient before the activation, at pooled positions.
    pub(crate) gradient: Buffer<f32>,
    /// Gradient at every convolution position.
    pub(crate) expanded: Buffer<f32>,
    /// Input gradient with its border.
    pub(crate) input_gradient: Buffer<f32>,
    /// Weight gradient in the order that the kernel sums it.
    pub(crate) sums: Buffer<f32>,
    /// Sums over the batch per channel, in double precision.
    pub(crate) totals: Buffer<f64>,
    pub(crate) sparse: SparseBuffers,
    pub(crate) winograd: WinogradBuffers,
}

/// Integer buffers of the sparse gradient.
#[derive(Debug, Default)]
pub(crate) struct SparseBuffers {
    /// For each pooled position and window index, a bit for every channel with its maximum there.
    pub masks: Buffer<u64>,
    /// Window index per channel, or `NO_GRADIENT`.
    pub keys: Buffer<u8>,
    /// For each output channel, its non-zero gradients.
    pub entries: Buffer<Entry>,
    /// Number of entries of each output channel.
    pub lengths: Buffer<usize>,
}

/// Buffers of Winograd convolution.
#[derive(Debug, Default)]
pub(crate) struct WinogradBuffers {
    /// Transformed weights, unless they were prepared earlier.
    pub weights: Buffer<f32>,
    /// Transformed inputs, `[product][tile][in channel]`.
    pub patches: Buffer<f32>,
    /// Transformed gradients of the outputs, `[product][tile][out channel]`.
    pub gradients: Buffer<f32>,
    /// A padding pixel.
    pub zeros: Buffer<f32>,
    /// Products summed over input channels, `[product][tile][channels of one tile of vectors]`.
    pub products: Buffer<f32>,
}

/// A non-zero gradient of one output channel.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    /// Start of its patch in the padded input.
    pub offset: u32,
    /// The gradient.
    pub value: f32,
}

impl Workspace {
    /// An empty workspace for the widest SIMD level of this machine.
    pub fn new() -> Self {
        Self::with_arch(Arch::new())
    }

    /// An empty workspace for a given SIMD level, used by tests to compare levels.
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
