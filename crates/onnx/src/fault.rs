//! Why a file is not evaluated.

use crate::protobuf::Malformed;
use crate::refusal::Refusal;

/// Why a model cannot be loaded, or did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The bytes are no ONNX file.
    #[error("it is no ONNX file ({0})")]
    NotOnnx(#[from] Malformed),
    /// The file holds what [`crate::check()`] refuses.
    #[error("it {0}")]
    Refused(#[from] Refusal),
    /// A known operator that is not computed here.
    #[error("the operator {0:?} is not computed here")]
    Operator(String),
    /// A stored tensor cannot be read.
    #[error("the tensor {name:?}: {fault}")]
    Stored {
        /// The tensor.
        name: String,
        /// What is wrong with it.
        fault: NodeFault,
    },
    /// A node cannot be computed.
    #[error("{operator} {node:?}: {fault}")]
    Node {
        /// The operator.
        operator: String,
        /// The node's name, may be empty.
        node: String,
        /// What is wrong with it.
        fault: NodeFault,
    },
    /// An output was not made.
    #[error("the output {0:?} is declared twice")]
    NoOutput(String),
    /// An input is of another element type or shape.
    #[error("the input {0:?} is not of the type and shape that the file declares")]
    Input(String),
    /// An input was not given.
    #[error("the input {0:?} is missing")]
    NoInput(String),
}

/// What is wrong with a node or tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeFault {
    /// An input or output that the operator needs is left out, or there is one too many.
    #[error("it has too few or too many inputs or outputs")]
    Arity,
    /// An element type that the operator is not computed for.
    #[error("its element type is not computed here")]
    Element,
    /// Shapes that do not fit each other or the operator.
    #[error("its shapes do not fit")]
    Shape,
    /// An index or axis outside the tensor.
    #[error("an index or axis is out of range")]
    Index,
    /// A setting that is missing, out of range, or not computed here.
    #[error("its setting {0:?} is missing or not computed here")]
    Setting(&'static str),
    /// A whole number divided by zero.
    #[error("it divides a whole number by zero")]
    Division,
    /// More values or products than one evaluation may have.
    #[error("it is too large")]
    TooLarge,
}
