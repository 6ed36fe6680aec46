//! MNIST, the pair sets drawn from it, and the distortion of training images.

mod augmentation;
mod pairs;

pub use augmentation::Augmentation;
pub use mnist::{DataError, IdxError, Mnist, Mt19937, Split, default_folder};
pub use pairs::{Orders, PairSet, PairSets, Protocol};
