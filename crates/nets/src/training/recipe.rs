//! How a network is trained, and on what.

mod checks;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdamSettings, EarlyStopping, EmaSettings, LossWeights, MuonSettings, Schedule, TeacherSettings};
use crate::network::NetworkSpec;
use augmentation::Augmentation;
use augmentation::DrawnSettings;
use augmentation::switch::on_or_off;
use mnist::Protocol;

/// When the order of the training pairs is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shuffle {
    /// Once, before the first epoch: report A.
    Once,
    /// Before every epoch.
    EachEpoch,
    /// Before every epoch, digit by digit: the digits are paired anew, so their labels must be learned.
    DigitsEachEpoch,
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the training pairs, at most.
    #[schemars(extend("unit" = "epochs"))]
    pub epochs: u32,
    /// Pairs in a step.
    #[schemars(extend("unit" = "pairs"))]
    pub batch_size: usize,
    /// When the order of the pairs is drawn.
    pub shuffle: Shuffle,
    /// What is minimised.
    #[serde(default)]
    pub loss: LossWeights,
    /// The optimiser.
    #[serde(default)]
    pub adam: AdamSettings,
    /// The optimiser of convolutions' weights, where it is another: a table, or `true` for the usual settings. Weights of
    /// depthwise convolutions stay with the other optimiser.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub muon: Option<MuonSettings>,
    /// How the learning rate changes.
    #[serde(default)]
    pub schedule: Schedule,
    /// Pairs set aside, drawn anew each round, to compute a validation loss on.
    #[serde(default)]
    #[schemars(extend("unit" = "pairs"))]
    pub validation_pairs: usize,
    /// Stops when the validation loss no longer falls; the last weights are kept. A table, or `true` for the usual
    /// settings, or `false`.
    #[serde(default, deserialize_with = "on_or_off")]
    pub early_stopping: Option<EarlyStopping>,
    /// How training images are distorted, anew at every step: a table, or `"digits"`, `"drawings"`,
    /// `"everybody"`, `"none"`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub augmentation: Option<Augmentation>,
    /// Swaps the two digits of a pair at random, with probability 1/2, where the first is larger. Other pairs stay: the reverse
    /// of "less than or equal" is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub swap_pairs: bool,
    /// Images drawn by programs that join the training, for a network that tells "no digit": a table, or `true` for the
    /// usual settings.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub drawn: Option<DrawnSettings>,
    /// Averages the weights over the last steps; the trained network has the averaged weights, and running statistics
    /// computed anew for them: a table, or `true` for the usual settings.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub ema: Option<EmaSettings>,
    /// Trained networks whose digit posteriors are learned too, for the images of each step as it sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<TeacherSettings>,
}

/// Everything that one training depends on besides the machine and the data files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Name of the experiment.
    pub name: String,
    /// The network.
    pub network: NetworkSpec,
    /// How it is trained.
    pub recipe: Recipe,
    /// Where the pairs come from.
    pub protocol: Protocol,
    /// Training pairs, and test pairs.
    pub pairs: usize,
    /// Master seed of the round: weights, order, dropout, split, augmentation, and the pairs where the protocol redraws
    /// them.
    pub seed: u64,
    /// What the network is judged on when it is trained.
    #[serde(default, skip_serializing_if = "Scope::is_default")]
    pub scope: Scope,
}

/// What a network is judged on when it is trained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The round's test pairs, as in both reports.
    #[default]
    TestPairs,
    /// Also disjoint pairs of all test images, and pairs of training images outside the round's own.
    AllImages,
    /// Pairs of training images outside the round's own alone, the test split unseen: to choose by. Such a training's network
    /// is not exported.
    HeldOut,
}

impl Scope {
    fn is_default(&self) -> bool {
        *self == Self::TestPairs
    }
}

/// A recipe that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// A setting that must be larger.
    #[error("{0} is 0, but it must be at least 1")]
    Zero(&'static str),
    /// Nothing left to train on.
    #[error("{validation} of {pairs} pairs are set aside for validation: none is left to train on")]
    NothingToTrainOn {
        /// Validation pairs.
        validation: usize,
        /// All pairs.
        pairs: usize,
    },
    /// A schedule or early stopping that has nothing to watch.
    #[error("{0} watches the validation loss, but validation_pairs is 0")]
    NoValidation(&'static str),
    /// A number outside its range.
    #[error("{field} is {found}, but it must be {wanted}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        wanted: &'static str,
    },
    /// A setting that nothing would come of.
    #[error("{field} has no effect: {reason}")]
    NoEffect {
        /// The setting.
        field: &'static str,
        /// Why nothing comes of it.
        reason: &'static str,
    },
    /// A loss without any term.
    #[error("loss.leq, loss.digits and loss.every_pair are all 0: nothing would be learned; set one above 0")]
    NoLoss,
    /// Pairs made of labels that are not to be learned.
    #[error(
        "the order digits_each_epoch pairs digits anew, which takes their labels, but the network's auxiliary is false"
    )]
    PairingWithoutLabels,
    /// A teacher that is nobody.
    #[error("teacher.files is empty: name checkpoints or model files")]
    NoTeacher,
    /// "No digit" is to be learned without all that it takes.
    #[error(
        "\"no digit\" takes the network's no_digit, the recipe's drawn and a weight of loss.no_digit above 0: set all or none"
    )]
    NoDigit,
    /// Digit labels are weighted but nothing learns from them, or the reverse.
    #[error("the loss weighs digits by {weight}, but the network's auxiliary is {auxiliary}: set both or neither")]
    Auxiliary {
        /// Weight of the digit terms.
        weight: String,
        /// Whether the description says that digit heads are trained.
        auxiliary: bool,
    },
}
