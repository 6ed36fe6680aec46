//! Convolution block: convolution, batch normalisation, activation, max pooling.

mod fused;

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::fused::FusedConv;
use super::spec_error::{FEATURES, SIDES, check_size};
use super::{
    Activation, BatchNorm, Chain, FeatureShape, Initialiser, MOST_FEATURES, MOST_SIDE, Pass, SpecError, max_pool,
};
use crate::onnx::{Attribute, Graph, Value};
use kernels::ConvShape;

/// Describes a convolution block: convolution [with bias], [batch normalisation], activation, [max pooling].
///
/// Every activation here is monotone, so pooling before or after it gives the same values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvSpec {
    /// Output channels.
    #[schemars(extend("unit" = "channels"))]
    pub channels: usize,
    /// Side of the kernel.
    #[schemars(extend("unit" = "pixels"))]
    pub kernel: usize,
    /// Rows and columns of zeros added on each side.
    #[serde(default)]
    #[schemars(extend("unit" = "pixels"))]
    pub padding: usize,
    /// Whether a bias is added to each channel.
    #[serde(default = "with_bias", skip_serializing_if = "Clone::clone")]
    #[schemars(extend("default" = true))]
    pub bias: bool,
    /// Batch normalisation between convolution and activation.
    #[serde(default)]
    pub batch_norm: bool,
    /// Activation of each value.
    pub activation: Activation,
    /// Side and stride of the max pooling window; 1 for none.
    #[serde(default = "no_pooling")]
    #[schemars(extend("unit" = "pixels"))]
    pub pool: usize,
}

fn with_bias() -> bool {
    true
}

fn no_pooling() -> usize {
    1
}

impl ConvSpec {
    /// `[H, W, C]` to `[H', W', channels]`, pooled.
    ///
    /// # Errors
    /// If `input` is not an image, or is smaller than the kernel or the pooling window, or a setting is out of range.
    pub fn output_shape(&self, input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        let FeatureShape::Image { height, width, .. } = input else {
            return Err(self.wrong_input("an image".to_owned(), input));
        };
        check_size("convolution", ("channels", self.channels), FEATURES)?;
        for side in [("kernel", self.kernel), ("pool", self.pool)] {
            check_size("convolution", side, SIDES)?;
        }
        if self.padding > MOST_SIDE {
            let found = self.padding.to_string();
            let wanted = "at most 1,000";
            return Err(SpecError::OutOfRange { layer: "convolution", field: "padding", found, wanted });
        }
        self.activation.check("convolution")?;
        let smallest = (self.kernel + self.pool - 1).saturating_sub(2 * self.padding);
        if height < smallest || width < smallest {
            return Err(self.wrong_input(format!("an image of at least {smallest}x{smallest}"), input));
        }
        let [height, width] = [height, width].map(|side| side + 2 * self.padding + 1 - self.kernel);
        let convolved = FeatureShape::Image { height, width, channels: self.channels };
        if convolved.values() > MOST_FEATURES {
            return Err(SpecError::TooLarge { layer: "convolution", found: convolved });
        }
        let [height, width] = [height, width].map(|side| side / self.pool);
        Ok(FeatureShape::Image { height, width, channels: self.channels })
    }

    /// Weights, biases if any, and the scale and shift of batch normalisation.
    ///
    /// # Errors
    /// As [`ConvSpec::output_shape`].
    pub fn parameter_count(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        self.output_shape(input)?;
        let normalisation = if self.batch_norm { 2 * self.channels } else { 0 };
        let a_channel = self.fan_in(input)?.saturating_add(usize::from(self.bias));
        Ok(self.channels.saturating_mul(a_channel).saturating_add(normalisation))
    }

    fn fan_in(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        match input {
            FeatureShape::Image { channels, .. } => Ok(channels.saturating_mul(self.kernel * self.kernel)),
            FeatureShape::Vector(_) => Err(self.wrong_input("an image".to_owned(), input)),
        }
    }

    fn wrong_input(&self, wanted: String, found: FeatureShape) -> SpecError {
        SpecError::WrongInput { layer: "convolution", wanted, found }
    }
}

/// A convolution block, built.
#[derive(Debug)]
pub struct Conv {
    spec: ConvSpec,
    /// `[channels, C, kernel, kernel]`.
    weight: Var,
    /// `[channels]`; constant zeros if the description has no bias.
    bias: Var,
    norm: Option<BatchNorm>,
}

