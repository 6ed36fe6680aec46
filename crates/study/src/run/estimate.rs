//! Rough training times.

use digits::contract::CLASSES;

use crate::declaration::Cell;
use nets::layer::{FeatureShape, LayerSpec, SpecError};
use nets::network::{Arrangement, LeqHead, NetworkSpec};

/// Seconds per step independent of the network, measured on one core of an AMD EPYC.
const SECONDS_A_STEP: f64 = 4e-4;
/// Seconds per multiply-add, forward and backward together, on the same core.
const SECONDS_A_PRODUCT: f64 = 3.6e-11;

impl Cell {
    /// Rough seconds of one training on one core. Machines differ by a factor of two. Early stopping is ignored.
    pub fn estimated_seconds(&self) -> f64 {
        let config = self.config(self.protocols[0], self.seeds_from);
        let pairs = config.pairs - config.recipe.validation_pairs;
        let epochs = f64::from(config.recipe.epochs);
        let steps = pairs.div_ceil(config.recipe.batch_size) as f64;
        let products = products(&config.network).unwrap_or(0) as f64;
        epochs * (steps * SECONDS_A_STEP + pairs as f64 * products * SECONDS_A_PRODUCT)
    }
}

/// Multiplications of one pair's forward pass.
fn products(spec: &NetworkSpec) -> Result<usize, SpecError> {
    let images = if spec.arrangement == Arrangement::Stacked { 1 } else { 2 };
    let (tower, features) = walk(&spec.tower, spec.tower_input())?;
    let FeatureShape::Vector(length) = features else { return Ok(images * tower) };
    let pair = FeatureShape::Vector(spec.pair_features(length));
    let comparison = match &spec.leq_head {
        LeqHead::Features { layers } => walk(layers, pair)?.0,
        LeqHead::FeaturesAndDigits { features, joined } => {
            let (first, output) = walk(features, pair)?;
            let length = if let FeatureShape::Vector(length) = output { length } else { 0 };
            first + walk(joined, FeatureShape::Vector(length + 2 * CLASSES))?.0
        }
        LeqHead::DigitPosteriors => 0,
        LeqHead::ScoreDifference { layers } => images * walk(layers, features)?.0,
    };
    let digits = if spec.uses_digit_heads() { walk(&spec.digit_head, features)?.0 } else { 0 };
    Ok(images * (tower + digits) + comparison)
}

fn walk(layers: &[LayerSpec], input: FeatureShape) -> Result<(usize, FeatureShape), SpecError> {
    let (mut products, mut shape) = (0, input);
    for layer in layers {
        let output = layer.output_shape(shape)?;
        products += match (layer, shape, output) {
            (
                LayerSpec::Conv(conv),
                FeatureShape::Image { channels, .. },
                FeatureShape::Image { height, width, .. },
            ) => height * width * conv.pool * conv.pool * conv.channels * channels * conv.kernel * conv.kernel,
            (LayerSpec::Linear(linear), FeatureShape::Vector(length), _) => length * linear.features,
            _ => 0,
        };
        shape = output;
    }
    Ok((products, shape))
}
