//! What is refused before any engine sees it.
//!
//! An engine is a large program written for trusted files. A leq model needs little of what it can do, so everything else
//! is refused: data in other files, control flow, code of the file's own, operators that are not ONNX's well-known ones,
//! and structure that contradicts itself.

use std::collections::BTreeSet;

use super::graph::{Graph, Initializer, Node, element_bytes, element_name};

/// ONNX's own operators that a comparator may use. None of them branches, loops, or draws random numbers; what each makes
/// is followed by [`Graph::cost`].
pub const KNOWN_OPERATORS: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "ArgMax",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "Conv",
    "ConvInteger",
    "DequantizeLinear",
    "Div",
    "DynamicQuantizeLinear",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Flatten",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "MatMul",
    "MatMulInteger",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mul",
    "Neg",
    "Not",
    "Or",
    "PRelu",
    "Pow",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
    "Reciprocal",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Selu",
    "Shape",
    "Sigmoid",
    "Sign",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "Transpose",
    "Unsqueeze",
    "Where",
];

/// Attributes of the operators that have any. What is not listed is refused, like an operator that is not.
const ATTRIBUTES: &[(&[&str], &[&str])] = &[
    (&["ArgMax"], &["axis", "keepdims", "select_last_index"]),
    (&["AveragePool"], &["auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"]),
    (&["BatchNormalization"], &["epsilon", "momentum", "training_mode"]),
    (&["Cast"], &["saturate", "to"]),
    (&["Concat", "Flatten", "Gather", "LogSoftmax", "Softmax"], &["axis"]),
    (&["Constant"], &["value", "value_float", "value_floats", "value_int", "value_ints"]),
    (&["Conv", "ConvInteger", "QLinearConv"], &["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"]),
    (&["DequantizeLinear", "QuantizeLinear"], &["axis", "block_size", "output_dtype", "precision", "saturate"]),
    (&["Elu", "LeakyRelu"], &["alpha"]),
    (&["Gelu"], &["approximate"]),
    (&["Gemm"], &["alpha", "beta", "transA", "transB"]),
    (&["HardSigmoid"], &["alpha", "beta"]),
    (&["MaxPool"], &["auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"]),
    (
        &["ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"],
        &["axes", "keepdims", "noop_with_empty_axes"],
    ),
    (&["Reshape"], &["allowzero"]),
    (&["Selu"], &["alpha", "gamma"]),
    (&["Shape"], &["end", "start"]),
    (&["Split"], &["axis", "num_outputs"]),
    (&["Transpose"], &["perm"]),
];

/// Operators whose body is another graph.
const CONTROL_FLOW: &[&str] = &["If", "Loop", "Scan", "SequenceMap"];

/// ONNX operator sets that are accepted: from the first with the operators as they are known here to the newest that was
/// read when this was written, and a few more.
const OPSETS: std::ops::RangeInclusive<u64> = 13..=27;

/// Windows of convolution and pooling: the picture has 14 pixels, so more than this is no network but an attack on memory.
const LARGEST_WINDOW: i64 = 64;

/// Why a file is not given to any engine. Messages go after the model's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Weights in another file.
    #[error("keeps {0:?} in another file; leq reads self-contained models only, save it with its data inside")]
    ExternalData(String),
    /// A branch or a loop.
    #[error("has control flow ({0}), which a comparator does not need; leq does not run such models")]
    ControlFlow(String),
    /// An operator that is not in [`KNOWN_OPERATORS`].
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

/// Checks the structure of a file.
///
/// # Errors
/// The first [`Refusal`] found.
pub fn check(graph: &Graph) -> Result<(), Refusal> {
    let extra = [(graph.functions > 0, "functions of its own"), (graph.trains, "training instructions")];
    for (held, what) in extra.into_iter().chain([(graph.sparse > 0, "sparse tensors")]) {
        if held {
            return Err(Refusal::Extra(what));
        }
    }
    let in_nodes = graph.nodes.iter().flat_map(|node| &node.attributes).flat_map(|attribute| &attribute.tensors);
    graph.initializers.iter().chain(in_nodes).try_for_each(check_tensor)?;
    check_opsets(graph)?;
    graph.nodes.iter().try_for_each(check_node)?;
    check_order(graph)
}

