//! The layers of networks. Each file holds one layer: its parameters, forward pass and ONNX nodes.
//!
//! A [`LayerSpec`] describes a layer; its output shape and parameter count follow from the description. A [`Layer`] is
//! built from it. Images are channels last, `[N, H, W, C]`, between layers and `[N, C, H, W]` in the exported graph.

mod activation;
mod batch_norm;
mod chain;
mod conv;
mod depthwise;
mod dropout;
mod flatten;
mod global_mean;
mod host_slice;
mod linear;
mod max_pool;
mod parameters;
mod pass;
mod residual;
mod shape;
mod spec_error;
mod squeeze_excitation;
mod stack;

use self::chain::Chain;
use candle_core::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use activation::Activation;
pub use batch_norm::BatchNorm;
pub use chain::backward;
pub use conv::{Conv, ConvSpec};
pub use depthwise::{Depthwise, DepthwiseSpec};
pub use dropout::{ChannelDropout, Dropout};
pub use flatten::Flatten;
pub use global_mean::GlobalMean;
pub(crate) use host_slice::{floats, with_floats, with_workspace};
pub use linear::{Linear, LinearSpec};
pub use max_pool::max_pool;
pub use parameters::{Initialiser, Parameter, Parameters};
pub use pass::{Kernels, Pass};
pub use residual::Residual;
pub use shape::{FeatureShape, MOST_FEATURES, MOST_SIDE};
pub use spec_error::SpecError;
pub use squeeze_excitation::{SqueezeExcitation, SqueezeExcitationSpec};
pub use stack::Stack;

use crate::onnx::{Graph, Value};

/// One layer, described.
///
/// ```
/// use nets::layer::{Activation, ConvSpec, FeatureShape, LayerSpec};
///
/// let conv = LayerSpec::Conv(ConvSpec {
///     channels: 32,
///     kernel: 3,
///     padding: 0,
///     stride: 1,
///     bias: true,
///     batch_norm: false,
///     activation: Some(Activation::Relu),
///     pool: 2,
/// });
/// let digit = FeatureShape::Image { height: 14, width: 14, channels: 1 };
/// assert_eq!(conv.output_shape(digit)?, FeatureShape::Image { height: 6, width: 6, channels: 32 });
/// assert_eq!(conv.parameter_count(digit)?, 32 * (3 * 3 + 1));
/// assert_eq!(conv.multiply_adds(digit)?, 12 * 12 * 32 * 3 * 3);
/// # Ok::<(), nets::layer::SpecError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LayerSpec {
    /// Convolution with optional normalisation, activation and pooling.
    Conv(ConvSpec),
    /// Convolution of each channel by itself, with optional normalisation and activation.
    Depthwise(DepthwiseSpec),
    /// Layers whose output is added to their input, which must have the same shape.
    Residual {
        /// The layers.
        layers: Vec<LayerSpec>,
    },
    /// Channels times factors that depend on the means of all channels.
    SqueezeExcitation(SqueezeExcitationSpec),
    /// Fully connected layer with its activation.
    Linear(LinearSpec),
    /// Dropout of single values.
    Dropout {
        /// Probability that a value is dropped.
        #[schemars(extend("unit" = "probability"))]
        probability: f32,
    },
    /// Dropout of whole channels.
    ChannelDropout {
        /// Probability that a channel is dropped.
        #[schemars(extend("unit" = "probability"))]
        probability: f32,
    },
    /// Image to vector, channel by channel.
    Flatten,
    /// Image to vector: the mean of each channel.
    GlobalMean,
}

