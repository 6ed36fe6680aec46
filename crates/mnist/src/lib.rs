//! MNIST, or a set of files like it, and the order in which the course paired its digits.
//!
//! * [`Mnist`]: both splits, read from a folder of four IDX files and checked.
//! * [`idx`]: the IDX format.
//! * [`Mt19937`]: the generator behind the course's pair sets.

mod files;
pub mod idx;
mod mersenne;
mod pairs;

pub use files::{DataError, Mnist, Split, default_folder};
pub use idx::IdxError;
pub use mersenne::Mt19937;
pub use pairs::{Orders, PairSet, PairSets, Protocol};
