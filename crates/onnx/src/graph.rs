//! What an ONNX file holds, read without an engine: the graph's structure, not its numbers.

use std::collections::BTreeMap;
use std::fmt;

use super::protobuf::Malformed;
use super::signature::{Port, Signature};

mod reader;
mod tensor;

use reader::Reader;
pub(crate) use tensor::MOST_VALUES;

/// The structure of an ONNX file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Version of the file format.
    pub ir_version: u64,
    /// Operator sets by domain; the empty domain is ONNX's own.
    pub opsets: Vec<(String, u64)>,
    /// The program that wrote the file, with its version.
    pub producer: String,
    /// The graph's own name.
    pub name: String,
    /// Declared inputs, initialisers among them in old files.
    pub inputs: Vec<Port>,
    /// Declared outputs.
    pub outputs: Vec<Port>,
    /// The operations, in the order in which they run.
    pub nodes: Vec<Node>,
    /// Stored tensors.
    pub initializers: Vec<Initializer>,
    /// Metadata, key to text.
    pub metadata: BTreeMap<String, String>,
    /// Functions defined in the file itself.
    pub functions: usize,
    /// Whether it holds training instructions.
    pub trains: bool,
    /// Sparse tensors stored.
    pub sparse: usize,
}

/// One operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Its name, may be empty.
    pub name: String,
    /// The operator, such as `Conv`.
    pub operator: String,
    /// The operator's domain, empty for ONNX's own.
    pub domain: String,
    /// Names of what it reads; an empty one is an optional input left out.
    pub inputs: Vec<String>,
    /// Names of what it makes.
    pub outputs: Vec<String>,
    /// Its settings.
    pub attributes: Vec<Attribute>,
}

/// One setting of an operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Whole numbers it holds.
    pub ints: Vec<i64>,
    /// Numbers it holds.
    pub floats: Vec<f32>,
    /// The text it holds.
    pub text: String,
    /// Number of a field that is none of these, such as a sparse tensor's.
    pub unknown: Option<u64>,
    /// Whether it holds a graph, as control flow does.
    pub holds_graph: bool,
    /// Tensors it holds.
    pub tensors: Vec<Initializer>,
}

/// A stored tensor, without most of its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Initializer {
    /// Its name.
    pub name: String,
    /// Its element type as ONNX numbers it.
    pub element: u64,
    /// Its dimensions.
    pub shape: Vec<i64>,
    /// Bytes of data stored raw, `None` when they are stored as typed numbers or not at all.
    pub raw_bytes: Option<usize>,
    /// Whether its data is in another file.
    pub external: bool,
    /// Whether any of its numbers is NaN or infinite.
    pub has_non_finite: bool,
    /// Its numbers, if they are whole and few, such as a shape's.
    pub values: Option<Vec<i64>>,
}

impl Graph {
    /// Reads the structure of an ONNX file. What it holds is counted, so that no file of 64 MiB becomes gigabytes of entries.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no ONNX file, or hold more than any comparator needs.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Reader::default().model(bytes)
    }

    /// Inputs that must be fed, outputs and metadata.
    pub fn signature(&self) -> Signature {
        let stored = |port: &&Port| self.initializers.iter().any(|tensor| tensor.name == port.name);
        Signature {
            inputs: self.inputs.iter().filter(|port| !stored(port)).cloned().collect(),
            outputs: self.outputs.clone(),
            metadata: self.metadata.clone(),
        }
    }

    /// Numbers stored in all initialisers that are neither shapes nor indices.
    pub fn parameters(&self) -> u64 {
        self.initializers.iter().filter_map(Initializer::weights).sum()
    }
}

impl Initializer {
    /// How many numbers its shape announces; `None` when that is no number.
    pub fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |count, &size| count.checked_mul(u64::try_from(size).ok()?))
    }

    /// How many weights it has; `None` for shapes, axes and indices, which are int64 vectors.
    pub fn weights(&self) -> Option<u64> {
        self.count().filter(|_| self.element != 7 || self.shape.len() > 1)
    }
}

impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = self.shape.iter().map(i64::to_string).collect();
        write!(f, "{:?} of {} [{}]", self.name, element_name(self.element), shape.join(", "))
    }
}

/// Stands for the element type of what is no tensor.
pub(super) const NO_TENSOR: &str = "what is no tensor";

/// ONNX's name of an element type.
pub(super) fn element_name(element: u64) -> String {
    const NAMES: [&str; 17] = [
        "undefined",
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
    ];
    let name = usize::try_from(element).ok().and_then(|element| NAMES.get(element));
    name.map_or_else(|| format!("element type {element}"), |&name| name.to_owned())
}

/// Bytes of one element of the types that leq's models store.
pub(super) fn element_bytes(element: u64) -> Option<u64> {
    match element {
        2 | 3 | 9 => Some(1),
        4 | 5 | 10 | 16 => Some(2),
        1 | 6 | 12 => Some(4),
        7 | 11 | 13 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