impl LayerSpec {
    /// The layer's output shape for `input`.
    ///
    /// # Errors
    /// If the layer does not accept `input`, a setting is out of range, or it computes too many values.
    pub fn output_shape(&self, input: FeatureShape) -> Result<FeatureShape, SpecError> {
        match self {
            Self::Conv(spec) => spec.output_shape(input),
            Self::Depthwise(spec) => spec.output_shape(input),
            Self::Residual { layers } => residual::output_shape(layers, input),
            Self::SqueezeExcitation(spec) => spec.output_shape(input),
            Self::Linear(spec) => spec.output_shape(input),
            Self::Dropout { probability } => dropout::output_shape("dropout", *probability, input),
            Self::ChannelDropout { .. } if matches!(input, FeatureShape::Vector(_)) => {
                Err(SpecError::WrongInput { layer: "channel dropout", wanted: "an image".to_owned(), found: input })
            }
            Self::ChannelDropout { probability } => dropout::output_shape("channel dropout", *probability, input),
            Self::Flatten => flatten::output_shape(input),
            Self::GlobalMean => global_mean::output_shape(input),
        }
    }

    /// The name of this kind of layer. A stack numbers the layers of a kind from 1.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Depthwise(_) => "depthwise",
            Self::Residual { .. } => "residual",
            Self::SqueezeExcitation(_) => "squeeze_excitation",
            Self::Linear(_) => "linear",
            Self::Dropout { .. } => "dropout",
            Self::ChannelDropout { .. } => "channel_dropout",
            Self::Flatten => "flatten",
            Self::GlobalMean => "global_mean",
        }
    }

    /// Number of trained parameters for `input`.
    ///
    /// # Errors
    /// As [`LayerSpec::output_shape`].
    pub fn parameter_count(&self, input: FeatureShape) -> Result<usize, SpecError> {
        match self {
            Self::Conv(spec) => spec.parameter_count(input),
            Self::Depthwise(spec) => spec.parameter_count(input),
            Self::Residual { layers } => {
                residual::output_shape(layers, input)?;
                Stack::parameter_count(layers, input)
            }
            Self::SqueezeExcitation(spec) => Stack::parameter_count(&spec.gate(input)?, input),
            Self::Linear(spec) => spec.parameter_count(input),
            Self::Dropout { .. } | Self::ChannelDropout { .. } | Self::Flatten | Self::GlobalMean => Ok(0),
        }
    }

    /// Multiply-adds of convolutions and matrix products for one sample, as the exported graph computes them: at every
    /// position of a convolution, those on padding and those that pooling drops included. What normalisation, activation,
    /// pooling, sums and products value by value take is not counted.
    ///
    /// # Errors
    /// As [`LayerSpec::output_shape`].
    pub fn multiply_adds(&self, input: FeatureShape) -> Result<usize, SpecError> {
        match self {
            Self::Conv(spec) => spec.multiply_adds(input),
            Self::Depthwise(spec) => spec.multiply_adds(input),
            Self::Residual { layers } => {
                residual::output_shape(layers, input)?;
                Stack::multiply_adds(layers, input)
            }
            Self::SqueezeExcitation(spec) => Stack::multiply_adds(&spec.gate(input)?, input),
            Self::Linear(spec) => spec.multiply_adds(input),
            Self::Dropout { .. } | Self::ChannelDropout { .. } | Self::Flatten | Self::GlobalMean => Ok(0),
        }
    }

    /// Whether it is a convolution that mixes channels, or holds one.
    pub fn has_convolution(&self) -> bool {
        match self {
            Self::Conv(_) => true,
            Self::Residual { layers } => layers.iter().any(Self::has_convolution),
            _ => false,
        }
    }
}

/// One layer, built.
#[derive(Debug)]
pub enum Layer {
    /// See [`LayerSpec::Conv`].
    Conv(Conv),
    /// See [`LayerSpec::Depthwise`].
    Depthwise(Depthwise),
    /// See [`LayerSpec::Residual`].
    Residual(Residual),
    /// See [`LayerSpec::SqueezeExcitation`].
    SqueezeExcitation(SqueezeExcitation),
    /// See [`LayerSpec::Linear`].
    Linear(Linear),
    /// See [`LayerSpec::Dropout`].
    Dropout(Dropout),
    /// See [`LayerSpec::ChannelDropout`].
    ChannelDropout(ChannelDropout),
    /// See [`LayerSpec::Flatten`].
    Flatten(Flatten),
    /// See [`LayerSpec::GlobalMean`].
    GlobalMean(GlobalMean),
}

