//! Squeeze and excitation (Hu et al., 2018): each channel times a factor that the means of all channels give.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::Join;
use super::host_slice::{shaped_like, with_floats};
use super::spec_error::{FEATURES, check_size, image_sides};
use super::{Activation, Chain, FeatureShape, Initialiser, LayerSpec, LinearSpec, Pass, SpecError, Stack};
use crate::onnx::{Graph, Value};

const LAYER: &str = "squeeze and excitation";

/// Describes a squeeze-and-excitation block: the mean of each channel, a linear layer with ReLU, a linear layer with the
/// logistic function, and the product of every channel with its factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqueezeExcitationSpec {
    /// Features between the two linear layers.
    #[schemars(extend("unit" = "features"))]
    pub features: usize,
}

impl SqueezeExcitationSpec {
    /// The same image.
    ///
    /// # Errors
    /// If `input` is not an image, or the number of features is out of range.
    pub fn output_shape(&self, input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        image_sides(LAYER, input)?;
        check_size(LAYER, ("features", self.features), FEATURES)?;
        Ok(input)
    }

    /// The layers from an image to the factors of its channels.
    ///
    /// # Errors
    /// As [`SqueezeExcitationSpec::output_shape`].
    pub(super) fn gate(&self, input: FeatureShape) -> std::result::Result<[LayerSpec; 3], SpecError> {
        self.output_shape(input)?;
        let [_, _, channels] = image_sides(LAYER, input)?;
        let linear = |features, activation| LayerSpec::Linear(LinearSpec { features, activation: Some(activation) });
        let (squeezed, excited) = (linear(self.features, Activation::Relu), linear(channels, Activation::Sigmoid));
        Ok([LayerSpec::GlobalMean, squeezed, excited])
    }
}

/// A squeeze-and-excitation block, built.
#[derive(Debug)]
pub struct SqueezeExcitation {
    gate: Stack,
    /// Path from the network's root.
    path: String,
    channels: usize,
}

impl SqueezeExcitation {
    /// Builds the layers, whose parameters are named below `squeeze_excitation{number}`.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(
        spec: &SqueezeExcitationSpec,
        input: FeatureShape,
        number: usize,
        init: &mut Initialiser,
    ) -> anyhow::Result<Self> {
        let gate = spec.gate(input)?;
        let [_, _, channels] = image_sides(LAYER, input)?;
        let mut init = init.within(&format!("squeeze_excitation{number}"));
        let path = init.path().to_owned();
        Ok(Self { gate: Stack::build(&gate, input, &mut init)?, path, channels })
    }

    /// `[N, H, W, C]` to the same.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &mut Pass) -> Result<()> {
        chain.branch(Product, |chain| self.gate.extend(chain, pass))
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let factors = self.gate.forward_plain(input, pass)?;
        input.broadcast_mul(&factors.reshape(((), 1, 1, self.channels))?)
    }

    /// Adds the layers' nodes, Reshape and Mul.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Result<Value> {
        let factors = self.gate.export(graph, input)?;
        graph.within(&self.path);
        let shape = graph.ints("factors_shape", &[-1, self.channels as i64, 1, 1]);
        let factors = graph.node("Reshape", &[&factors, &shape], &[]);
        Ok(graph.node("Mul", &[input, &factors], &[]))
    }
}

/// Images `[N, H, W, C]` times factors `[N, C]`.
struct Product;

/// Calls `visit` with the range of each position's channels in the images, and with that of its image's factors.
fn for_positions(images: &Tensor, mut visit: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>)) -> Result<()> {
    let (count, height, width, channels) = images.dims4()?;
    for image in 0..count {
        for position in image * height * width..(image + 1) * height * width {
            visit(position * channels..(position + 1) * channels, image * channels..(image + 1) * channels);
        }
    }
    Ok(())
}

impl Join for Product {
    fn join(&self, trunk: &Tensor, beside: &Tensor) -> Result<Tensor> {
        let products = with_floats([trunk, beside], |[images, factors]| {
            let mut products = Vec::with_capacity(images.len());
            for_positions(trunk, |position, image| {
                products.extend(images[position].iter().zip(&factors[image]).map(|(value, factor)| value * factor));
            })?;
            Ok(products)
        })?;
        shaped_like(trunk, products)
    }

    fn gradients(&self, trunk: &Tensor, beside: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        let of_images = self.join(&gradient.contiguous()?, beside)?;
        let of_factors = with_floats([trunk, &gradient.contiguous()?], |[images, gradient]| {
            let mut sums = vec![0.0_f32; beside.elem_count()];
            for_positions(trunk, |position, image| {
                let products = images[position.clone()].iter().zip(&gradient[position]).map(|(a, b)| a * b);
                sums[image].iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
            })?;
            Ok(sums)
        })?;
        Ok([of_images, shaped_like(beside, of_factors)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_ends_in_a_factor_for_each_channel() {
        let image = FeatureShape::Image { height: 7, width: 7, channels: 24 };
        let spec = SqueezeExcitationSpec { features: 6 };
        assert_eq!(spec.output_shape(image), Ok(image));
        assert_eq!(Stack::output_shape(&spec.gate(image).unwrap(), image), Ok(FeatureShape::Vector(24)));
        assert_eq!(Stack::parameter_count(&spec.gate(image).unwrap(), image), Ok(6 * 25 + 24 * 7));
        assert!(spec.output_shape(FeatureShape::Vector(24)).is_err());
        assert!(
            SqueezeExcitationSpec { features: 0 }.output_shape(image).unwrap_err().to_string().contains("features")
        );
    }
}
