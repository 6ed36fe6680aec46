//! Fully connected layer with its activation.

mod fused;

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::fused::FusedLinear;
use super::spec_error::{FEATURES, check_size};
use super::{Activation, Chain, FeatureShape, Initialiser, SpecError};
use crate::onnx::{Attribute, Graph, Value};
use kernels::LinearShape;

/// Describes a fully connected layer with bias and, except where logits come out, an activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearSpec {
    /// Output features.
    #[schemars(extend("unit" = "features"))]
    pub features: usize,
    /// Activation of each value; none for logits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
}

impl LinearSpec {
    /// `[F]` to `[features]`.
    ///
    /// # Errors
    /// If `input` is not a vector or a setting is out of range.
    pub fn output_shape(&self, input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        self.parameter_count(input)?;
        Ok(FeatureShape::Vector(self.features))
    }

    /// Weights and biases.
    ///
    /// # Errors
    /// If `input` is not a vector or a setting is out of range.
    pub fn parameter_count(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        check_size("linear", ("features", self.features), FEATURES)?;
        if let Some(activation) = self.activation {
            activation.check("linear")?;
        }
        Ok(self.features.saturating_mul(fan_in(input)?.saturating_add(1)))
    }

    /// Multiply-adds for one sample.
    ///
    /// # Errors
    /// As [`LinearSpec::output_shape`].
    pub fn multiply_adds(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        self.output_shape(input)?;
        Ok(self.features * fan_in(input)?)
    }
}

fn fan_in(input: FeatureShape) -> std::result::Result<usize, SpecError> {
    match input {
        FeatureShape::Vector(features) => Ok(features),
        found @ FeatureShape::Image { .. } => {
            Err(SpecError::WrongInput { layer: "linear", wanted: "a vector".to_owned(), found })
        }
    }
}

/// A fully connected layer, built.
#[derive(Debug)]
pub struct Linear {
    /// `[features, F]`.
    weight: Var,
    /// `[features]`.
    bias: Var,
    activation: Option<Activation>,
}

impl Linear {
    /// Creates the parameters `linear{number}.weight` and `linear{number}.bias`.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(
        spec: &LinearSpec,
        input: FeatureShape,
        number: usize,
        init: &mut Initialiser,
    ) -> anyhow::Result<Self> {
        let fan_in = fan_in(input)?;
        let mut init = init.within(&format!("linear{number}"));
        Ok(Self {
            weight: init.uniform("weight", (spec.features, fan_in), fan_in)?,
            bias: init.uniform("bias", spec.features, fan_in)?,
            activation: spec.activation,
        })
    }

    /// `[N, F]` to `[N, features]`.
    ///
    /// # Errors
    /// Candle's, if the batch has another shape than the layer was built for.
    pub(super) fn forward_fused(&self, chain: &mut Chain) -> Result<()> {
        let (batch, in_features) = chain.value().dims2()?;
        let shape = LinearShape { batch, in_features, out_features: self.bias.elem_count() };
        let activation = self.activation.map_or(kernels::Activation::Identity, |activation| activation.kernel());
        let operation = FusedLinear { shape, activation, input_gradient: chain.is_trained() };
        chain.push_ternary(operation, &self.weight, &self.bias)
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor) -> Result<Tensor> {
        let output = input.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?;
        match self.activation {
            Some(activation) => activation.forward(&output),
            None => Ok(output),
        }
    }

    /// Adds Gemm and the activation.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Result<Value> {
        let weight = graph.weights("weight", &self.weight)?;
        let bias = graph.initializer("bias", &self.bias)?;
        let output = graph.node("Gemm", &[input, &weight, &bias], &[Attribute::int("transB", 1)]);
        Ok(match self.activation {
            Some(activation) => activation.export(graph, &output),
            None => output,
        })
    }
}
