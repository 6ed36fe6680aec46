//! Matrix products in register tiles of rows by vectors of channels.

pub(crate) mod micro_kernel;
pub(crate) mod outer_sum;
pub(crate) mod pack;
