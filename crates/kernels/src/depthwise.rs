//! Depthwise convolution, bias and activation as one operation, and its gradients.

mod backward;
mod forward;
mod shape;

pub use backward::{DepthwiseGradients, DepthwiseSaved, depthwise_backward};
pub use forward::depthwise_forward;
pub use shape::DepthwiseShape;
