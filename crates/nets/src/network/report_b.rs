//! Report B's network, with or without weight sharing, auxiliary loss and dropout.

use digits::contract::CLASSES;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arrangement, InputScaling, LeqHead, NetworkSpec};
use crate::layer::{Activation, ConvSpec, LayerSpec, LinearSpec};

const ACTIVATION: Activation = Activation::LeakyRelu { slope: 0.01 };
const DROPOUT: f32 = 0.5;

/// Report B's network (Fig. 1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportB {
    /// One tower and one digit head for both images.
    pub weight_sharing: bool,
    /// Digit heads trained with digit labels; the comparison reads them either way. No key, for the recipe's loss says it.
    #[serde(skip)]
    pub auxiliary: bool,
    /// Channel-wise dropout after the second convolution, dropout after each hidden linear layer, 0.5 each.
    pub dropout: bool,
}

impl ReportB {
    /// The network's description.
    pub fn spec(&self) -> NetworkSpec {
        let mut tower = vec![conv(16), conv(32)];
        if self.dropout {
            // The report drops channels between convolution and pooling. Scaling by 0 or 2 commutes with pooling and
            // LeakyReLU, so dropping them afterwards gives the same result.
            tower.push(LayerSpec::ChannelDropout { probability: DROPOUT });
        }
        tower.push(LayerSpec::Flatten);
        NetworkSpec {
            scaling: InputScaling::Unit,
            arrangement: if self.weight_sharing { Arrangement::Shared } else { Arrangement::Separate },
            tower,
            leq_head: LeqHead::FeaturesAndDigits {
                features: [self.hidden(64), self.hidden(32)].concat(),
                joined: [self.hidden(32), vec![logits(2)]].concat(),
            },
            digit_head: [self.hidden(64), vec![logits(CLASSES)]].concat(),
            auxiliary: self.auxiliary,
            no_digit: false,
        }
    }

    fn hidden(&self, features: usize) -> Vec<LayerSpec> {
        let linear = LayerSpec::Linear(LinearSpec { features, activation: Some(ACTIVATION) });
        if self.dropout { vec![linear, LayerSpec::Dropout { probability: DROPOUT }] } else { vec![linear] }
    }
}

fn conv(channels: usize) -> LayerSpec {
    LayerSpec::Conv(ConvSpec {
        channels,
        kernel: 3,
        padding: 0,
        stride: 1,
        bias: true,
        batch_norm: false,
        activation: Some(ACTIVATION),
        pool: 2,
    })
}

fn logits(features: usize) -> LayerSpec {
    LayerSpec::Linear(LinearSpec { features, activation: None })
}
