//! `trainer experiments`: what can be trained, which keys its files have, and what a network costs.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;
use clap::Args;
use nets::layer::LayerSpec;
use nets::network::NetworkSpec;
use study::declaration::Cost;
use study::experiment::{Experiments, keys};

use super::find;
use crate::say;

/// Arguments of `trainer experiments`.
#[derive(Debug, Args)]
pub struct ExperimentsCommand {
    /// Print this experiment (name or file) as a self-contained file [default: list all]
    #[arg(value_name = "NAME|FILE")]
    experiment: Option<String>,
    /// Print its network layer by layer
    #[arg(long, requires = "experiment")]
    layers: bool,
    /// Print what its network costs instead: multiply-adds, parameters and bytes
    #[arg(long, requires = "experiment", conflicts_with = "layers")]
    cost: bool,
    /// List all keys of experiments and studies, with units, defaults and meaning
    #[arg(long, conflicts_with_all = ["experiment", "layers", "cost"])]
    keys: bool,
}

impl ExperimentsCommand {
    /// Prints what was asked for.
    pub fn run(self) -> Result<()> {
        let mut stdout = say::stdout();
        if self.keys {
            let sections = [keys::sections(), study::declaration::sections()].concat();
            return Ok(stdout.write_all(keys::page(&sections).as_bytes())?);
        }
        if let Some(name) = &self.experiment {
            let experiment = find(name)?;
            let text = if self.cost { costs(&experiment.config().network)? } else { experiment.text(self.layers)? };
            return Ok(stdout.write_all(text.as_bytes())?);
        }
        for experiment in Experiments::nearest().all()? {
            writeln!(stdout, "{:20} {}", experiment.name, experiment.file.about)?;
        }
        Ok(())
    }
}

/// What a network costs: a line for each layer of tower and digit head, then the whole.
fn costs(network: &NetworkSpec) -> Result<String> {
    let mut text = format!("{:30} {:>16} {:>14} {:>11}\n", "layer", "output", "multiply-adds", "parameters");
    let mut shape = network.tower_input();
    let digit_head = if network.uses_digit_heads() { network.digit_head.as_slice() } else { &[] };
    for (part, layers) in [("tower", network.tower.as_slice()), ("digit_head", digit_head)] {
        for layer in layers {
            let (adds, parameters) = (layer.multiply_adds(shape)?, layer.parameter_count(shape)?);
            shape = layer.output_shape(shape)?;
            let (layer, output) = (format!("{part}: {}", title(layer)), shape.to_string());
            writeln!(text, "{layer:30} {output:>16} {adds:14} {parameters:11}")?;
        }
    }
    let (cost, pair) = (Cost::of(network)?, network.multiply_adds()?.pair);
    let Cost { multiply_adds, parameters, bytes, float32_bytes } = cost;
    writeln!(text, "{multiply_adds} multiply-adds an image, {pair} a pair; {parameters} parameters")?;
    writeln!(text, "model file without metadata: {bytes} bytes in 8 bits, {float32_bytes} in float32")?;
    Ok(text)
}

/// A layer's kind, and the size of a convolution's kernel.
fn title(layer: &LayerSpec) -> String {
    match layer {
        LayerSpec::Conv(conv) => format!("{} {kernel}x{kernel}", layer.kind(), kernel = conv.kernel),
        LayerSpec::Depthwise(depthwise) => {
            format!("{} {kernel}x{kernel}", layer.kind(), kernel = depthwise.kernel)
        }
        _ => layer.kind().to_owned(),
    }
}
