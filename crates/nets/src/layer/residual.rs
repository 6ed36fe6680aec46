//! Residual blocks (He et al., 2016): layers whose output is added to their input.

use candle_core::{Result, Tensor};

use super::chain::Join;
use super::{Chain, FeatureShape, Initialiser, LayerSpec, Pass, SpecError, Stack};
use crate::onnx::{Graph, Value};

pub(super) fn output_shape(layers: &[LayerSpec], input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
    if layers.is_empty() {
        return Err(SpecError::Mismatch("residual: it has no layers".to_owned()));
    }
    match Stack::output_shape(layers, input)? {
        output if output == input => Ok(output),
        output => Err(SpecError::Mismatch(format!(
            "residual: its layers turn a {input} into a {output}, but only equal shapes can be added"
        ))),
    }
}

/// A residual block, built.
#[derive(Debug)]
pub struct Residual {
    layers: Stack,
    /// Path from the network's root.
    path: String,
}

impl Residual {
    /// Builds the layers, whose parameters are named below `residual{number}`.
    ///
    /// # Errors
    /// If the layers do not fit `input`, or candle's if the device is out of memory.
    pub fn build(
        layers: &[LayerSpec],
        input: FeatureShape,
        number: usize,
        init: &mut Initialiser,
    ) -> anyhow::Result<Self> {
        output_shape(layers, input)?;
        let mut init = init.within(&format!("residual{number}"));
        let path = init.path().to_owned();
        Ok(Self { layers: Stack::build(layers, input, &mut init)?, path })
    }

    /// Any shape to the same.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &mut Pass) -> Result<()> {
        chain.branch(Sum, |chain| self.layers.extend(chain, pass))
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        input.add(&self.layers.forward_plain(input, pass)?)
    }

    /// Adds the layers' nodes and Add.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Result<Value> {
        let beside = self.layers.export(graph, input)?;
        graph.within(&self.path);
        Ok(graph.node("Add", &[input, &beside], &[]))
    }
}

/// Trunk plus branch.
struct Sum;

impl Join for Sum {
    fn join(&self, trunk: &Tensor, beside: &Tensor) -> Result<Tensor> {
        trunk.add(beside)
    }

    fn gradients(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<[Tensor; 2]> {
        Ok([gradient.clone(), gradient.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, ConvSpec};
    use super::*;

    fn conv(channels: usize, padding: usize) -> LayerSpec {
        LayerSpec::Conv(ConvSpec {
            channels,
            kernel: 3,
            padding,
            stride: 1,
            bias: false,
            batch_norm: true,
            activation: Some(Activation::Relu),
            pool: 1,
        })
    }

    #[test]
    fn only_layers_that_keep_the_shape_can_be_added_to_their_input() {
        let image = FeatureShape::Image { height: 7, width: 7, channels: 8 };
        assert_eq!(output_shape(&[conv(16, 1), conv(8, 1)], image), Ok(image));
        let refused = |layers: &[LayerSpec]| output_shape(layers, image).unwrap_err().to_string();
        assert!(refused(&[conv(16, 1)]).contains("turn a 7x7x8 image into a 7x7x16 image"));
        assert!(refused(&[conv(8, 0)]).contains("only equal shapes"));
        assert!(refused(&[]).contains("no layers"));
    }
}
