//! Every kernel against naive loops in double precision, at every SIMD level of the machine.

mod activation;
mod batch_norm;
mod convolution;
mod depthwise;
mod linear;
mod prepared;
mod reference;
mod soundness;
