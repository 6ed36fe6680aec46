//! Kernels for training small convolutional networks on one CPU core: direct convolution, batch normalisation, linear
//! layers and Adam on plain slices, with SIMD chosen at run time.
//!
//! Layout: activations are `[batch, height, width, channels]` (channels last), weights and their gradients are PyTorch's
//! (`[out, in, kernel, kernel]` and `[out, in]`). Every kernel overwrites its outputs, uses one thread, allocates nothing
//! once its [`Workspace`] has grown, and gives the same bits for the same input on the same kind of machine.

mod activation;
mod batch_norm;
mod convolution;
mod gemm;
mod length;
mod linear;
mod optimiser;
mod simd;
mod workspace;

pub use activation::Activation;
pub use batch_norm::{
    BatchNorm, BatchNormGradients, BatchNormSaved, BatchNormShape, ChannelStatistics, batch_norm_backward,
    batch_norm_forward, batch_norm_inference,
};
pub use convolution::{
    ConvGradients, ConvSaved, ConvShape, PreparedConvolution, convolution_backward, convolution_forward,
};
pub use linear::{LinearGradients, LinearSaved, LinearShape, linear_backward, linear_forward};
pub use optimiser::{Adam, adam_step};
pub use workspace::Workspace;
