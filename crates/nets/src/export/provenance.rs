//! What is known about an exported model: its metadata.

use std::path::PathBuf;

use anyhow::Result;
use digits::contract::metadata as key;

use super::Metadata;
use crate::onnx::Storage;
use crate::training::{Evaluation, TrainingConfig};

/// Licence of files of models trained on MNIST.
const LICENSE: &str = "MIT OR Apache-2.0 (the file); trained on MNIST, CC BY-SA 3.0";
/// Licence of files of models trained on other data.
const LICENSE_OF_UNKNOWN_DATA: &str = "MIT OR Apache-2.0 (the file); the licence of its training data is not known";
/// Who made MNIST.
const DATA_AUTHOR: &str = "Yann LeCun and Corinna Cortes (MNIST)";

/// What is known about an exported model.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// What was trained, and how.
    pub config: TrainingConfig,
    /// Checksum of the training data, [`mnist::Mnist::data_sha256`].
    pub data_sha256: String,
    /// Whether the test data are MNIST's.
    pub test_is_mnist: bool,
    /// Folder of the data, as it was named; `None` for the usual one.
    pub data_folder: Option<PathBuf>,
    /// Source revision of the trainer that trained it.
    pub revision: String,
    /// [`instructions`](crate::training::instructions) of the machine that trained it.
    pub instructions: String,
    /// Number of trained values.
    pub parameters: usize,
    /// Form of the stored weights.
    pub storage: Storage,
    /// What digit logits are divided by.
    pub temperature: f32,
    /// What was added to the logit of "no digit".
    pub no_digit_shift: f32,
    /// Accuracy on the round's test pairs.
    pub test: Evaluation,
}

impl Provenance {
    /// Whether the training data are MNIST's.
    pub fn is_trained_on_mnist(&self) -> bool {
        mnist::is_mnist(&self.data_sha256)
    }

    /// Whether training and test data are MNIST's.
    pub fn is_of_mnist(&self) -> bool {
        self.is_trained_on_mnist() && self.test_is_mnist
    }

    /// Licence of the model file.
    pub fn license(&self) -> &'static str {
        if self.is_trained_on_mnist() { LICENSE } else { LICENSE_OF_UNKNOWN_DATA }
    }

    /// Who made the training data, by their checksum, and whether the accuracy is of other test data.
    pub fn data_author(&self) -> String {
        match (self.is_trained_on_mnist(), self.test_is_mnist) {
            (true, true) => DATA_AUTHOR.to_owned(),
            (true, false) => format!("{DATA_AUTHOR}; tested on other data"),
            (false, _) => format!("unknown data, SHA-256 {}", self.data_sha256),
        }
    }

    /// The metadata written into the model file.
    ///
    /// # Errors
    /// When a description cannot be written as JSON.
    pub fn metadata(&self) -> Result<Metadata> {
        let study = format!("{} ({})", self.config.name, self.config.protocol.name());
        let version =
            if self.config.network.no_digit { key::VERSION_WITH_NO_DIGIT } else { key::VERSION_WITHOUT_NO_DIGIT };
        // The comparison where both digits are right is a study's reading; files say what their own outputs get right.
        let test = Evaluation { learned_head_digits_right: None, ..self.test };
        let mut entries = vec![
            (key::CONTRACT, version.to_owned()),
            (key::STUDY, study),
            (key::SEED, self.config.seed.to_string()),
            (key::COMMIT, self.revision.clone()),
            (key::INSTRUCTIONS, self.instructions.clone()),
            (key::DATA_SHA256, self.data_sha256.clone()),
            (key::NETWORK, serde_json::to_string(&self.config.network)?),
            (key::RECIPE, serde_json::to_string(&self.config.recipe)?),
            (key::ACCURACY, serde_json::to_string(&test)?),
        ];
        if self.temperature != 1.0 {
            entries.push((key::TEMPERATURE, self.temperature.to_string()));
        }
        if self.no_digit_shift != 0.0 {
            entries.push((key::NO_DIGIT_SHIFT, self.no_digit_shift.to_string()));
        }
        if self.storage == Storage::Uint8 {
            entries.push((key::WEIGHTS, "uint8".to_owned()));
        }
        entries.push((key::LICENSE, self.license().to_owned()));
        entries.push((key::DATA_AUTHOR, self.data_author()));
        Ok(entries)
    }
}
