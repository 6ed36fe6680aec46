#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Comparer`]: the way in; [`Input`] is a picture, [`Comparison`] what came of two.
//! * [`picture`]: an image file, read within limits.
//! * [`model`]: the built-in model or a file, checked before any engine sees it.
//! * [`engine`]: what runs a model; ONNX Runtime, leq's own engine and rten behind one trait.
//! * [`reading`]: answers about pictures that may be read in several ways.
//! * [`batch`]: many pairs, streamed.
//! * [`mod@bench`]: what the benchmark measures and how two runs are compared.
//! * [`robustness`]: what it costs when digits are drawn otherwise.
//! * [`test_pairs`]: pairs of MNIST's test split.
//!
//! Nothing here prints, ends the process, or knows how networks are trained.

pub mod batch;
pub mod bench;
mod comparer;
pub mod engine;
mod input;
pub mod model;
pub mod picture;
pub mod reading;
pub mod robustness;
pub mod test_pairs;

pub use comparer::{CompareError, Comparer, Comparison, UnreadablePair, UnreadablePicture};
pub use engine::Engine;
pub use input::Input;
pub use model::Model;
