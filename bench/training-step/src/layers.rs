//! The layers of a network as the kernels see them in one step, and what each costs.

use anyhow::Result;
use digits::contract::CLASSES;
use kernels::{ConvShape, LinearShape};
use nets::layer::{FeatureShape, LayerSpec};
use nets::network::{Arrangement, LeqHead, NetworkSpec};

/// A layer in a step.
#[derive(Debug, Clone)]
pub struct LayerCost {
    /// Its path, as in the names of its parameters.
    pub name: String,
    /// What it computes.
    pub operation: Operation,
    /// Whether anything before it is trained.
    pub input_gradient: bool,
}

/// What a layer computes, with its shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Operation {
    /// Convolution, bias, activation and pooling in one.
    Convolution(ConvShape, kernels::Activation),
    /// Matrix product, bias and activation in one.
    Linear(LinearShape, kernels::Activation),
    /// Dropout of values with this probability.
    Dropout(f32),
    /// Dropout of channels with this probability.
    ChannelDropout(f32),
    /// Image to vector.
    Flatten,
    /// Mean of each channel.
    GlobalMean,
}

impl LayerCost {
    /// Dense floating-point operations of the forward pass; padding counts, positions that pooling drops do not.
    pub fn forward_flops(&self) -> usize {
        match self.operation {
            Operation::Convolution(shape, _) => shape.flops(),
            Operation::Linear(shape, _) => shape.flops(),
            Operation::Dropout(_) | Operation::ChannelDropout(_) | Operation::Flatten | Operation::GlobalMean => 0,
        }
    }

    /// Dense floating-point operations of the weight gradient and, where it is wanted, of the input gradient.
    pub fn backward_flops(&self) -> usize {
        self.forward_flops() * if self.input_gradient { 2 } else { 1 }
    }

    /// Dense floating-point operations of a step.
    pub fn flops(&self) -> usize {
        self.forward_flops() + self.backward_flops()
    }
}

/// The layers of a step with `batch` pairs, in the order of the forward pass.
///
/// # Errors
/// A description whose parts do not fit together.
pub fn of(spec: &NetworkSpec, batch: usize) -> Result<Vec<LayerCost>> {
    spec.check()?;
    let mut layers = Layers::default();
    let separate = spec.arrangement == Arrangement::Separate;
    let images = if spec.arrangement == Arrangement::Shared { 2 * batch } else { batch };
    let sides: &[&str] = if separate { &["first_", "second_"] } else { &[""] };
    let mut features = spec.tower_input();
    for side in sides {
        features = layers.add(&format!("{side}tower"), &spec.tower, spec.tower_input(), images)?;
    }
    if spec.uses_digit_heads() {
        for side in sides {
            layers.add(&format!("{side}digit_head"), &spec.digit_head, features, images)?;
        }
    }
    let images_a_pair = if spec.arrangement == Arrangement::Stacked { 1 } else { 2 };
    let pair_features = FeatureShape::Vector(images_a_pair * length(features));
    match &spec.leq_head {
        LeqHead::Features { layers: head } => _ = layers.add("leq_head", head, pair_features, batch)?,
        LeqHead::FeaturesAndDigits { features, joined } => {
            let compared = layers.add("leq_head", features, pair_features, batch)?;
            layers.add("leq_head_joined", joined, FeatureShape::Vector(length(compared) + 2 * CLASSES), batch)?;
        }
        LeqHead::DigitPosteriors => {}
        LeqHead::ScoreDifference { layers: head } => _ = layers.add("leq_head", head, features, 2 * batch)?,
    }
    Ok(layers.0)
}

#[derive(Default)]
struct Layers(Vec<LayerCost>);

