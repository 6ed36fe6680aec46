//! Depthwise convolution: a kernel of its own for each channel.

mod fused;

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::fused::FusedDepthwise;
use super::conv::{is_one, one, with_bias};
use super::spec_error::{SIDES, check_padding, check_size, check_values, image_sides};
use super::{Activation, BatchNorm, Chain, FeatureShape, Initialiser, Pass, SpecError};
use crate::onnx::{Attribute, Graph, Value};
use kernels::DepthwiseShape;

const LAYER: &str = "depthwise convolution";

/// Describes a depthwise convolution block: a convolution of each channel with a kernel of its own and, where asked
/// for, bias, batch normalisation and activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DepthwiseSpec {
    /// Side of the kernels.
    #[schemars(extend("unit" = "pixels"))]
    pub kernel: usize,
    /// Rows and columns of zeros added on each side.
    #[serde(default)]
    #[schemars(extend("unit" = "pixels"))]
    pub padding: usize,
    /// Rows and columns from one position of the kernels to the next.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(extend("unit" = "pixels", "default" = 1))]
    pub stride: usize,
    /// Whether a bias is added to each channel.
    #[serde(default = "with_bias", skip_serializing_if = "Clone::clone")]
    #[schemars(extend("default" = true))]
    pub bias: bool,
    /// Batch normalisation between convolution and activation.
    #[serde(default)]
    pub batch_norm: bool,
    /// Activation of each value; none for a linear layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
}

impl DepthwiseSpec {
    /// `[H, W, C]` to `[H', W', C]`.
    ///
    /// # Errors
    /// If `input` is not an image, or is smaller than the kernel, a setting is out of range, or it computes too many values.
    pub fn output_shape(&self, input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        let [height, width, channels] = image_sides(LAYER, input)?;
        for side in [("kernel", self.kernel), ("stride", self.stride)] {
            check_size(LAYER, side, SIDES)?;
        }
        check_padding(LAYER, self.padding)?;
        if let Some(activation) = self.activation {
            activation.check(LAYER)?;
        }
        let smallest = self.kernel.saturating_sub(2 * self.padding);
        if height < smallest || width < smallest {
            let wanted = format!("an image of at least {smallest}x{smallest}");
            return Err(SpecError::WrongInput { layer: LAYER, wanted, found: input });
        }
        let [height, width] = [height, width].map(|side| (side + 2 * self.padding - self.kernel) / self.stride + 1);
        let output = FeatureShape::Image { height, width, channels };
        check_values(LAYER, output)?;
        Ok(output)
    }

    /// Weights, biases if any, and the scale and shift of batch normalisation.
    ///
    /// # Errors
    /// As [`DepthwiseSpec::output_shape`].
    pub fn parameter_count(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let [_, _, channels] = image_sides(LAYER, self.output_shape(input)?)?;
        let normalisation = if self.batch_norm { 2 } else { 0 };
        Ok(channels * (self.kernel * self.kernel + usize::from(self.bias) + normalisation))
    }

    /// Multiply-adds for one image, those on padding included.
    ///
    /// # Errors
    /// As [`DepthwiseSpec::output_shape`].
    pub fn multiply_adds(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let [height, width, channels] = image_sides(LAYER, self.output_shape(input)?)?;
        Ok(height * width * channels * self.kernel * self.kernel)
    }
}

/// A depthwise convolution block, built.
#[derive(Debug)]
pub struct Depthwise {
    spec: DepthwiseSpec,
    /// `[C, 1, kernel, kernel]`.
    weight: Var,
    /// `[C]`; constant zeros if the description has no bias.
    bias: Var,
    norm: Option<BatchNorm>,
}

