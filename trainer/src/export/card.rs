//! What is known about an exported model: its metadata and the card beside it.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use digits::contract::metadata as key;
use sha2::{Digest, Sha256};

use super::Metadata;
use crate::training::{Checkpoint, Judgement, Share, TrainingConfig};

const LICENSE: &str = "MIT OR Apache-2.0 (the file); trained on MNIST, CC BY-SA 3.0";
const DATA_AUTHOR: &str = "Yann LeCun and Corinna Cortes (MNIST)";

/// What is known about an exported model.
#[derive(Debug, Clone)]
pub struct Card {
    config: TrainingConfig,
    data_sha256: String,
    revision: String,
    parameters: usize,
    judgement: Judgement,
}

impl Card {
    /// The card of the network in `checkpoint`, judged on its round's pairs.
    pub fn new(checkpoint: &Checkpoint, judgement: Judgement) -> Self {
        Self {
            config: checkpoint.config().clone(),
            data_sha256: checkpoint.data_sha256().to_owned(),
            revision: checkpoint.revision().to_owned(),
            parameters: checkpoint.trained_parameters(),
            judgement,
        }
    }

    /// The metadata written into the model file.
    ///
    /// # Errors
    /// When a description cannot be written as JSON.
    pub fn metadata(&self) -> Result<Metadata> {
        let study = format!("{} ({})", self.config.name, self.config.protocol.name());
        Ok(vec![
            (key::CONTRACT, key::CONTRACT_VERSION.to_owned()),
            (key::STUDY, study),
            (key::SEED, self.config.seed.to_string()),
            (key::COMMIT, self.revision.clone()),
            (key::DATA_SHA256, self.data_sha256.clone()),
            (key::NETWORK, serde_json::to_string(&self.config.network)?),
            (key::RECIPE, serde_json::to_string(&self.config.recipe)?),
            (key::ACCURACY, serde_json::to_string(&self.judgement.test)?),
            (key::LICENSE, LICENSE.to_owned()),
            (key::DATA_AUTHOR, DATA_AUTHOR.to_owned()),
        ])
    }

    /// The card as Markdown, for the model file at `path` with contents `bytes`.
    ///
    /// # Errors
    /// When a description cannot be written as JSON.
    pub fn page(&self, path: &Path, bytes: &[u8]) -> Result<String> {
        let config = &self.config;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut page = format!("# {name}\n\n");
        let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut row = |what: &str, value: &str| writeln!(page, "| {what} | {value} |");
        row("what", "value")?;
        row("---", "---")?;
        row("experiment", &config.name)?;
        row("protocol", &format!("{}: {} training pairs, seed {}", config.protocol.name(), config.pairs, config.seed))?;
        row("parameters", &self.parameters.to_string())?;
        row("file", &format!("{} bytes, SHA-256 `{sum}`", bytes.len()))?;
        for (what, share) in self.judgement.test.readings() {
            row(what, &percent(&share))?;
        }
        row("trained at revision", &format!("`{}`", self.revision))?;
        row("training images", &format!("SHA-256 `{}`", self.data_sha256))?;
        row("data", DATA_AUTHOR)?;
        row("licence", LICENSE)?;
        let recipe = serde_json::to_string_pretty(&config.recipe)?;
        let network = serde_json::to_string_pretty(&config.network)?;
        write!(
            page,
            "\nThe accuracy is one training's, on the {} test pairs of its round. Rebuild it with\n\n",
            config.pairs
        )?;
        writeln!(page, "```sh\n{}\n```\n", self.commands(&name))?;
        writeln!(page, "Recipe:\n\n```json\n{recipe}\n```\n\nNetwork:\n\n```json\n{network}\n```")?;
        Ok(page)
    }

    fn commands(&self, name: &str) -> String {
        let TrainingConfig { name: experiment, protocol, seed, recipe, .. } = &self.config;
        let (protocol, epochs) = (protocol.name(), recipe.epochs);
        format!(
            "trainer train {experiment} --protocol {protocol} --epochs {epochs} --seed {seed} --out runs/{name}\n\
             trainer export runs/{name}/checkpoint.safetensors --out models/{name}.onnx"
        )
    }
}

fn percent(share: &Share) -> String {
    format!("{:.2} % ({} of {})", 100.0 * share.value(), share.right, share.all)
}
