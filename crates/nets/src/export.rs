//! From a trained network to a self-contained ONNX file.

mod model;
mod provenance;

pub use model::{Metadata, export, file_bytes};
pub use provenance::Provenance;
