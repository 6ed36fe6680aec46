//! Kernels for training small convolutional networks on one CPU core: direct convolution, batch normalisation, linear
//! layers and Adam on plain slices, with SIMD chosen at run time.
//!
//! Layout: activations are `[batch, height, width, channels]` (channels last), weights and their gradients are PyTorch's
//! (`[out, in, kernel, kernel]` and `[out, in]`). Every kernel overwrites its outputs, uses one thread, allocates nothing
//! once its [`Workspace`] has grown, and gives the same bits for the same input on the same kind of machine.

mod activation;
mod adam;
mod batch_norm;
mod batch_norm_backward;
mod convolution;
mod convolution_backward;
mod correlation;
mod dense_gradient;
mod lanes;
mod linear;
mod linear_backward;
mod micro_kernel;
mod outer_sum;
mod outer_tile;
mod pack;
mod pooling_window;
mod prepared;
mod shape;
mod sparse_gradient;
mod sparse_tile;
mod winograd;
mod workspace;

pub use activation::Activation;
pub use adam::{Adam, adam_step};
pub use batch_norm::{BatchNorm, BatchNormShape, ChannelStatistics, batch_norm_forward, batch_norm_inference};
pub use batch_norm_backward::{BatchNormGradients, BatchNormSaved, batch_norm_backward};
pub use convolution::convolution_forward;
pub use convolution_backward::{ConvGradients, ConvSaved, convolution_backward};
pub use linear::{LinearShape, linear_forward};
pub use linear_backward::{LinearGradients, LinearSaved, linear_backward};
pub use prepared::PreparedConvolution;
pub use shape::ConvShape;
pub use workspace::Workspace;