impl Layer {
    /// Builds the layer of this number among those of its kind.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(spec: &LayerSpec, input: FeatureShape, number: usize, init: &mut Initialiser) -> anyhow::Result<Self> {
        Ok(match spec {
            LayerSpec::Conv(spec) => Self::Conv(Conv::build(spec, input, number, init)?),
            LayerSpec::Depthwise(spec) => Self::Depthwise(Depthwise::build(spec, input, number, init)?),
            LayerSpec::Residual { layers } => Self::Residual(Residual::build(layers, input, number, init)?),
            LayerSpec::SqueezeExcitation(spec) => {
                Self::SqueezeExcitation(SqueezeExcitation::build(spec, input, number, init)?)
            }
            LayerSpec::Linear(spec) => Self::Linear(Linear::build(spec, input, number, init)?),
            LayerSpec::Dropout { probability } => Self::Dropout(Dropout::new(*probability)),
            LayerSpec::ChannelDropout { probability } => Self::ChannelDropout(ChannelDropout::new(*probability)),
            LayerSpec::Flatten => Self::Flatten(Flatten),
            LayerSpec::GlobalMean => Self::GlobalMean(GlobalMean),
        })
    }

    /// Applies this layer alone to a batch.
    ///
    /// # Errors
    /// Candle's, if the batch has another shape than the layer was built for.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass) -> candle_core::Result<Tensor> {
        match pass.kernels {
            Kernels::Fused => {
                let mut chain = Chain::start(input);
                self.forward_fused(&mut chain, pass)?;
                chain.finish()
            }
            Kernels::Plain => self.forward_plain(input, pass),
        }
    }

    /// Applies the layer to a batch with Candle's operators.
    fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> candle_core::Result<Tensor> {
        match self {
            Self::Conv(layer) => layer.forward_plain(input, pass),
            Self::Depthwise(layer) => layer.forward_plain(input, pass),
            Self::Residual(layer) => layer.forward_plain(input, pass),
            Self::SqueezeExcitation(layer) => layer.forward_plain(input, pass),
            Self::Linear(layer) => layer.forward_plain(input),
            Self::Dropout(layer) => layer.forward_plain(input, pass),
            Self::ChannelDropout(layer) => layer.forward_plain(input, pass),
            Self::Flatten(layer) => layer.forward_plain(input),
            Self::GlobalMean(layer) => layer.forward_plain(input),
        }
    }

    /// Applies the layer to a chain's batch with a fused operation.
    fn forward_fused(&self, chain: &mut Chain, pass: &mut Pass) -> candle_core::Result<()> {
        match self {
            Self::Conv(layer) => layer.forward_fused(chain, pass),
            Self::Depthwise(layer) => layer.forward_fused(chain, pass),
            Self::Residual(layer) => layer.forward_fused(chain, pass),
            Self::SqueezeExcitation(layer) => layer.forward_fused(chain, pass),
            Self::Linear(layer) => layer.forward_fused(chain),
            Self::Dropout(layer) => layer.forward_fused(chain, pass),
            Self::ChannelDropout(layer) => layer.forward_fused(chain, pass),
            Self::Flatten(_) => chain.push_flattening(),
            Self::GlobalMean(layer) => layer.forward_fused(chain),
        }
    }

    /// Adds the layer's evaluation-mode nodes to `graph`.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> candle_core::Result<Value> {
        match self {
            Self::Conv(layer) => layer.export(graph, input),
            Self::Depthwise(layer) => layer.export(graph, input),
            Self::Residual(layer) => layer.export(graph, input),
            Self::SqueezeExcitation(layer) => layer.export(graph, input),
            Self::Linear(layer) => layer.export(graph, input),
            Self::Dropout(_) | Self::ChannelDropout(_) => Ok(input.clone()),
            Self::Flatten(layer) => Ok(layer.export(graph, input)),
            Self::GlobalMean(layer) => Ok(layer.export(graph, input)),
        }
    }
}