impl Depthwise {
    /// Creates the parameters `depthwise{number}.weight` and so on.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(
        spec: &DepthwiseSpec,
        input: FeatureShape,
        number: usize,
        init: &mut Initialiser,
    ) -> anyhow::Result<Self> {
        let [_, _, channels] = image_sides(LAYER, spec.output_shape(input)?)?;
        let fan_in = spec.kernel * spec.kernel;
        let mut scope = init.within(&format!("depthwise{number}"));
        let weight = scope.uniform("weight", (channels, 1, spec.kernel, spec.kernel), fan_in)?;
        let bias = if spec.bias { scope.uniform("bias", channels, fan_in)? } else { scope.zeros(channels)? };
        let norm = if spec.batch_norm { Some(BatchNorm::build(channels, &mut scope.within("norm"))?) } else { None };
        Ok(Self { spec: spec.clone(), weight, bias, norm })
    }

    /// `[N, H, W, C]` to `[N, H', W', C]`.
    ///
    /// # Errors
    /// Candle's, if the batch has another shape than the layer was built for.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &Pass) -> Result<()> {
        let (batch, height, width, channels) = chain.value().dims4()?;
        let DepthwiseSpec { kernel, padding, stride, activation, .. } = self.spec;
        let activation = activation.map_or(kernels::Activation::Identity, |activation| activation.kernel());
        let shape = DepthwiseShape { batch, height, width, channels, kernel, padding, stride };
        let own = if self.norm.is_some() { kernels::Activation::Identity } else { activation };
        let operation = FusedDepthwise { shape, activation: own, input_gradient: chain.is_trained() };
        chain.push_ternary(operation, &self.weight, &self.bias)?;
        match &self.norm {
            Some(norm) => norm.forward_fused(chain, 1, activation, pass),
            None => Ok(()),
        }
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &Pass) -> Result<Tensor> {
        let channels = self.bias.elem_count();
        let planes = input.permute((0, 3, 1, 2))?.contiguous()?;
        let convolved = planes.conv2d(&self.weight, self.spec.padding, self.spec.stride, 1, channels)?;
        let mut output = convolved.broadcast_add(&self.bias.reshape((1, channels, 1, 1))?)?;
        if let Some(norm) = &self.norm {
            output = norm.forward(&output, pass)?;
        }
        if let Some(activation) = self.spec.activation {
            output = activation.forward(&output)?;
        }
        output.permute((0, 2, 3, 1))?.contiguous()
    }

    /// Adds Conv, of as many groups as channels and with batch normalisation folded in, and the activation.
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
        let attributes = [
            Attribute::int("group", self.bias.elem_count() as i64),
            Attribute::ints("kernel_shape", &side(self.spec.kernel)),
            Attribute::ints("pads", &[self.spec.padding as i64; 4]),
            Attribute::ints("strides", &side(self.spec.stride)),
        ];
        let convolved = graph.node("Conv", &[input, &weight, &bias], &attributes);
        Ok(match self.spec.activation {
            Some(activation) => activation.export(graph, &convolved),
            None => convolved,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_follow_kernel_padding_and_stride() {
        let image = |side, channels| FeatureShape::Image { height: side, width: side, channels };
        let spec = |kernel, padding, stride| DepthwiseSpec {
            kernel,
            padding,
            stride,
            bias: false,
            batch_norm: true,
            activation: None,
        };
        assert_eq!(spec(3, 1, 1).output_shape(image(7, 24)), Ok(image(7, 24)));
        assert_eq!(spec(3, 1, 2).output_shape(image(7, 24)), Ok(image(4, 24)));
        assert_eq!(spec(5, 0, 1).output_shape(image(14, 2)), Ok(image(10, 2)));
        assert_eq!(spec(3, 1, 1).parameter_count(image(7, 24)), Ok(24 * 11));
        let refused = |spec: DepthwiseSpec, shape| spec.output_shape(shape).unwrap_err().to_string();
        assert!(refused(spec(5, 0, 1), image(3, 8)).contains("an image of at least 5x5"));
        assert!(refused(spec(3, 1, 0), image(7, 8)).contains("stride is 0"));
        assert!(refused(spec(3, 1, 1), FeatureShape::Vector(8)).contains("takes an image"));
    }
}
