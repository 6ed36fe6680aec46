//! What runs a model. Everything outside this module speaks to an [`Engine`] and knows no library.

use std::path::PathBuf;

use digits::{DigitImage, NotAProbability, Verdict};

use crate::model::{Breach, Model, Signature};

pub mod library;
mod onnxruntime;

pub use onnxruntime::OnnxRuntime;

/// First and second digit.
pub type Pair = [DigitImage; 2];

/// A loaded model that keeps the contract.
pub trait Engine {
    /// The engine's name, for people.
    fn name(&self) -> &str;

    /// The library that the engine was loaded from, if it is one.
    fn library(&self) -> Option<PathBuf>;

    /// What the model declares.
    fn signature(&self) -> &Signature;

    /// Answers any number of pairs, in order.
    ///
    /// # Errors
    /// [`EngineError::Run`] when the engine fails, [`EngineError::Answer`] when it answers with what is no probability.
    fn run(&mut self, pairs: &[Pair]) -> Result<Vec<Verdict>, EngineError>;
}

/// Why an engine cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no library to load.
    #[error(transparent)]
    Library(#[from] library::LibraryError),
    /// The engine itself does not start.
    #[error("ONNX Runtime does not start: {0}")]
    Start(String),
    /// The model's bytes are not ONNX.
    #[error("{model}: is not an ONNX model ({fault}); name a file that `trainer` exported")]
    NotOnnx {
        /// The model's name.
        model: String,
        /// What the engine found.
        fault: String,
    },
    /// The model is ONNX and the engine cannot run it.
    #[error("{model}: ONNX Runtime cannot load this model: {fault}")]
    Unloadable {
        /// The model's name.
        model: String,
        /// What the engine found.
        fault: String,
    },
    /// The model is not what this program runs.
    #[error("{model}: {breach}")]
    Contract {
        /// The model's name.
        model: String,
        /// What breaks the contract.
        breach: Box<Breach>,
    },
    /// Running the model failed.
    #[error("{model}: ONNX Runtime failed to run this model: {fault}")]
    Run {
        /// The model's name.
        model: String,
        /// What the engine found.
        fault: String,
    },
    /// The model ran and answered nonsense.
    #[error("{model}: {fault}")]
    Answer {
        /// The model's name.
        model: String,
        /// What it answered.
        fault: NotAProbability,
    },
}

/// Loads a model into ONNX Runtime.
///
/// # Errors
/// [`EngineError`] when there is no usable library, or the model is not ONNX or breaks the contract.
pub fn open(model: &Model, library: Option<PathBuf>) -> Result<Box<dyn Engine>, EngineError> {
    Ok(Box::new(OnnxRuntime::open(model, library)?))
}
