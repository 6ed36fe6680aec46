//! In-place optimiser steps.

mod adam;

pub use adam::{Adam, adam_step};
