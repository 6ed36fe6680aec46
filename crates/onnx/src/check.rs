//! What is refused before any engine sees it.
//!
//! An engine is a large program written for trusted files. A leq model needs little of what it can do, so everything else
//! is refused: data in other files, control flow, code of the file's own, operators that are not ONNX's well-known ones,
//! and structure that contradicts itself.

use std::collections::BTreeSet;

use super::graph::{Graph, Initializer, Node, element_bytes, element_name};
use super::refusal::{LARGEST_WINDOW, OPSETS, Refusal};

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

#[cfg(test)]
mod tests;
