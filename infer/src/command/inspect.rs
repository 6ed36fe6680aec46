//! `infer inspect`: shows the contents of a model file.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::exit::{self, Exit};
use crate::terminal::harmless;
use infer::model::{Description, Graph, Initializer, Model, ModelError, Port};

/// Arguments of `infer inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Any ONNX model; the built-in one if none is named
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
    /// What keeps the file from being a model of the contract.
    lacks: &'a [String],
}

#[derive(Debug, Serialize)]
struct Layer<'a> {
    operator: &'a str,
    inputs: &'a [String],
    outputs: &'a [String],
    /// Numbers in the weights that it reads.
    parameters: u64,
}

/// Shows a model. What it lacks of the contract goes to stderr, with exit code 1.
pub fn command(request: &Inspect) -> Exit {
    let described = match &request.model {
        Some(path) => Model::describe(path),
        None => Ok(Model::built_in().into()),
    };
    let model = match described {
        Ok(model) => model,
        Err(error @ ModelError::NotOnnx(..)) => {
            return exit::complain(Exit::CannotWork, &format_args!("{error}; this file is not passed to any engine"));
        }
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let inspection = Inspection::of(&model);
    let printed = match request.json.then(|| serde_json::to_string_pretty(&inspection)) {
        Some(Ok(object)) => exit::print_json(&(object + "\n")),
        Some(Err(error)) => return exit::complain(Exit::CannotWork, &error),
        None => exit::print(&inspection.text()),
    };
    for lack in &model.lacks {
        exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {lack}", model.name));
    }
    if model.lacks.is_empty() {
        return printed;
    }
    let what = "no engine is given this file; docs/model-contract.md describes valid models";
    printed.max(exit::complain(Exit::SomeInputsFailed, &what))
}

impl<'a> Inspection<'a> {
    fn of(model: &'a Description) -> Self {
        let graph = &model.graph;
        let shown = |ports: &[Port]| ports.iter().map(Port::to_string).collect();
        Self {
            name: &model.name,
            bytes: model.bytes.len(),
            sha256: files::sha256(&model.bytes),
            ir_version: graph.ir_version,
            opset: graph.opsets.first().map_or(0, |(_, version)| *version),
            producer: &graph.producer,
            parameters: graph.parameters(),
            inputs: shown(&graph.signature().inputs),
            outputs: shown(&graph.outputs),
            layers: layers(graph),
            initializers: graph.initializers.iter().map(|tensor| tensor.to_string()).collect(),
            metadata: &graph.metadata,
            lacks: &model.lacks,
        }
    }

    /// Who wrote the file, in words.
    fn maker(&self) -> String {
        if self.producer.is_empty() {
            "maker not named".to_owned()
        } else {
            format!("made by {}", harmless(self.producer))
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}\n  {} bytes, SHA-256 {}\n  IR version {}, operator set {}, {}\n  {} parameters\n",
            harmless(self.name),
            self.bytes,
            self.sha256,
            self.ir_version,
            self.opset,
            self.maker(),
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
