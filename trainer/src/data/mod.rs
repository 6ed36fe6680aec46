//! MNIST, and the pair sets drawn from it.

mod idx;
mod mersenne;
mod mnist;
mod pairs;

pub use idx::IdxError;
pub use mersenne::Mt19937;
pub use mnist::{DataError, Mnist, Split, default_folder};
pub use pairs::{PairSet, PairSets, Protocol};
