//! Convolution, bias, max pooling and activation as one operation, and its gradients.

mod backward;
pub(crate) mod correlation;
mod direct;
mod forward;
mod method;
mod prepared;
mod shape;
mod winograd;

pub use backward::{ConvGradients, ConvSaved, convolution_backward};
pub use forward::convolution_forward;
pub use prepared::PreparedConvolution;
pub use shape::ConvShape;
