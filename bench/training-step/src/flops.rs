//! The dense floating-point operations of a training step.

use anyhow::Result;
use digits::contract::CLASSES;
use kernels::ConvShape;
use nets::layer::{FeatureShape, LayerSpec};
use nets::network::{Arrangement, LeqHead, NetworkSpec};

/// Of a step with `batch` pairs: forward, weight gradient and input gradient of every layer, without the first layer's input
/// gradient and without positions that pooling drops; padding counts.
///
/// # Errors
/// A description whose parts do not fit together.
pub fn of_step(spec: &NetworkSpec, batch: usize) -> Result<usize> {
    spec.check()?;
    let mut count = Count(0);
    let separate = spec.arrangement == Arrangement::Separate;
    let images = if spec.arrangement == Arrangement::Shared { 2 * batch } else { batch };
    let mut features = spec.tower_input();
    for _ in 0..if separate { 2 } else { 1 } {
        // Only a tower sees images, and in it nothing is trained before the first layer with parameters.
        features = count.add(&spec.tower, spec.tower_input(), images, true)?;
        if spec.uses_digit_heads() {
            count.add(&spec.digit_head, features, images, false)?;
        }
    }
    let images_a_pair = if spec.arrangement == Arrangement::Stacked { 1 } else { 2 };
    let pair_features = FeatureShape::Vector(images_a_pair * length(features));
    match &spec.leq_head {
        LeqHead::Features { layers } => _ = count.add(layers, pair_features, batch, false)?,
        LeqHead::FeaturesAndDigits { features, joined } => {
            let compared = count.add(features, pair_features, batch, false)?;
            count.add(joined, FeatureShape::Vector(length(compared) + 2 * CLASSES), batch, false)?;
        }
        LeqHead::DigitPosteriors => {}
        LeqHead::ScoreDifference { layers } => _ = count.add(layers, features, 2 * batch, false)?,
    }
    Ok(count.0)
}

struct Count(usize);

impl Count {
    /// Adds the layers of a part, and gives the shape they end in.
    fn add(&mut self, specs: &[LayerSpec], input: FeatureShape, images: usize, first: bool) -> Result<FeatureShape> {
        let (mut shape, mut first) = (input, first);
        for spec in specs {
            let forward = forward(spec, shape, images)?;
            self.0 += forward * if first { 2 } else { 3 };
            first &= forward == 0;
            shape = spec.output_shape(shape)?;
        }
        Ok(shape)
    }
}

/// Of a layer's forward pass.
fn forward(spec: &LayerSpec, input: FeatureShape, batch: usize) -> Result<usize> {
    match (spec, input) {
        // Only with normalisation are the positions that pooling drops computed.
        (LayerSpec::Conv(conv), FeatureShape::Image { height, width, channels: in_channels })
            if !conv.batch_norm && conv.stride == 1 =>
        {
            let (out_channels, kernel, padding, pool) = (conv.channels, conv.kernel, conv.padding, conv.pool);
            Ok(ConvShape { batch, height, width, in_channels, out_channels, kernel, padding, pool }.flops())
        }
        _ => Ok(2 * batch * spec.multiply_adds(input)?),
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
    use nets::network::{ConvNet, Mlp};

    #[test]
    fn a_step_costs_three_forward_passes_without_the_first_layers_input_gradient() {
        let layers = [392 * 128, 128 * 64, 64 * 32, 32 * 256, 256];
        let multiply_adds = 100 * (3 * layers.iter().sum::<usize>() - layers[0]);
        assert_eq!(of_step(&Mlp::default().spec(), 100).unwrap(), 2 * multiply_adds);
    }

    #[test]
    fn positions_that_pooling_drops_cost_nothing_and_both_images_of_a_pair_pass_a_shared_tower() {
        let conv = [9 * 32 * 144, 9 * 32 * 64 * 36, 4 * 64 * 32 * 9];
        let (digit_head, leq_head) = (32 * 512 + 512 * 10, 64 * 512 + 512);
        let forward = 200 * (conv.iter().sum::<usize>() + digit_head) + 100 * leq_head;
        let network = ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() };
        assert_eq!(of_step(&network.spec(), 100).unwrap(), 2 * (3 * forward - 200 * conv[0]));
    }
}
