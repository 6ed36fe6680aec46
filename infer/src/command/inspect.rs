//! `infer inspect`: shows the contents of a model file.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::exit::{self, Exit};
use crate::terminal::harmless;
use infer::model::{Graph, Initializer, Model, ModelError, Port};

/// Arguments of `infer inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// An ONNX model; the built-in one if none is named
    #[arg(value_name = "MODEL")]
    model: Option<PathBuf>,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// The contents of a model file.
#[derive(Debug, Serialize)]
struct Inspection<'a> {
    name: &'a str,
    bytes: usize,
    sha256: String,
    ir_version: u64,
    opset: u64,
    producer: &'a str,
    parameters: u64,
    inputs: Vec<String>,
    outputs: Vec<String>,
    layers: Vec<Layer<'a>>,
    initializers: Vec<String>,
    metadata: &'a std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct Layer<'a> {
    operator: &'a str,
    inputs: &'a [String],
    outputs: &'a [String],
    /// Numbers in the weights that it reads.
    parameters: u64,
}

/// Shows a model. Exit code 3 with the reason if the file fails the checks.
pub fn command(request: &Inspect) -> Exit {
    let model = match Model::choose(request.model.as_deref()) {
        Ok(model) => model,
        Err(error @ (ModelError::Refused(..) | ModelError::Contract(..) | ModelError::NotOnnx(..))) => {
            return exit::complain(Exit::CannotWork, &format_args!("{error}; this file is not passed to any engine"));
        }
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let inspection = Inspection::of(&model);
    match request.json.then(|| serde_json::to_string_pretty(&inspection)) {
        Some(Ok(object)) => exit::print(&(object + "\n")),
        Some(Err(error)) => exit::complain(Exit::CannotWork, &error),
        None => exit::print(&inspection.text()),
    }
}

impl<'a> Inspection<'a> {
    fn of(model: &'a Model) -> Self {
        let graph = &model.graph;
        let shown = |ports: &[Port]| ports.iter().map(Port::to_string).collect();
        Self {
            name: &model.name,
            bytes: model.bytes.len(),
            sha256: model.sha256(),
            ir_version: graph.ir_version,
            opset: graph.opsets.first().map_or(0, |(_, version)| *version),
            producer: &graph.producer,
            parameters: graph.parameters(),
            inputs: shown(&graph.signature().inputs),
            outputs: shown(&graph.outputs),
            layers: layers(graph),
            initializers: graph.initializers.iter().map(|tensor| tensor.to_string()).collect(),
            metadata: &graph.metadata,
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}\n  {} bytes, SHA-256 {}\n  IR version {}, operator set {}, made by {}\n  {} parameters\n",
            harmless(self.name),
            self.bytes,
            self.sha256,
            self.ir_version,
            self.opset,
            harmless(self.producer),
            self.parameters
        );
        for (what, ports) in [("input", &self.inputs), ("output", &self.outputs)] {
            ports.iter().for_each(|port| text += &format!("{what} {}\n", harmless(port)));
        }
        for Layer { operator, inputs, outputs, parameters } in &self.layers {
            let weights = if *parameters > 0 { format!("  {parameters} parameters") } else { String::new() };
            let line = format!("{} = {operator}({}){weights}", outputs.join(", "), inputs.join(", "));
            text += &format!("layer {}\n", harmless(&line));
        }
        for (key, value) in self.metadata {
            text += &format!("metadata {}: {}\n", harmless(key), harmless(value));
        }
        text
    }
}

fn layers(graph: &Graph) -> Vec<Layer<'_>> {
    let weight = |name: &String| graph.initializers.iter().find(|tensor| tensor.name == *name);
    let layers = graph.nodes.iter().map(|node| Layer {
        operator: &node.operator,
        inputs: &node.inputs,
        outputs: &node.outputs,
        parameters: node.inputs.iter().filter_map(weight).filter_map(Initializer::weights).sum(),
    });
    layers.collect()
}
