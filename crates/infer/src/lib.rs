//! Compares handwritten digits: pictures in, verdicts out.
//!
//! * [`picture`]: an image file, read within limits.
//! * [`model`]: the built-in model or a file, checked before any engine sees it.
//! * [`engine`]: what runs a model; ONNX Runtime and rten behind one trait.
//! * [`reading`]: answers about pictures that may be read in several ways.
//! * [`batch`]: many pairs, streamed.
//! * [`mod@bench`]: what the benchmark measures and how two runs are compared.
//! * [`robustness`]: what it costs when digits are drawn otherwise.
//! * [`test_pairs`]: pairs of MNIST's test split.
//! * [`escape`]: names and messages made harmless for terminals.
//!
//! Nothing here prints, ends the process, or knows how networks are trained.

pub mod batch;
pub mod bench;
pub mod engine;
pub mod escape;
pub mod model;
pub mod picture;
pub mod reading;
pub mod robustness;
pub mod test_pairs;
