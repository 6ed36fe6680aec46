//! `infer`: reads images of handwritten digits and says whether the first of two is less than or equal to the second.
//!
//! * [`cli`]: the commands and their help.
//! * [`command`]: one file a command: what was typed and what is done about it.
//! * [`picture`]: an image file, read within limits.
//! * [`model`]: the built-in model or a file, checked before any engine sees it.
//! * [`engine`]: what runs a model; ONNX Runtime and rten behind one trait.
//! * [`batch`]: many pairs, streamed.
//! * [`mod@bench`]: measuring, statistics and printing, apart.
//! * [`test_pairs`]: pairs of MNIST's test split.
//! * [`exit`]: exit codes, decided in one place.
//!
//! Nothing here knows how networks are trained.

pub mod batch;
pub mod bench;
pub mod cli;
pub mod command;
pub mod engine;
pub mod exit;
pub mod model;
pub mod picture;
pub mod robustness;
pub mod terminal;
pub mod test_pairs;
