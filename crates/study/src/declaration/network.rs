//! Networks as studies name them: a family and what varies inside it.

use serde::{Deserialize, Serialize};

use nets::layer::Activation;
use nets::network::{ConvNet, DigitTower, LeqHead, Mlp, NetworkSpec, ReportB, TowerOutput};

/// A network by its family and what varies inside it; absent settings are those of the family's published best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NetworkDeclaration {
    /// Report A's ConvNet.
    ReportAConvnet {
        /// Channels of the three convolutions.
        #[serde(default = "best_channels")]
        channels: [usize; 3],
        /// Hidden features of both heads.
        #[serde(default = "best_hidden")]
        hidden: usize,
        /// Activation everywhere.
        #[serde(default = "relu")]
        activation: Activation,
        /// Batch normalisation between convolution and activation.
        #[serde(default)]
        batch_norm: bool,
        /// Dropout before each linear layer of both heads: 0.5 in the code, 0 in the report's text.
        #[serde(default = "dropout_of_the_code")]
        head_dropout: f32,
        /// Pooling after the third convolution: in the code, not in the report's Table I.
        #[serde(default = "present")]
        last_pool: bool,
        /// One tower for both images.
        #[serde(default)]
        weight_sharing: bool,
    },
    /// Report A's MLP.
    ReportAMlp {
        /// Features of the tower's four layers.
        #[serde(default = "best_widths")]
        widths: [usize; 4],
        /// Activation everywhere.
        #[serde(default = "relu")]
        activation: Activation,
        /// Dropout after each layer of the tower.
        #[serde(default)]
        dropout: f32,
        /// One tower for both images.
        #[serde(default)]
        weight_sharing: bool,
    },
    /// Report A's ConvNet with weight sharing, its digits compared by their posteriors instead of learned.
    ReportAPosteriors {},
    /// Our own.
    DigitTower {
        /// Channels of the five convolutions.
        #[serde(default = "own_channels")]
        channels: [usize; 5],
        /// Dropout before the linear layer.
        #[serde(default = "own_dropout")]
        dropout: f32,
        /// How the digits are compared.
        #[serde(default)]
        output: TowerOutput,
        /// Whether it also says that an image shows no digit.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_digit: bool,
    },
    /// Report B's network.
    ReportB {
        /// One tower and one digit head for both images.
        #[serde(default)]
        weight_sharing: bool,
        /// Dropout 0.5 after the second convolution and after each hidden linear layer.
        #[serde(default)]
        dropout: bool,
    },
}

fn own_channels() -> [usize; 5] {
    DigitTower::default().channels
}

fn own_dropout() -> f32 {
    DigitTower::default().dropout
}

fn best_channels() -> [usize; 3] {
    [32, 64, 32]
}

fn best_hidden() -> usize {
    512
}

fn best_widths() -> [usize; 4] {
    [128, 64, 32, 256]
}

fn relu() -> Activation {
    Activation::Relu
}

fn dropout_of_the_code() -> f32 {
    0.5
}

fn present() -> bool {
    true
}

impl NetworkDeclaration {
    /// The network's description, with digit heads trained or not.
    pub(super) fn spec(&self, auxiliary: bool) -> NetworkSpec {
        match *self {
            Self::ReportAConvnet {
                channels,
                hidden,
                activation,
                batch_norm,
                head_dropout,
                last_pool,
                weight_sharing,
            } => {
                ConvNet { channels, hidden, activation, batch_norm, head_dropout, last_pool, weight_sharing, auxiliary }
                    .spec()
            }
            Self::ReportAMlp { widths, activation, dropout, weight_sharing } => {
                Mlp { features: widths, activation, dropout, weight_sharing, auxiliary }.spec()
            }
            Self::ReportAPosteriors {} => {
                let shared = ConvNet { weight_sharing: true, auxiliary, ..ConvNet::default() };
                NetworkSpec { leq_head: LeqHead::DigitPosteriors, ..shared.spec() }
            }
            Self::DigitTower { channels, dropout, output, no_digit } => {
                DigitTower { channels, dropout, output, no_digit }.spec()
            }
            Self::ReportB { weight_sharing, dropout } => ReportB { weight_sharing, auxiliary, dropout }.spec(),
        }
    }

    /// What the reports train such a network with.
    pub(super) fn learning_rate(&self) -> f64 {
        let larger = match self {
            Self::ReportAConvnet { activation, .. } | Self::ReportAMlp { activation, .. } => {
                *activation == Activation::Sigmoid
            }
            Self::ReportAPosteriors {} | Self::DigitTower { .. } => false,
            Self::ReportB { dropout, .. } => *dropout,
        };
        if larger { 1e-2 } else { 1e-3 }
    }
}
