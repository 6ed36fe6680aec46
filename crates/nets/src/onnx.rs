//! Building ONNX graphs: small builders on candle-onnx's protobuf types that know nothing of networks.

mod graph;
mod storage;
mod text;

pub use graph::{Attribute, Axis, Graph, Value};
pub use storage::{Storage, rounded_to_8_bits};
pub use text::text_form;
