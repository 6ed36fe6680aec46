//! What an ONNX file holds, read without an engine: the graph's structure, not its numbers.

use std::collections::BTreeMap;
use std::fmt;

use super::protobuf::{Fields, Malformed, Value};
use super::signature::{Dimension, Port, Signature};

mod tensor;

pub(crate) use tensor::MOST_VALUES;
use tensor::tensor;

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

/// Most nodes, inputs, outputs and initialisers of each kind that are read.
pub(super) const MOST_ENTRIES: usize = 10_000;

impl Graph {
    /// Reads the structure of an ONNX file.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no ONNX file.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut graph = Self::default();
        let mut has_graph = false;
        for field in Fields::of(bytes) {
            match field? {
                (1, value) => graph.ir_version = value.number()?,
                (2 | 3, value) => join(&mut graph.producer, value.text()?),
                (7, value) => {
                    has_graph = true;
                    graph.read_graph(value)?;
                }
                (8, value) => graph.opsets.push(opset(value)?),
                (14, value) => {
                    let (key, text) = entry(value)?;
                    graph.metadata.insert(key, text);
                }
                (20, _) => graph.trains = true,
                (25, _) => graph.functions += 1,
                _ => {}
            }
        }
        if has_graph { Ok(graph) } else { Err(Malformed("it holds no graph")) }
    }

    fn read_graph(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        for field in value.fields()? {
            match field? {
                (1, value) => push(&mut self.nodes, node(value)?)?,
                (2, value) => value.text()?.clone_into(&mut self.name),
                (5, value) => push(&mut self.initializers, tensor(value)?)?,
                (11, value) => push(&mut self.inputs, port(value)?)?,
                (12, value) => push(&mut self.outputs, port(value)?)?,
                (15, _) => self.sparse += 1,
                _ => {}
            }
        }
        Ok(())
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

fn push<T>(into: &mut Vec<T>, entry: T) -> Result<(), Malformed> {
    if into.len() >= MOST_ENTRIES {
        return Err(Malformed("it has more than 10,000 nodes, tensors, inputs or outputs"));
    }
    into.push(entry);
    Ok(())
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

fn opset(value: Value<'_>) -> Result<(String, u64), Malformed> {
    let mut opset = (String::new(), 0);
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut opset.0),
            (2, value) => opset.1 = value.number()?,
            _ => {}
        }
    }
    Ok(opset)
}

fn entry(value: Value<'_>) -> Result<(String, String), Malformed> {
    let mut entry = (String::new(), String::new());
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut entry.0),
            (2, value) => value.text()?.clone_into(&mut entry.1),
            _ => {}
        }
    }
    Ok(entry)
}

fn node(value: Value<'_>) -> Result<Node, Malformed> {
    let mut node = Node::default();
    for field in value.fields()? {
        match field? {
            (1, value) => push(&mut node.inputs, value.text()?.to_owned())?,
            (2, value) => push(&mut node.outputs, value.text()?.to_owned())?,
            (3, value) => value.text()?.clone_into(&mut node.name),
            (4, value) => value.text()?.clone_into(&mut node.operator),
            (5, value) => push(&mut node.attributes, attribute(value)?)?,
            (7, value) => value.text()?.clone_into(&mut node.domain),
            _ => {}
        }
    }
    Ok(node)
}

fn attribute(value: Value<'_>) -> Result<Attribute, Malformed> {
    let mut attribute = Attribute::default();
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut attribute.name),
            (2 | 7, value) => value.floats(&mut attribute.floats)?,
            (3 | 8, value) => value.numbers(&mut attribute.ints)?,
            (4, value) => attribute.text = String::from_utf8_lossy(value.bytes()?).into_owned(),
            (5, value) => push(&mut attribute.tensors, tensor(value)?)?,
            (6 | 11, _) => attribute.holds_graph = true,
            // A note, and which of the others is filled.
            (13 | 20, _) => {}
            (other, _) => attribute.unknown = Some(other),
        }
    }
    Ok(attribute)
}

fn port(value: Value<'_>) -> Result<Port, Malformed> {
    let mut port = Port { name: String::new(), element: NO_TENSOR.to_owned(), shape: Vec::new() };
    for field in value.fields()? {
        match field? {
            (1, value) => value.text()?.clone_into(&mut port.name),
            (2, value) => read_type(&mut port, value)?,
            _ => {}
        }
    }
    Ok(port)
}

pub(super) const NO_TENSOR: &str = "what is no tensor";

/// `TypeProto`, whose first field is a dense tensor's type.
fn read_type(port: &mut Port, value: Value<'_>) -> Result<(), Malformed> {
    for field in value.fields()? {
        let (1, value) = field? else { continue };
        for field in value.fields()? {
            match field? {
                (1, value) => port.element = element_name(value.number()?),
                (2, value) => read_shape(port, value)?,
                _ => {}
            }
        }
    }
    Ok(())
}

fn read_shape(port: &mut Port, value: Value<'_>) -> Result<(), Malformed> {
    for field in value.fields()? {
        let (1, value) = field? else { continue };
        let mut dimension = Dimension::Dynamic(String::new());
        for field in value.fields()? {
            match field? {
                (1, value) => dimension = Dimension::Fixed(value.number()? as i64),
                (2, value) => dimension = Dimension::Dynamic(value.text()?.to_owned()),
                _ => {}
            }
        }
        push(&mut port.shape, dimension)?;
    }
    Ok(())
}

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
