//! From a trained network to a self-contained ONNX file: graph builders on candle-onnx's protobuf types.

mod card;
mod graph;
mod model;
mod text;

pub use card::Card;
pub use graph::{Attribute, Axis, Graph, Value};
pub use model::{Metadata, export};
pub use text::text_form;
