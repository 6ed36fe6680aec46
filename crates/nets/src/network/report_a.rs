//! Report A's networks: a ConvNet and an MLP, with or without weight sharing and auxiliary loss.

use digits::contract::CLASSES;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arrangement, InputScaling, LeqHead, NetworkSpec};
use crate::layer::{Activation, ConvSpec, LayerSpec, LinearSpec};

/// Report A's ConvNet (Table I; the third pooling and the heads' dropout are only in its code).
///
/// ```
/// use nets::network::{Arrangement, ConvNet};
///
/// let spec = ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() }.spec();
/// assert_eq!(spec.arrangement, Arrangement::Shared);
/// spec.check()?;
/// # Ok::<(), nets::layer::SpecError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConvNet {
    /// Channels of the three convolutions.
    #[schemars(extend("unit" = "channels"))]
    pub channels: [usize; 3],
    /// Hidden features of both heads.
    #[schemars(extend("unit" = "features"))]
    pub hidden: usize,
    /// Activation of all layers.
    pub activation: Activation,
    /// Batch normalisation between convolution and activation.
    pub batch_norm: bool,
    /// Dropout before each linear layer of both heads: 0.5 in the code, 0 in the report.
    #[schemars(extend("unit" = "probability"))]
    pub head_dropout: f32,
    /// Pooling after the third convolution: in the report's code, not in Table I.
    pub last_pool: bool,
    /// One tower for both images.
    pub weight_sharing: bool,
    /// Digit heads trained with digit labels; no key, for the recipe's loss says it.
    #[serde(skip)]
    pub auxiliary: bool,
}

impl Default for ConvNet {
    /// The best architecture of the report's search, vanilla, as its code trains it.
    fn default() -> Self {
        Self {
            channels: [32, 64, 32],
            hidden: 512,
            activation: Activation::Relu,
            batch_norm: false,
            head_dropout: 0.5,
            last_pool: true,
            weight_sharing: false,
            auxiliary: false,
        }
    }
}

impl ConvNet {
    /// The network's description.
    pub fn spec(&self) -> NetworkSpec {
        NetworkSpec {
            scaling: InputScaling::Standardise,
            arrangement: arrangement(self.weight_sharing),
            tower: vec![
                self.conv(self.channels[0], 3, 0, 2),
                self.conv(self.channels[1], 3, 1, 2),
                self.conv(self.channels[2], 2, 1, if self.last_pool { 3 } else { 1 }),
                LayerSpec::Flatten,
            ],
            leq_head: LeqHead::Features { layers: self.head(1) },
            digit_head: self.head(CLASSES),
            auxiliary: self.auxiliary,
            no_digit: false,
        }
    }

    fn conv(&self, channels: usize, kernel: usize, padding: usize, pool: usize) -> LayerSpec {
        let (batch_norm, activation) = (self.batch_norm, Some(self.activation));
        LayerSpec::Conv(ConvSpec { channels, kernel, padding, stride: 1, bias: true, batch_norm, activation, pool })
    }

    fn head(&self, outputs: usize) -> Vec<LayerSpec> {
        let mut layers = dropout(self.head_dropout);
        layers.push(linear(self.hidden, Some(self.activation)));
        layers.extend(dropout(self.head_dropout));
        layers.push(linear(outputs, None));
        layers
    }
}

/// Report A's MLP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mlp {
    /// Features of the four layers of the tower.
    #[schemars(extend("unit" = "features"))]
    pub widths: [usize; 4],
    /// Activation everywhere.
    pub activation: Activation,
    /// Dropout after each layer of the tower.
    #[schemars(extend("unit" = "probability"))]
    pub dropout: f32,
    /// One tower for both images.
    pub weight_sharing: bool,
    /// Digit heads trained with digit labels; no key, for the recipe's loss says it.
    #[serde(skip)]
    pub auxiliary: bool,
}

impl Default for Mlp {
    /// The best architecture of the report's search, vanilla.
    fn default() -> Self {
        Self {
            widths: [128, 64, 32, 256],
            activation: Activation::Relu,
            dropout: 0.0,
            weight_sharing: false,
            auxiliary: false,
        }
    }
}

impl Mlp {
    /// The network's description.
    pub fn spec(&self) -> NetworkSpec {
        let mut tower = vec![LayerSpec::Flatten];
        for width in self.widths {
            tower.push(linear(width, Some(self.activation)));
            tower.extend(dropout(self.dropout));
        }
        NetworkSpec {
            scaling: InputScaling::Standardise,
            arrangement: arrangement(self.weight_sharing),
            tower,
            leq_head: LeqHead::Features { layers: vec![linear(1, None)] },
            digit_head: vec![linear(CLASSES, None)],
            auxiliary: self.auxiliary,
            no_digit: false,
        }
    }
}

fn arrangement(weight_sharing: bool) -> Arrangement {
    if weight_sharing { Arrangement::Shared } else { Arrangement::Stacked }
}

fn linear(features: usize, activation: Option<Activation>) -> LayerSpec {
    LayerSpec::Linear(LinearSpec { features, activation })
}

fn dropout(probability: f32) -> Vec<LayerSpec> {
    if probability != 0.0 { vec![LayerSpec::Dropout { probability }] } else { Vec::new() }
}