impl Layers {
    /// Adds the layers of the part called `path`, and gives the shape they end in.
    fn add(&mut self, path: &str, specs: &[LayerSpec], input: FeatureShape, images: usize) -> Result<FeatureShape> {
        let mut shape = input;
        for (index, spec) in specs.iter().enumerate() {
            let kind = spec.kind();
            let number = specs[..=index].iter().filter(|earlier| earlier.kind() == kind).count();
            // Only a tower sees images, and in it nothing is trained before the first layer with parameters.
            let input_gradient = !path.ends_with("tower")
                || specs[..index].iter().any(|earlier| matches!(earlier, LayerSpec::Conv(_) | LayerSpec::Linear(_)));
            let operation = operation(spec, shape, images);
            self.0.push(LayerCost { name: format!("{path}.{kind}{number}"), operation, input_gradient });
            shape = spec.output_shape(shape)?;
        }
        Ok(shape)
    }
}

fn operation(spec: &LayerSpec, input: FeatureShape, batch: usize) -> Operation {
    match (spec, input) {
        (LayerSpec::Conv(conv), FeatureShape::Image { height, width, channels: in_channels }) => {
            // Normalisation needs every position, and the activation comes after it.
            let (pool, activation) = match conv.batch_norm {
                true => (1, kernels::Activation::Identity),
                false => (conv.pool, conv.activation.kernel()),
            };
            let (out_channels, kernel, padding) = (conv.channels, conv.kernel, conv.padding);
            let shape = ConvShape { batch, height, width, in_channels, out_channels, kernel, padding, pool };
            Operation::Convolution(shape, activation)
        }
        (LayerSpec::Linear(linear), _) => {
            let shape = LinearShape { batch, in_features: length(input), out_features: linear.features };
            Operation::Linear(
                shape,
                linear.activation.map_or(kernels::Activation::Identity, |activation| activation.kernel()),
            )
        }
        (LayerSpec::Dropout { probability }, _) => Operation::Dropout(*probability),
        (LayerSpec::ChannelDropout { probability }, _) => Operation::ChannelDropout(*probability),
        (LayerSpec::Flatten | LayerSpec::Conv(_), _) => Operation::Flatten,
        (LayerSpec::GlobalMean, _) => Operation::GlobalMean,
    }
}

/// Values of one sample.
fn length(shape: FeatureShape) -> usize {
    match shape {
        FeatureShape::Image { height, width, channels } => height * width * channels,
        FeatureShape::Vector(length) => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nets::network::{ConvNet, Mlp, ReportB};

    fn flops(spec: &NetworkSpec) -> usize {
        of(spec, 100).unwrap().iter().map(LayerCost::flops).sum()
    }

    #[test]
    fn a_step_costs_three_forward_passes_without_the_first_layers_input_gradient() {
        let layers = [392 * 128, 128 * 64, 64 * 32, 32 * 256, 256];
        let multiply_adds = 100 * (3 * layers.iter().sum::<usize>() - layers[0]);
        assert_eq!(flops(&Mlp::default().spec()), 2 * multiply_adds);
    }

    #[test]
    fn positions_that_pooling_drops_cost_nothing_and_both_images_of_a_pair_pass_a_shared_tower() {
        let conv = [9 * 32 * 144, 9 * 32 * 64 * 36, 4 * 64 * 32 * 9];
        let (digit_head, leq_head) = (32 * 512 + 512 * 10, 64 * 512 + 512);
        let forward = 200 * (conv.iter().sum::<usize>() + digit_head) + 100 * leq_head;
        let network = ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() };
        assert_eq!(flops(&network.spec()), 2 * (3 * forward - 200 * conv[0]));
    }

    #[test]
    fn layers_are_named_like_their_parameters() {
        let network = ReportB { weight_sharing: false, auxiliary: true, dropout: true };
        let names: Vec<String> = of(&network.spec(), 1).unwrap().into_iter().map(|layer| layer.name).collect();
        for name in ["first_tower.conv2", "second_digit_head.linear1", "leq_head_joined.linear2"] {
            assert!(names.iter().any(|known| known == name), "{names:?}");
        }
    }
}
