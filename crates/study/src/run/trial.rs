//! A finished training of a study: one line of its journal.

use anyhow::{Result, bail};
use metrics::Accuracy;
use mnist::{FileSums, Mnist};
use serde::{Deserialize, Serialize};

use crate::declaration::{ProtocolName, Reading};
use nets::training::{Evaluation, HeldOut};

/// The result of one training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Hash of everything that the training depends on; see `crate::declaration::identity`.
    pub id: String,
    /// Name of the study.
    pub study: String,
    /// Name of the cell.
    pub cell: String,
    /// The pair protocol.
    pub protocol: ProtocolName,
    /// Master seed of the round.
    pub seed: u64,
    /// Checksum of the four data files' checksums, where they are not MNIST's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Accuracy on the round's test pairs with the last weights; for a diverged training, with the weights at that
    /// point.
    pub test: Evaluation,
    /// Accuracy on the validation pairs.
    pub validation: Option<Evaluation>,
    /// Accuracy on all test images as disjoint pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disjoint: Option<Evaluation>,
    /// Accuracy on training images outside the round's own pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Evaluation>,
    /// Accuracy on all ordered pairs of different test images, by posteriors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_pairs: Option<Accuracy>,
    /// What it gets right on held-out training images, where those are all that it is judged on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
    /// SHA-256 of the files of the networks that taught it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teachers_sha256: Vec<String>,
    /// Gradient of the first layer over that of the last at the initial weights, six significant digits; see
    /// [`nets::training::Training::initial_gradient`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_gradient: Option<f64>,
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
    /// Versions of the programs.
    pub versions: Versions,
    /// The machine.
    pub host: Host,
}

/// What a trial records of its data.
pub(super) fn data_of(mnist: &Mnist) -> Option<String> {
    let FileSums { training_images, training_labels, test_images, test_labels } = &mnist.sums;
    let sums = [training_images, training_labels, test_images, test_labels].map(String::as_str);
    (!mnist.is_mnist()).then(|| files::sha256(sums.join("  ")))
}

/// How a training ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Finished as the recipe says.
    Finished,
    /// A loss or a parameter became NaN or infinite.
    Diverged {
        /// What became NaN or infinite, and when.
        reason: String,
    },
}

/// Versions of the programs that computed a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Source revision of leq, `unknown` outside a git checkout.
    pub leq: String,
    /// Numerical revision, see [`NUMERICAL_REVISION`](super::NUMERICAL_REVISION); none in trials from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerics: Option<u32>,
    /// Version of Candle.
    pub candle: String,
    /// Version of the compiler.
    pub rustc: String,
    /// Vector instructions used by the kernels: results are bit-identical on machines with the same ones.
    pub instructions: String,
}

/// The machine that computed a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Model name of the processor.
    pub processor: String,
    /// Cores available to the program.
    pub cores: usize,
}

impl Trial {
    /// Checks what the form of a journal's line does not tell.
    ///
    /// # Errors
    /// An accuracy without answers, or of more right ones than there are.
    pub(super) fn check(&self) -> Result<()> {
        let evaluations = [Some(&self.test), self.validation.as_ref(), self.disjoint.as_ref(), self.outside.as_ref()];
        let held_out = self.held_out.map(|held_out| [held_out.all_pairs, held_out.distorted_digits]);
        let held_out = held_out.into_iter().flatten().flatten().chain(self.all_pairs);
        let accuracies = evaluations.into_iter().flatten().flat_map(Evaluation::accuracies);
        match accuracies.chain(held_out).find(|accuracy| !accuracy.is_possible()) {
            Some(Accuracy { right, all }) => bail!("it has {right} right answers of {all}"),
            None => Ok(()),
        }
    }

    /// What it gets right by a reading, in percent; for the initial gradient, that. None where it was not judged so.
    pub fn percent(&self, reading: Reading) -> Option<f64> {
        let fraction = match reading {
            Reading::InitialGradient => self.initial_gradient?,
            Reading::AllPairs => self.held_out.map_or(self.all_pairs, |held_out| held_out.all_pairs)?.value(),
            Reading::DistortedDigits => self.held_out?.distorted_digits?.value(),
            _ => reading.of(reading.pairs(self)?)?.value(),
        };
        Some(100.0 * fraction)
    }

    /// The trial without seconds, host and versions, which differ between runs of the same training.
    pub fn result(&self) -> impl PartialEq + std::fmt::Debug + '_ {
        let of_pairs = (&self.test, &self.validation, &self.disjoint, &self.outside, self.all_pairs);
        let judged = (of_pairs, self.held_out, self.initial_gradient);
        let figures = (judged, &self.teachers_sha256, &self.train_loss, &self.validation_loss, self.epochs);
        (&self.id, &self.study, &self.cell, self.protocol, self.seed, &self.data, figures, &self.outcome)
    }
}

impl Reading {
    /// The pairs of a trial's round that it is about, if it is about any.
    fn pairs(self, trial: &Trial) -> Option<&Evaluation> {
        match self {
            Self::LearnedHead
            | Self::MostLikelyDigits
            | Self::DigitPosteriors
            | Self::Digits
            | Self::LearnedHeadDigitsRight => Some(&trial.test),
            Self::DisjointPairs | Self::AllDigits => trial.disjoint.as_ref(),
            Self::OutsidePairs | Self::OutsideDigits => trial.outside.as_ref(),
            Self::AllPairs | Self::DistortedDigits | Self::InitialGradient => None,
        }
    }
}
