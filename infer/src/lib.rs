//! `infer`: reads two images of handwritten digits and says whether the first is less than or equal to the second.
//!
//! * [`cli`]: what was typed.
//! * [`compare`]: what it means: read both pictures, prepare them, ask the model, report.
//! * [`picture`]: an image file, read within limits.
//! * [`model`]: the built-in model or a file, and its check against [`digits::contract`].
//! * [`engine`]: what runs a model; ONNX Runtime behind a trait.
//! * [`report`]: the answer as text or JSON.
//! * [`exit`]: exit codes, decided in one place.
//!
//! Nothing here knows how networks are trained.

pub mod cli;
pub mod compare;
pub mod engine;
pub mod exit;
pub mod model;
pub mod picture;
pub mod report;
