//! Steps of optimisers, in place.

mod adam;

pub use adam::{Adam, adam_step};
