//! Image to vector.

use candle_core::{Result, Tensor};

use super::{FeatureShape, SpecError};
use crate::onnx::{Attribute, Graph, Value};

pub(super) fn output_shape(input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
    match input {
        FeatureShape::Image { height, width, channels } => Ok(FeatureShape::Vector(height * width * channels)),
        found @ FeatureShape::Vector(_) => {
            Err(SpecError::WrongInput { layer: "flatten", wanted: "an image".to_owned(), found })
        }
    }
}

/// Image to vector, channel by channel as in PyTorch, so weights have the same order in PyTorch and in the exported
/// graph.
#[derive(Debug)]
pub struct Flatten;

impl Flatten {
    /// `[N, H, W, C]` to `[N, C * H * W]`.
    ///
    /// # Errors
    /// Candle's, if `input` does not have four axes.
    pub(super) fn forward_plain(&self, input: &Tensor) -> Result<Tensor> {
        input.permute((0, 3, 1, 2))?.flatten_from(1)
    }

    /// Adds Flatten.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Value {
        graph.node("Flatten", &[input], &[Attribute::int("axis", 1)])
    }
}
