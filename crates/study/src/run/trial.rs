//! One finished training of a study, a line of its journal.

use serde::{Deserialize, Serialize};

use crate::declaration::ProtocolName;
use nets::training::Evaluation;

/// What one training gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Identity of everything that the training depends on; see [`identity`].
    pub id: String,
    /// Name of the study.
    pub study: String,
    /// Name of the cell.
    pub cell: String,
    /// Where the pairs came from.
    pub protocol: ProtocolName,
    /// Master seed of the round.
    pub seed: u64,
    /// Accuracy on the round's test pairs, with the last weights. Of a diverged training: with the weights as they
    /// stood then.
    pub test: Evaluation,
    /// Accuracy on the pairs set aside for validation.
    pub validation: Option<Evaluation>,
    /// Accuracy on all test images in disjoint pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disjoint: Option<Evaluation>,
    /// Accuracy on training images that are not among the round's own pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Evaluation>,
    /// Mean training loss of each epoch, six significant digits.
    pub train_loss: Vec<f64>,
    /// Validation loss after each epoch, six significant digits.
    pub validation_loss: Option<Vec<f64>>,
    /// Epochs trained.
    pub epochs: usize,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// How the training ended.
    pub outcome: Outcome,
    /// What computed it.
    pub versions: Versions,
    /// Where it was computed.
    pub host: Host,
}

/// How a training ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As the recipe says.
    Finished,
    /// A loss or a parameter left the finite numbers.
    Diverged {
        /// What, when.
        reason: String,
    },
}

/// What computed a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Source revision of leq, `unknown` outside a git checkout.
    pub leq: String,
    /// Version of Candle.
    pub candle: String,
    /// Version of the compiler.
    pub rustc: String,
    /// Vector instructions that the kernels use: bits are reproducible among machines that have the same.
    pub instructions: String,
}

/// Where a trial was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The processor by its maker's name.
    pub processor: String,
    /// Cores that the program could use.
    pub cores: usize,
}

impl Trial {
    /// The trial without what differs from one run of the same training to the next: seconds, host, versions.
    pub fn result(&self) -> impl PartialEq + std::fmt::Debug + '_ {
        let judged = (&self.test, &self.validation, &self.disjoint, &self.outside);
        let figures = (judged, &self.train_loss, &self.validation_loss, self.epochs);
        (&self.id, &self.study, &self.cell, self.protocol, self.seed, figures, &self.outcome)
    }
}