fn check_opsets(graph: &Graph) -> Result<(), Refusal> {
    for (domain, version) in &graph.opsets {
        if !is_onnx(domain) {
            return Err(Refusal::Domain(domain.clone()));
        }
        if !OPSETS.contains(version) {
            return Err(Refusal::Opset(*version));
        }
    }
    if graph.opsets.is_empty() { Err(Refusal::Opset(0)) } else { Ok(()) }
}

fn is_onnx(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

fn check_node(node: &Node) -> Result<(), Refusal> {
    let operator = &node.operator;
    let holds_graph = node.attributes.iter().any(|attribute| attribute.holds_graph);
    if holds_graph || CONTROL_FLOW.contains(&operator.as_str()) {
        return Err(Refusal::ControlFlow(operator.clone()));
    }
    if !is_onnx(&node.domain) {
        return Err(Refusal::Domain(node.domain.clone()));
    }
    if !KNOWN_OPERATORS.contains(&operator.as_str()) {
        return Err(Refusal::UnknownOperator(operator.clone()));
    }
    check_attributes(node)?;
    for attribute in &node.attributes {
        let is_window = matches!(attribute.name.as_str(), "kernel_shape" | "pads" | "strides" | "dilations");
        let beyond = attribute.ints.iter().find(|value| !(0..=LARGEST_WINDOW).contains(*value));
        if let (true, Some(&value)) = (is_window, beyond) {
            return Err(Refusal::Window { operator: operator.clone(), attribute: attribute.name.clone(), value });
        }
    }
    Ok(())
}

/// Every attribute is known, there once, and holds finite numbers, one tensor or a text.
fn check_attributes(node: &Node) -> Result<(), Refusal> {
    let known = ATTRIBUTES.iter().find(|(operators, _)| operators.contains(&node.operator.as_str()));
    let known = known.map_or(&[][..], |(_, attributes)| attributes);
    for (number, attribute) in node.attributes.iter().enumerate() {
        let is_repeated = node.attributes[..number].iter().any(|earlier| earlier.name == attribute.name);
        let is_known = known.contains(&attribute.name.as_str()) && attribute.unknown.is_none();
        if !is_known || is_repeated || attribute.tensors.len() > 1 {
            let (operator, attribute) = (node.operator.clone(), attribute.name.clone());
            return Err(Refusal::Attribute { operator, attribute });
        }
        if attribute.floats.iter().any(|number| !number.is_finite()) {
            return Err(Refusal::NonFinite(attribute.name.clone()));
        }
    }
    Ok(())
}

fn check_tensor(tensor: &Initializer) -> Result<(), Refusal> {
    let name = tensor.name.clone();
    if tensor.external {
        return Err(Refusal::ExternalData(name));
    }
    if tensor.has_non_finite {
        return Err(Refusal::NonFinite(name));
    }
    let bytes = element_bytes(tensor.element).and_then(|bytes| tensor.count()?.checked_mul(bytes));
    let found = tensor.raw_bytes.unwrap_or(0);
    match (bytes, tensor.raw_bytes) {
        (Some(wanted), Some(found)) if wanted == found as u64 => Ok(()),
        // Numbers stored one by one: no more than the file has bytes, and the engine counts them.
        (Some(wanted), None) if wanted <= crate::MAX_FILE_BYTES => Ok(()),
        (wanted, _) => {
            let wanted = wanted.map_or_else(
                || format!("no size ({} of shape {:?})", element_name(tensor.element), tensor.shape),
                |wanted| wanted.to_string(),
            );
            Err(Refusal::Size { name, found, wanted })
        }
    }
}

/// Every value is made once, before it is read.
fn check_order(graph: &Graph) -> Result<(), Refusal> {
    let inputs = graph.inputs.iter().map(|port| port.name.as_str());
    let mut made: BTreeSet<&str> = inputs.chain(graph.initializers.iter().map(|tensor| tensor.name.as_str())).collect();
    for node in &graph.nodes {
        let unmade = node.inputs.iter().find(|input| !input.is_empty() && !made.contains(input.as_str()));
        if let Some(unmade) = unmade {
            return Err(Refusal::Unmade(unmade.clone()));
        }
        for output in node.outputs.iter().filter(|output| !output.is_empty()) {
            if !made.insert(output) {
                return Err(Refusal::MadeTwice(output.clone()));
            }
        }
    }
    match graph.outputs.iter().find(|port| !made.contains(port.name.as_str())) {
        Some(port) => Err(Refusal::NoSuchOutput(port.name.clone())),
        None => Ok(()),
    }
}