impl Conv {
    /// Creates the parameters `conv{number}.weight` and so on.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(spec: &ConvSpec, input: FeatureShape, number: usize, init: &mut Initialiser) -> anyhow::Result<Self> {
        let fan_in = spec.fan_in(input)?;
        let shape = (spec.channels, fan_in / (spec.kernel * spec.kernel), spec.kernel, spec.kernel);
        let mut scope = init.within(&format!("conv{number}"));
        let weight = scope.uniform("weight", shape, fan_in)?;
        let bias =
            if spec.bias { scope.uniform("bias", spec.channels, fan_in)? } else { scope.zeros(spec.channels)? };
        let norm = if spec.batch_norm {
            Some(BatchNorm::build(spec.channels, &mut init.within(&format!("norm{number}")))?)
        } else {
            None
        };
        Ok(Self { spec: spec.clone(), weight, bias, norm })
    }

    /// `[N, H, W, C]` to `[N, H', W', channels]`.
    ///
    /// # Errors
    /// Candle's, if the batch has another shape than the layer was built for.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &Pass) -> Result<()> {
        let (batch, height, width, in_channels) = chain.value().dims4()?;
        let ConvSpec { channels: out_channels, kernel, padding, pool, .. } = self.spec;
        let activation = self.spec.activation.kernel();
        let convolve = |chain: &mut Chain, pool, activation| {
            let shape = ConvShape { batch, height, width, in_channels, out_channels, kernel, padding, pool };
            let operation = FusedConv::new(shape, activation, chain.is_trained());
            chain.push_ternary(operation, &self.weight, &self.bias)
        };
        match &self.norm {
            Some(norm) => {
                convolve(chain, 1, kernels::Activation::Identity)?;
                norm.forward_fused(chain, pool, activation, pass)
            }
            None => convolve(chain, pool, activation),
        }
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &Pass) -> Result<Tensor> {
        let planes = input.permute((0, 3, 1, 2))?.contiguous()?;
        let convolved = planes.conv2d(&self.weight, self.spec.padding, 1, 1, 1)?;
        let mut output = convolved.broadcast_add(&self.bias.reshape((1, self.spec.channels, 1, 1))?)?;
        if let Some(norm) = &self.norm {
            output = norm.forward(&output, pass)?;
        }
        output = self.spec.activation.forward(&output)?;
        if self.spec.pool > 1 {
            output = max_pool(&output, self.spec.pool)?;
        }
        output.permute((0, 2, 3, 1))?.contiguous()
    }

    /// Adds Conv (with batch normalisation folded in), the activation and MaxPool.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Result<Value> {
        let (weight, bias) = match &self.norm {
            Some(norm) => norm.fold(&self.weight, &self.bias)?,
            None => (self.weight.as_tensor().clone(), self.bias.as_tensor().clone()),
        };
        let weight = graph.weights("weight", &weight)?;
        let bias = graph.initializer("bias", &bias)?;
        let side = |length: usize| [length as i64; 2];
        let padding = [self.spec.padding as i64; 4];
        let attributes = [Attribute::ints("kernel_shape", &side(self.spec.kernel)), Attribute::ints("pads", &padding)];
        let convolved = graph.node("Conv", &[input, &weight, &bias], &attributes);
        let activated = self.spec.activation.export(graph, &convolved);
        if self.spec.pool == 1 {
            return Ok(activated);
        }
        let window = side(self.spec.pool);
        let attributes = [Attribute::ints("kernel_shape", &window), Attribute::ints("strides", &window)];
        Ok(graph.node("MaxPool", &[&activated], &attributes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kernel: usize, padding: usize, pool: usize) -> ConvSpec {
        ConvSpec { channels: 8, kernel, padding, bias: true, batch_norm: false, activation: Activation::Relu, pool }
    }

    #[test]
    fn shapes_follow_kernel_padding_and_pooling() {
        let image = |side, channels| FeatureShape::Image { height: side, width: side, channels };
        assert_eq!(spec(3, 0, 2).output_shape(image(14, 1)), Ok(image(6, 8)));
        assert_eq!(spec(2, 1, 3).output_shape(image(3, 64)), Ok(image(1, 8)));
        assert_eq!(spec(3, 1, 1).output_shape(image(5, 2)), Ok(image(5, 8)));
        assert_eq!(spec(3, 0, 2).parameter_count(image(14, 2)), Ok(8 * 19));
        assert_eq!(ConvSpec { bias: false, ..spec(3, 0, 2) }.parameter_count(image(14, 2)), Ok(8 * 18));
    }

    #[test]
    fn sizes_that_would_take_the_machines_memory_are_refused() {
        let image = FeatureShape::Image { height: 14, width: 14, channels: 1 };
        let refused = |spec: ConvSpec| spec.output_shape(image).unwrap_err().to_string();
        let wide = refused(ConvSpec { channels: 100_000_000_000, ..spec(3, 0, 1) });
        assert_eq!(wide, "convolution: channels is 100000000000, but it must be 1 to 1,000,000");
        assert!(refused(spec(usize::MAX, 0, 1)).contains("kernel is"));
        assert!(refused(spec(3, 0, usize::MAX)).contains("pool is"));
        assert!(refused(spec(3, usize::MAX, 1)).contains("padding is"));
        let padded = refused(spec(1, 1000, 500));
        assert_eq!(padded, "convolution gives a 2014x2014x8 image for each sample, more than 1,000,000 values");
    }

    #[test]
    fn an_image_too_small_for_the_window_is_refused() {
        let image = FeatureShape::Image { height: 3, width: 3, channels: 1 };
        let error = spec(3, 0, 2).output_shape(image).unwrap_err().to_string();
        assert_eq!(error, "convolution takes an image of at least 4x4, but it is given a 3x3x1 image");
        assert!(spec(3, 0, 0).output_shape(image).unwrap_err().to_string().contains("pool is 0"));
        assert!(spec(3, 0, 1).output_shape(FeatureShape::Vector(9)).is_err());
    }
}
