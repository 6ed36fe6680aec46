//! What a model computes from its weights alone, done once instead of for every pair.
//!
//! candle-onnx's `simple_eval` copies all initialisers out of the file and evaluates every node each time. Weights that
//! are stored in few bits, with the nodes that make float32 of them, would be unpacked again for every comparison.

use std::collections::{HashMap, HashSet};

use candle_core::{Result, Tensor};
use candle_onnx::eval::get_tensor;
use candle_onnx::onnx::{GraphProto, ModelProto, NodeProto};

use crate::plan::named;

/// Takes the initialisers, and every node that depends on nothing else, out of a model; gives the values that the rest
/// of the graph reads, by name.
///
/// # Errors
/// Candle's, when an initialiser is of a type that it does not know, or a node cannot be evaluated.
pub fn take(model: &mut ModelProto) -> Result<HashMap<String, Tensor>> {
    let Some(graph) = &mut model.graph else {
        return Ok(HashMap::new());
    };
    let mut values = HashMap::new();
    for initializer in std::mem::take(&mut graph.initializer) {
        values.insert(initializer.name.clone(), get_tensor(&initializer, &initializer.name)?);
    }
    let (constant, rest) = split(std::mem::take(&mut graph.node), &values);
    graph.node = rest;
    values.extend(evaluate(constant, values.clone())?);
    let read: HashSet<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    let is_answer = |name: &String| graph.output.iter().any(|output| output.name == *name);
    values.retain(|name, _| read.contains(name) || is_answer(name));
    Ok(values)
}

/// The nodes whose inputs are all known, and the rest, both in order.
fn split(nodes: Vec<NodeProto>, values: &HashMap<String, Tensor>) -> (Vec<NodeProto>, Vec<NodeProto>) {
    let mut known: HashSet<String> = values.keys().cloned().collect();
    nodes.into_iter().partition(|node| {
        let is_constant = node.input.iter().all(|name| name.is_empty() || known.contains(name));
        if is_constant {
            known.extend(node.output.iter().cloned());
        }
        is_constant
    })
}

/// Evaluates nodes whose inputs are all given or among their own outputs.
fn evaluate(nodes: Vec<NodeProto>, values: HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    let names = nodes.iter().flat_map(|node| &node.output).filter(|name| !name.is_empty());
    let output = names.map(|name| named(name)).collect();
    let graph = GraphProto { node: nodes, output, ..Default::default() };
    candle_onnx::simple_eval(&ModelProto { graph: Some(graph), ..Default::default() }, values)
}
