//! MNIST, the pair sets drawn from it, and the distortion of training images.

mod augmentation;
mod idx;
mod mersenne;
mod mnist;
mod pairs;

pub use augmentation::Augmentation;
pub use idx::IdxError;
pub use mersenne::Mt19937;
pub use mnist::{DataError, Mnist, Split, default_folder};
pub use pairs::{Orders, PairSet, PairSets, Protocol};
