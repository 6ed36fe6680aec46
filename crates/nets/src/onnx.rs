//! Builders for ONNX graphs on candle-onnx's protobuf types, independent of networks.

mod graph;
mod storage;
mod text;

pub use graph::{Attribute, Axis, Graph, Value};
pub(crate) use storage::dequantised;
pub use storage::{Storage, rounded_to_8_bits};
pub use text::text_form;
