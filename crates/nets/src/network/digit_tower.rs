//! Networks with one tower for both digits and a comparison without learned layers.

use digits::contract::CLASSES;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arrangement, InputScaling, LeqHead, NetworkSpec};
use crate::layer::{Activation, ConvSpec, LayerSpec, LinearSpec};

/// How the digits are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TowerOutput {
    /// Posteriors of ten digits, trained with digit labels.
    #[default]
    Digits,
    /// Posteriors of ten ordered classes, trained without digit labels: only the comparison distinguishes them.
    OrderedClasses,
    /// One score per digit; the comparison is a logistic function of the scores' difference.
    Score,
}

/// One tower for both digits: 3x3 convolutions without bias, batch normalisation and ReLU, two poolings by 2, and
/// global average pooling; then dropout and a linear layer.
///
/// ```
/// assert_eq!(nets::network::DigitTower::default().spec().parameter_count()?, 314_362);
/// # Ok::<(), nets::layer::SpecError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DigitTower {
    /// Channels of the five convolutions, of which the second and the fourth are followed by pooling.
    #[schemars(extend("unit" = "channels"))]
    pub channels: [usize; 5],
    /// Dropout before the linear layer.
    #[schemars(extend("unit" = "probability"))]
    pub dropout: f32,
    /// The comparison of the two digits.
    pub output: TowerOutput,
    /// Whether it also says that an image shows no digit; only with `output = "digits"`.
    pub no_digit: bool,
}

impl Default for DigitTower {
    fn default() -> Self {
        Self { channels: [48, 48, 96, 96, 192], dropout: 0.3, output: TowerOutput::Digits, no_digit: false }
    }
}

impl DigitTower {
    /// The network's description.
    pub fn spec(&self) -> NetworkSpec {
        let pools = [1, 2, 1, 2, 1];
        let convolutions = self.channels.into_iter().zip(pools).map(|(channels, pool)| convolution(channels, pool));
        let tower = convolutions.chain([LayerSpec::GlobalMean]).collect();
        let (leq_head, digit_head) = match self.output {
            TowerOutput::Digits | TowerOutput::OrderedClasses => {
                (LeqHead::DigitPosteriors, self.head(CLASSES + usize::from(self.no_digit)))
            }
            TowerOutput::Score => (LeqHead::ScoreDifference { layers: self.head(1) }, Vec::new()),
        };
        NetworkSpec {
            scaling: InputScaling::Standardise,
            arrangement: Arrangement::Shared,
            tower,
            leq_head,
            digit_head,
            auxiliary: self.output == TowerOutput::Digits,
            no_digit: self.no_digit,
        }
    }

    fn head(&self, features: usize) -> Vec<LayerSpec> {
        let linear = LayerSpec::Linear(LinearSpec { features, activation: None });
        if self.dropout != 0.0 { vec![LayerSpec::Dropout { probability: self.dropout }, linear] } else { vec![linear] }
    }
}

fn convolution(channels: usize, pool: usize) -> LayerSpec {
    LayerSpec::Conv(ConvSpec {
        channels,
        kernel: 3,
        padding: 1,
        stride: 1,
        bias: false,
        batch_norm: true,
        activation: Some(Activation::Relu),
        pool,
    })
}
