//! The model: the built-in one or a file, and its check against the contract that `digits` states.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

mod signature;

pub use signature::{Breach, Dimension, Heads, Port, Signature};

/// The model inside the program.
static BUILT_IN: &[u8] = include_bytes!("../../models/leq.onnx");

/// Name of the model inside the program.
const BUILT_IN_NAME: &str = "leq (built in)";

/// Largest model file that is read, in bytes. The networks of this project have less than one.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// A model file's bytes and where they come from.
#[derive(Debug)]
pub struct Model {
    /// Its file, or the name of the built-in model.
    pub name: String,
    /// The ONNX file's content.
    pub bytes: Cow<'static, [u8]>,
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Nothing is there.
    #[error("{}: no such model file", .0.display())]
    Missing(PathBuf),
    /// A folder is there.
    #[error("{}: is a folder; --model takes an ONNX file", .0.display())]
    Folder(PathBuf),
    /// The operating system refused.
    #[error("{}: the model cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// There are no bytes.
    #[error("{}: is empty and so no ONNX model", .0.display())]
    Empty(PathBuf),
    /// More than [`MAX_FILE_BYTES`].
    #[error("{}: is larger than {} MiB, the most that is read of a model", .0.display(), MAX_FILE_BYTES >> 20)]
    TooLarge(PathBuf),
}

impl Model {
    /// The model inside the program.
    pub fn built_in() -> Self {
        Self { name: BUILT_IN_NAME.to_owned(), bytes: Cow::Borrowed(BUILT_IN) }
    }

    /// Reads a model file. Whether it is ONNX is for an engine to find out.
    ///
    /// # Errors
    /// [`ModelError`] when there is no file, or one that cannot be a model.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => ModelError::Missing(path.to_owned()),
            io::ErrorKind::IsADirectory => ModelError::Folder(path.to_owned()),
            _ => ModelError::Unreadable(path.to_owned(), error),
        };
        let mut bytes = Vec::new();
        let limit = MAX_FILE_BYTES + 1;
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unreadable)?;
        match bytes.len() as u64 {
            0 => Err(ModelError::Empty(path.to_owned())),
            length if length > MAX_FILE_BYTES => Err(ModelError::TooLarge(path.to_owned())),
            _ => Ok(Self { name: path.display().to_string(), bytes: Cow::Owned(bytes) }),
        }
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
