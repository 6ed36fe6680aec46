//! Convolution block: convolution, batch normalisation, activation, max pooling.

mod fused;
mod strided;

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::fused::FusedConv;
use self::strided::{Patches, StridedConv};
use super::spec_error::{FEATURES, SIDES, check_padding, check_size, check_values, image_sides};
use super::{Activation, BatchNorm, Chain, FeatureShape, Initialiser, Pass, SpecError, max_pool};
use crate::onnx::{Attribute, Graph, Value};
use kernels::ConvShape;

const LAYER: &str = "convolution";

/// Describes a convolution block: a convolution and, where asked for, bias, batch normalisation, activation and max
/// pooling.
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
    /// Rows and columns from one position of the kernel to the next; above 1 only without pooling.
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
    /// Activation of each value; none for a linear layer, such as the last of a bottleneck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// Side and stride of the max pooling window; 1 for none.
    #[serde(default = "one")]
    #[schemars(extend("unit" = "pixels"))]
    pub pool: usize,
}

pub(super) fn with_bias() -> bool {
    true
}

pub(super) fn one() -> usize {
    1
}

pub(super) fn is_one(size: &usize) -> bool {
    *size == 1
}

impl ConvSpec {
    /// `[H, W, C]` to `[H', W', channels]`, pooled.
    ///
    /// # Errors
    /// If `input` is not an image, or is smaller than the kernel or the pooling window, a setting is out of range, a stride
    /// is pooled, or it computes too many values.
    pub fn output_shape(&self, input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        let [height, width] = self.positions(input)?;
        Ok(FeatureShape::Image { height: height / self.pool, width: width / self.pool, channels: self.channels })
    }

    /// Rows and columns of the convolution, before pooling.
    ///
    /// # Errors
    /// As [`ConvSpec::output_shape`].
    fn positions(&self, input: FeatureShape) -> std::result::Result<[usize; 2], SpecError> {
        let [height, width, _] = image_sides(LAYER, input)?;
        check_size(LAYER, ("channels", self.channels), FEATURES)?;
        for side in [("kernel", self.kernel), ("stride", self.stride), ("pool", self.pool)] {
            check_size(LAYER, side, SIDES)?;
        }
        if self.stride > 1 && self.pool > 1 {
            let (found, wanted) = (self.pool.to_string(), "1 where the stride is above 1");
            return Err(SpecError::OutOfRange { layer: LAYER, field: "pool", found, wanted });
        }
        check_padding(LAYER, self.padding)?;
        if let Some(activation) = self.activation {
            activation.check(LAYER)?;
        }
        let smallest = (self.kernel + self.pool - 1).saturating_sub(2 * self.padding);
        if height < smallest || width < smallest {
            let wanted = format!("an image of at least {smallest}x{smallest}");
            return Err(SpecError::WrongInput { layer: LAYER, wanted, found: input });
        }
        let [height, width] = [height, width].map(|side| (side + 2 * self.padding - self.kernel) / self.stride + 1);
        check_values(LAYER, FeatureShape::Image { height, width, channels: self.channels })?;
        Ok([height, width])
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

    /// Multiply-adds for one image: at every position of the convolution, those on padding and those that pooling drops
    /// included.
    ///
    /// # Errors
    /// As [`ConvSpec::output_shape`].
    pub fn multiply_adds(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let [height, width] = self.positions(input)?;
        Ok((height * width * self.channels).saturating_mul(self.fan_in(input)?))
    }

    fn fan_in(&self, input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let [_, _, channels] = image_sides(LAYER, input)?;
        Ok(channels.saturating_mul(self.kernel * self.kernel))
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
        let activation = self.spec.activation.map_or(kernels::Activation::Identity, |activation| activation.kernel());
        match &self.norm {
            Some(norm) => {
                self.convolve_fused(chain, 1, kernels::Activation::Identity)?;
                norm.forward_fused(chain, self.spec.pool, activation, pass)
            }
            None => self.convolve_fused(chain, self.spec.pool, activation),
        }
    }

    fn convolve_fused(&self, chain: &mut Chain, pool: usize, activation: kernels::Activation) -> Result<()> {
        let (batch, height, width, in_channels) = chain.value().dims4()?;
        let ConvSpec { channels: out_channels, kernel, padding, stride, .. } = self.spec;
        if stride > 1 {
            let patches = Patches { batch, height, width, channels: in_channels, kernel, padding, stride };
            let operation = StridedConv::new(patches, out_channels, activation, chain.is_trained());
            return chain.push_ternary(operation, &self.weight, &self.bias);
        }
        let shape = ConvShape { batch, height, width, in_channels, out_channels, kernel, padding, pool };
        let operation = FusedConv::new(shape, activation, chain.is_trained());
        chain.push_ternary(operation, &self.weight, &self.bias)
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &Pass) -> Result<Tensor> {
        let planes = input.permute((0, 3, 1, 2))?.contiguous()?;
        let convolved = planes.conv2d(&self.weight, self.spec.padding, self.spec.stride, 1, 1)?;
        let mut output = convolved.broadcast_add(&self.bias.reshape((1, self.spec.channels, 1, 1))?)?;
        if let Some(norm) = &self.norm {
            output = norm.forward(&output, pass)?;
        }
        if let Some(activation) = self.spec.activation {
            output = activation.forward(&output)?;
        }
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
        let mut attributes =
            vec![Attribute::ints("kernel_shape", &side(self.spec.kernel)), Attribute::ints("pads", &padding)];
        if self.spec.stride > 1 {
            attributes.push(Attribute::ints("strides", &side(self.spec.stride)));
        }
        let convolved = graph.node("Conv", &[input, &weight, &bias], &attributes);
        let activated = match self.spec.activation {
            Some(activation) => activation.export(graph, &convolved),
            None => convolved,
        };
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
        let activation = Some(Activation::Relu);
        ConvSpec { channels: 8, kernel, padding, stride: 1, bias: true, batch_norm: false, activation, pool }
    }

    fn image(side: usize, channels: usize) -> FeatureShape {
        FeatureShape::Image { height: side, width: side, channels }
    }

    #[test]
    fn shapes_follow_kernel_padding_and_pooling() {
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
    fn strides_leave_positions_out_and_their_multiply_adds() {
        let strided = |side| ConvSpec { stride: 2, ..spec(3, 1, 1) }.output_shape(image(side, 4));
        assert_eq!((strided(14), strided(7)), (Ok(image(7, 8)), Ok(image(4, 8))));
        assert_eq!(ConvSpec { stride: 2, ..spec(5, 2, 1) }.multiply_adds(image(14, 1)), Ok(7 * 7 * 8 * 25));
        assert_eq!(spec(3, 1, 2).multiply_adds(image(7, 4)), Ok(7 * 7 * 8 * 4 * 9));
        let pooled = ConvSpec { stride: 2, ..spec(3, 1, 2) }.output_shape(image(14, 4));
        assert!(pooled.unwrap_err().to_string().contains("pool is 2, but it must be 1 where the stride is above 1"));
    }

    #[test]
    fn an_image_too_small_for_the_window_is_refused() {
        let error = spec(3, 0, 2).output_shape(image(3, 1)).unwrap_err().to_string();
        assert_eq!(error, "convolution takes an image of at least 4x4, but it is given a 3x3x1 image");
        assert!(spec(3, 0, 0).output_shape(image(3, 1)).unwrap_err().to_string().contains("pool is 0"));
        assert!(spec(3, 0, 1).output_shape(FeatureShape::Vector(9)).is_err());
    }
}
