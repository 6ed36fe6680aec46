//! Batch normalisation, max pooling and activation, fused.

mod backward;
mod forward;
mod pooling;
mod shape;

pub use backward::{BatchNormGradients, BatchNormSaved, batch_norm_backward};
pub use forward::{BatchNorm, ChannelStatistics, batch_norm_forward, batch_norm_inference};
pub use shape::BatchNormShape;
