//! The model: the built-in one or a file, read and checked without any engine.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use onnx::MOST_ELEMENTS;
pub use onnx::{
    Attribute, Breach, Cost, Dimension, Graph, Heads, Initializer, KNOWN_OPERATORS, MAX_FILE_BYTES, Malformed, Node,
    Port, Refusal, Signature,
};

/// Name of the built-in model.
#[cfg(feature = "built-in")]
const BUILT_IN_NAME: &str = "leq (built in)";

/// A model file that may be given to an engine: it is ONNX, self-contained, of known operators, and keeps the contract.
#[derive(Debug)]
pub struct Model {
    /// Its file, or the name of the built-in model.
    pub name: String,
    /// The ONNX file's content.
    pub bytes: Cow<'static, [u8]>,
    /// Its structure.
    pub graph: Graph,
    /// Which outputs it has.
    pub heads: Heads,
}

/// An ONNX file as it is, and what keeps it from being a [`Model`].
#[derive(Debug)]
pub struct Description {
    /// Its file.
    pub name: String,
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its structure.
    pub graph: Graph,
    /// What it does or lacks, one sentence each, to go after the name; nothing for a model of the contract.
    pub lacks: Vec<String>,
}

impl From<Model> for Description {
    fn from(model: Model) -> Self {
        Self { name: model.name, bytes: model.bytes, graph: model.graph, lacks: Vec::new() }
    }
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
    /// The bytes are not ONNX.
    #[error("{0}: is not an ONNX model ({1}); name a file that `trainer` exported")]
    NotOnnx(String, Malformed),
    /// It does or holds what no comparator needs.
    #[error("{0}: {1}")]
    Refused(String, Refusal),
    /// Another model than this program runs.
    #[error("{0}: {1}")]
    Contract(String, Box<Breach>),
}

impl Model {
    /// The built-in model, leq's best network: the crate's feature `built-in`.
    ///
    /// ```
    /// use infer::Model;
    /// use infer::model::Heads;
    ///
    /// let model = Model::built_in();
    /// assert_eq!(model.heads, Heads::ComparisonDigitsAndNoDigit);
    /// assert!(model.graph.parameters() > 10_000);
    /// ```
    ///
    /// # Panics
    /// Never: tests read it as any other file.
    #[cfg(feature = "built-in")]
    pub fn built_in() -> Self {
        Self::from_bytes(BUILT_IN_NAME.to_owned(), Cow::Borrowed(models::LEQ)).expect("the built-in model is sound")
    }

    /// The model of a file, or the built-in one.
    ///
    /// # Errors
    /// As [`Model::read`].
    #[cfg(feature = "built-in")]
    pub fn choose(path: Option<&Path>) -> Result<Self, ModelError> {
        path.map_or_else(|| Ok(Self::built_in()), Self::read)
    }

    /// Reads a model file and checks it.
    ///
    /// ```
    /// use infer::Model;
    ///
    /// let error = Model::read("examples/two.png".as_ref()).unwrap_err();
    /// assert!(error.to_string().starts_with("examples/two.png: is not an ONNX model"));
    /// ```
    ///
    /// # Errors
    /// [`ModelError`] when there is no file, or one that no engine should see.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        Self::from_bytes(path.display().to_string(), Cow::Owned(read_bytes(path)?))
    }

    /// Reads any ONNX file, whether or not it may be given to an engine, and what it lacks of the contract.
    ///
    /// # Errors
    /// [`ModelError`] when there is no file, or it is not ONNX.
    pub fn describe(path: &Path) -> Result<Description, ModelError> {
        let (name, bytes) = (path.display().to_string(), read_bytes(path)?);
        let graph = match Graph::read(&bytes) {
            Ok(graph) => graph,
            Err(malformed) => return Err(ModelError::NotOnnx(name, malformed)),
        };
        let mut lacks: Vec<String> = onnx::check(&graph).err().iter().map(ToString::to_string).collect();
        lacks.extend(graph.signature().breaches().iter().map(ToString::to_string));
        if lacks.is_empty() {
            lacks.extend(graph.check_cost().err().iter().map(ToString::to_string));
        }
        Ok(Description { name, bytes: Cow::Owned(bytes), graph, lacks })
    }

    /// Checks the bytes of a model file.
    ///
    /// # Errors
    /// [`ModelError`] when they are not ONNX, or not the model of a comparator.
    pub fn from_bytes(name: String, bytes: Cow<'static, [u8]>) -> Result<Self, ModelError> {
        let graph = match Graph::read(&bytes) {
            Ok(graph) => graph,
            Err(malformed) => return Err(ModelError::NotOnnx(name, malformed)),
        };
        if let Err(refusal) = onnx::check(&graph) {
            return Err(ModelError::Refused(name, refusal));
        }
        let heads = match graph.signature().check() {
            Ok(heads) => heads,
            Err(breach) => return Err(ModelError::Contract(name, Box::new(breach))),
        };
        match graph.check_cost() {
            Ok(()) => Ok(Self { name, bytes, graph, heads }),
            Err(refusal) => Err(ModelError::Refused(name, refusal)),
        }
    }

    /// Whether these are the bytes of the built-in model, which is trusted.
    pub fn is_built_in(&self) -> bool {
        #[cfg(feature = "built-in")]
        return *self.bytes == *models::LEQ;
        #[cfg(not(feature = "built-in"))]
        false
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn sha256(&self) -> String {
        files::sha256(&self.bytes)
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ModelError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ModelError::Missing(path.to_owned()),
        io::ErrorKind::IsADirectory => ModelError::Folder(path.to_owned()),
        io::ErrorKind::FileTooLarge => ModelError::TooLarge(path.to_owned()),
        _ => ModelError::Unreadable(path.to_owned(), error),
    };
    let bytes = files::read(path, MAX_FILE_BYTES).map_err(unreadable)?;
    if bytes.is_empty() { Err(ModelError::Empty(path.to_owned())) } else { Ok(bytes) }
}
