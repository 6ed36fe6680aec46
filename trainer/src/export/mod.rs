//! From a trained network to a self-contained ONNX file: graph builders on candle-onnx's protobuf types.

mod card;
mod graph;
mod model;
mod record;
mod storage;
mod text;

pub use card::Card;
pub use graph::{Attribute, Axis, Graph, Value};
pub use model::{Metadata, export};
pub use record::{Row, judged, judged_on_test_pairs};
pub use storage::{Storage, rounded_to_8_bits};
pub use text::text_form;
