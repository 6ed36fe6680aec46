//! Why a model is refused.

/// ONNX operator sets that are accepted: from the first with the operators as they are known here to the newest that was
/// read when this was written, and a few more.
pub(super) const OPSETS: std::ops::RangeInclusive<u64> = 13..=27;

/// Windows of convolution and pooling: the picture has 14 pixels, so more than this is no network but an attack on memory.
pub(super) const LARGEST_WINDOW: i64 = 64;

/// Why a file is not given to any engine. Messages go after the model's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Weights in another file.
    #[error("keeps {0:?} in another file; leq reads self-contained models only, save it with its data inside")]
    ExternalData(String),
    /// A branch or a loop.
    #[error("has control flow ({0}), which a comparator does not need; leq does not run such models")]
    ControlFlow(String),
    /// An operator that is not in [`crate::KNOWN_OPERATORS`].
    #[error("uses the operator {0:?}, which leq does not know; it runs ONNX's common operators only")]
    UnknownOperator(String),
    /// A domain other than ONNX's own.
    #[error("uses operators of the domain {0:?}; leq runs ONNX's own operators only")]
    Domain(String),
    /// Another operator set.
    #[error("uses ONNX's operator set {}; leq runs sets {} to {}", .0, OPSETS.start(), OPSETS.end())]
    Opset(u64),
    /// Functions, training instructions, sparse tensors.
    #[error("holds {0}, which a comparator does not need; leq does not run such models")]
    Extra(&'static str),
    /// A tensor whose data does not fit its shape.
    #[error("stores {name:?} with {found} bytes, but its type and shape take {wanted}")]
    Size {
        /// The tensor.
        name: String,
        /// Bytes found.
        found: usize,
        /// Bytes wanted, in words.
        wanted: String,
    },
    /// A setting out of bounds.
    #[error("sets {attribute} of {operator} to {value}; leq runs values from 0 to {}", LARGEST_WINDOW)]
    Window {
        /// The operator.
        operator: String,
        /// The setting.
        attribute: String,
        /// Its value.
        value: i64,
    },
    /// An attribute that is not known, twice there, or of a form that no operator here needs.
    #[error("sets {attribute:?} of {operator} in a way that leq does not know")]
    Attribute {
        /// The operator.
        operator: String,
        /// The attribute.
        attribute: String,
    },
    /// A stored number that is none.
    #[error("stores a number in {0:?} that is not finite (NaN or infinite), so its answers would mean nothing")]
    NonFinite(String),
    /// A size that does not follow from the input's, or does not fit.
    #[error("has {0} that cannot be followed: {1}; leq runs models whose sizes are known beforehand")]
    Unbounded(String, String),
    /// An output of another shape than declared.
    #[error("computes {name:?} of shape {made:?}, but declares {declared:?}")]
    Computes {
        /// The output.
        name: String,
        /// What comes out for some number of pairs.
        made: Vec<u64>,
        /// What is declared for it.
        declared: Vec<u64>,
    },
    /// Too large tensors.
    #[error("makes tensors of {0} numbers for one pair, more than any comparator needs")]
    Memory(u64),
    /// Too many multiplications.
    #[error("multiplies {0} times for one pair, more than any comparator needs")]
    Work(u64),
    /// A value that is read before it is made, or never.
    #[error("reads {0:?} before anything made it")]
    Unmade(String),
    /// A value that is made twice.
    #[error("makes {0:?} twice")]
    MadeTwice(String),
    /// Input and output types are checked elsewhere; this is an output that nothing makes.
    #[error("declares the output {0:?}, which nothing makes")]
    NoSuchOutput(String),
}
