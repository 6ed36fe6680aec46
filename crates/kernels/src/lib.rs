#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`convolution_forward`], [`convolution_backward`] of a [`ConvShape`]; [`PreparedConvolution`] for networks that only answer.
//! * [`batch_norm_forward`], [`batch_norm_inference`], [`batch_norm_backward`] of a [`BatchNormShape`].
//! * [`depthwise_forward`], [`depthwise_backward`] of a [`DepthwiseShape`].
//! * [`linear_forward`], [`linear_backward`] of a [`LinearShape`].
//! * [`adam_step`]: the optimiser's step in place.
//! * [`Activation`]: what is applied to each value; [`Workspace`]: memory kept between calls, one for each thread.

mod activation;
mod batch_norm;
mod convolution;
mod depthwise;
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
pub use depthwise::{DepthwiseGradients, DepthwiseSaved, DepthwiseShape, depthwise_backward, depthwise_forward};
pub use linear::{LinearGradients, LinearSaved, LinearShape, linear_backward, linear_forward};
pub use optimiser::{Adam, adam_step};
pub use workspace::Workspace;
