#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Mnist`]: both splits, read from a folder of four IDX files and checked.
//! * [`idx`]: the IDX format.
//! * [`Mt19937`]: the generator of the course's pair sets.
//! * [`PairSets`], [`PairSet`], [`Protocol`]: pairs of digits and how they are drawn.

mod checksums;
mod files;
pub mod idx;
mod mersenne;
mod pairs;

pub use checksums::{FileSums, MNIST_SHA256SUMS, is_mnist};
pub use files::{DataError, Mnist, Split, default_folder, files_in};
pub use idx::IdxError;
pub use mersenne::Mt19937;
pub use pairs::{Orders, PairSet, PairSets, Protocol};
