//! Scratch memory that outlives a call, and the SIMD level its kernels use.

mod buffer;

pub(crate) use buffer::Buffer;
use pulp::Arch;

/// Reusable scratch memory for the kernels, with the SIMD level they run at.
///
/// Make one per thread and pass it to every call: it grows to the largest need and then stays.
#[derive(Debug)]
pub struct Workspace {
    pub(crate) arch: Arch,
    /// Weights in the order that the kernel reads them.
    pub(crate) weights: Buffer<f32>,
    /// Bias with its tail padded, or other per-channel values.
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

/// What the sparse gradient needs besides floats.
#[derive(Debug, Default)]
pub(crate) struct SparseBuffers {
    /// For each pooled position and window position, a bit for every channel whose maximum was there.
    pub masks: Buffer<u64>,
    /// Window position per channel, or `NO_GRADIENT`.
    pub keys: Buffer<u8>,
    /// For each output channel, its non-zero gradients.
    pub entries: Buffer<Entry>,
    /// How many entries each output channel has.
    pub lengths: Buffer<usize>,
}

/// What Winograd's way needs.
#[derive(Debug, Default)]
pub(crate) struct WinogradBuffers {
    /// Transformed weights, where they are not kept from before.
    pub weights: Buffer<f32>,
    /// Transformed inputs, `[product][tile][in channel]`.
    pub patches: Buffer<f32>,
    /// What a pixel of the padding holds.
    pub zeros: Buffer<f32>,
    /// Products summed over input channels, `[product][tile][channels of one tile of vectors]`.
    pub products: Buffer<f32>,
}

/// A non-zero gradient of one output channel.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
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
