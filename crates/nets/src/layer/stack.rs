//! A sequence of layers.

use candle_core::{Result, Tensor};

use super::{Chain, FeatureShape, Initialiser, Kernels, Layer, LayerSpec, Pass, SpecError};
use crate::onnx::{Graph, Value};

/// A sequence of layers. The layers of a kind are numbered from 1: `conv1`, `conv2`, `linear1`.
#[derive(Debug)]
pub struct Stack {
    layers: Vec<(String, Layer)>,
}

impl Stack {
    /// The output shape of `specs` for `input`.
    ///
    /// # Errors
    /// The first layer that does not fit.
    pub fn output_shape(specs: &[LayerSpec], input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
        specs.iter().try_fold(input, |shape, spec| spec.output_shape(shape))
    }

    /// Number of trained parameters of `specs` for `input`.
    ///
    /// # Errors
    /// The first layer that does not fit.
    pub fn parameter_count(specs: &[LayerSpec], input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let mut shape = input;
        specs.iter().try_fold(0_usize, |count, spec| {
            let count = count.saturating_add(spec.parameter_count(shape)?);
            shape = spec.output_shape(shape)?;
            Ok(count)
        })
    }

    /// Multiply-adds of `specs` for one sample shaped like `input`, see [`LayerSpec::multiply_adds`].
    ///
    /// # Errors
    /// The first layer that does not fit.
    pub fn multiply_adds(specs: &[LayerSpec], input: FeatureShape) -> std::result::Result<usize, SpecError> {
        let mut shape = input;
        specs.iter().try_fold(0_usize, |count, spec| {
            let count = count.saturating_add(spec.multiply_adds(shape)?);
            shape = spec.output_shape(shape)?;
            Ok(count)
        })
    }

    /// Builds the layers.
    ///
    /// # Errors
    /// If the description does not fit `input`, or candle's if the device is out of memory.
    pub fn build(specs: &[LayerSpec], input: FeatureShape, init: &mut Initialiser) -> anyhow::Result<Self> {
        let mut shape = input;
        let mut layers = Vec::with_capacity(specs.len());
        let mut numbers = Numbers::default();
        for spec in specs {
            let number = numbers.next(spec);
            let layer = Layer::build(spec, shape, number, init)?;
            shape = spec.output_shape(shape)?;
            layers.push((format!("{}.{}{number}", init.path(), spec.kind()), layer));
        }
        Ok(Self { layers })
    }

    /// Applies the layers to a batch.
    ///
    /// # Errors
    /// Candle's, if the batch has another shape than the layers were built for.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        match pass.kernels {
            Kernels::Fused => self.forward_fused(input, pass),
            Kernels::Plain => self.forward_plain(input, pass),
        }
    }

    fn forward_fused(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let mut chain = Chain::start(input);
        self.extend(&mut chain, pass)?;
        if pass.is_training() { chain.finish() } else { Ok(chain.value().clone()) }
    }

    /// Applies the layers to the batch of a chain.
    pub(super) fn extend(&self, chain: &mut Chain, pass: &mut Pass) -> Result<()> {
        for (name, layer) in &self.layers {
            layer.forward_fused(chain, pass)?;
            pass.record(name, chain.value());
        }
        Ok(())
    }

    /// Applies the layers to a batch with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let mut features = input.clone();
        for (name, layer) in &self.layers {
            features = layer.forward_plain(&features, pass)?;
            pass.record(name, &features);
        }
        Ok(features)
    }

    /// Adds the layers' nodes to `graph`.
    ///
    /// # Errors
    /// Candle's, if a parameter cannot be read.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Result<Value> {
        self.layers.iter().try_fold(input.clone(), |value, (name, layer)| {
            graph.within(name);
            layer.export(graph, &value)
        })
    }
}

/// The number of layers of each kind so far.
#[derive(Default)]
struct Numbers(std::collections::BTreeMap<&'static str, usize>);

impl Numbers {
    fn next(&mut self, spec: &LayerSpec) -> usize {
        let number = self.0.entry(spec.kind()).or_insert(0);
        *number += 1;
        *number
    }
}
