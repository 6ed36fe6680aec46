//! What the page's folder is made of.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::models::Models;
use crate::publication::Publication;

/// Files, folders, and what is known of them.
#[derive(Debug)]
pub struct Parts {
    /// The page's own files.
    pub page: PathBuf,
    /// wasm-bindgen's: JavaScript and WebAssembly.
    pub glue: PathBuf,
    /// MNIST's digits: the samples that the page offers, the pairs on which it tallies networks, and hard ones.
    pub digits: [PathBuf; 3],
    /// Where the models are.
    pub models_folder: PathBuf,
    /// Which of them.
    pub models: Models,
    /// What is measured of them, as [`crate::records`] reads it.
    pub records: serde_json::Value,
    /// The file of the one that answers, which may be elsewhere; its card lies beside it, if it has one.
    pub default_file: PathBuf,
    /// The page of all results.
    pub results: PathBuf,
    /// What the page says of its origin.
    pub publication: Publication,
}

impl Parts {
    /// The bytes of the model called `name`.
    ///
    /// # Errors
    /// Names the file that cannot be read.
    pub fn model(&self, name: &str) -> Result<Vec<u8>> {
        let in_folder = self.models_folder.join(format!("{name}.onnx"));
        contents_of(if name == self.models.default { &self.default_file } else { &in_folder })
    }
}

/// The bytes of a file.
///
/// # Errors
/// Names the file that cannot be read.
pub fn contents_of(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
