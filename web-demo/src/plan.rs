//! A model cut into what candle-onnx evaluates and the convolutions between, which the trainer's kernels compute.
//!
//! candle-onnx's `simple_eval` interprets the file anew for every pair: it copies all initialisers and brings every
//! convolution's weights into another order. So the constants are taken out once ([`constants`]), and each run of
//! convolutions with their pooling and activation becomes a [`ConvolutionChain`], whose weights are prepared once. All else stays
//! candle-onnx's, any model without such a run is its altogether.

use std::collections::{HashMap, HashSet};

use candle_core::{Result, Tensor};
use candle_onnx::onnx::{GraphProto, ModelProto, NodeProto, ValueInfoProto};

use crate::constants;
use crate::convolutions::ConvolutionChain;
use crate::trace::Trace;

type Values = HashMap<String, Tensor>;

/// What is left to do for each pair, in order.
#[derive(Debug)]
pub struct Plan {
    steps: Vec<Step>,
    constants: Values,
    outputs: Vec<String>,
}

#[derive(Debug)]
enum Step {
    /// Nodes, as a model of their own, and what they read.
    Graph {
        model: Box<ModelProto>,
        reads: Vec<String>,
    },
    Convolutions(Box<ConvolutionChain>),
}

impl Plan {
    /// Plans the evaluation of a model.
    ///
    /// # Errors
    /// Candle's, when an initialiser is of a type that it does not know, or what depends on initialisers alone cannot be
    /// evaluated.
    pub fn of(mut model: ModelProto) -> Result<Self> {
        let constants = constants::take(&mut model)?;
        let graph = model.graph.unwrap_or_default();
        let outputs: Vec<String> = graph.output.iter().map(|output| output.name.clone()).collect();
        let mut steps = Vec::new();
        let mut nodes = graph.node.as_slice();
        let mut before: Vec<NodeProto> = Vec::new();
        while let Some((node, rest)) = nodes.split_first() {
            if let Some((chain, length)) = ConvolutionChain::at(&graph.node, nodes, &constants, &outputs) {
                steps.extend(graph_step(std::mem::take(&mut before), &graph.input));
                steps.push(Step::Convolutions(Box::new(chain)));
                nodes = &nodes[length..];
            } else {
                before.push(node.clone());
                nodes = rest;
            }
        }
        steps.extend(graph_step(before, &graph.input));
        let mut plan = Self { steps, constants, outputs };
        plan.ask_for_what_is_read();
        Ok(plan)
    }

    /// Evaluates the model for one input; gives its outputs by name.
    ///
    /// # Errors
    /// Candle's, when a node cannot be evaluated.
    pub fn run(&mut self, input: &str, value: Tensor) -> Result<Values> {
        self.evaluate(input, value, None)
    }

    /// The same, and what was computed on the way.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn trace(&mut self, input: &str, value: Tensor) -> Result<Trace> {
        let mut trace = Trace::default();
        self.evaluate(input, value, Some(&mut trace))?;
        Ok(trace)
    }

    fn evaluate(&mut self, input: &str, value: Tensor, mut trace: Option<&mut Trace>) -> Result<Values> {
        let mut values = self.constants.clone();
        values.insert(input.to_owned(), value);
        for step in &mut self.steps {
            match step {
                Step::Graph { model, reads } => {
                    let inputs = reads.iter().filter_map(|name| Some((name.clone(), values.get(name)?.clone())));
                    let computed = candle_onnx::simple_eval(model, inputs.collect())?;
                    values.extend(computed);
                }
                Step::Convolutions(chain) => {
                    let towers = trace.as_mut().map(|trace| &mut trace.towers);
                    let output = chain.run(&values, towers)?;
                    values.insert(chain.output().to_owned(), output);
                }
            }
        }
        values.retain(|name, _| self.outputs.contains(name));
        Ok(values)
    }

    /// Makes every step answer with what later steps, or the model's reader, ask for.
    fn ask_for_what_is_read(&mut self) {
        let mut read: HashSet<String> = self.outputs.iter().cloned().collect();
        for step in self.steps.iter_mut().rev() {
            match step {
                Step::Graph { model, reads } => {
                    let graph = model.graph.get_or_insert_default();
                    let computed = graph.node.iter().flat_map(|node| &node.output);
                    let asked = computed.filter(|name| read.contains(*name));
                    graph.output = asked.map(|name| named(name)).collect();
                    read.extend(reads.iter().cloned());
                }
                Step::Convolutions(chain) => {
                    read.insert(chain.input().to_owned());
                }
            }
        }
    }
}

/// A step of these nodes; none without any.
fn graph_step(nodes: Vec<NodeProto>, inputs: &[ValueInfoProto]) -> Option<Step> {
    if nodes.is_empty() {
        return None;
    }
    let own: HashSet<&String> = nodes.iter().flat_map(|node| &node.output).collect();
    let reads: HashSet<&String> = nodes.iter().flat_map(|node| &node.input).collect();
    let mut reads: Vec<String> =
        reads.difference(&own).filter(|name| !name.is_empty()).map(|&name| name.clone()).collect();
    reads.sort();
    let input = inputs.iter().filter(|input| reads.contains(&input.name)).cloned().collect();
    let graph = GraphProto { node: nodes, input, ..Default::default() };
    Some(Step::Graph { model: Box::new(ModelProto { graph: Some(graph), ..Default::default() }), reads })
}

/// An output as `simple_eval` wants it: by name.
pub fn named(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: name.to_owned(), ..Default::default() }
}
