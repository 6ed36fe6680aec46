//! The mode of a forward pass.

use candle_core::Tensor;

use random::Stream;

/// Weight of a new batch in running statistics: PyTorch's.
const MOMENTUM: f64 = 0.1;

/// Which implementation of a layer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernels {
    /// Our own fused operations, float32 on the CPU.
    Fused,
    /// Candle's operators on any device: the reference, and the path for CUDA.
    Plain,
}

/// The mode of a forward pass.
#[derive(Debug)]
pub struct Pass<'a> {
    /// The source of dropout masks; `None` for evaluation.
    pub(super) dropout: Option<&'a mut Stream>,
    /// Which implementation runs.
    pub kernels: Kernels,
    /// Weight of this batch in the running statistics of batch normalisation.
    pub(super) momentum: f64,
    layer_outputs: Option<&'a mut Vec<(String, Tensor)>>,
}

impl<'a> Pass<'a> {
    /// Training: batch statistics, dropout masks from `dropout`.
    pub fn training(dropout: &'a mut Stream, kernels: Kernels) -> Self {
        Self { dropout: Some(dropout), kernels, momentum: MOMENTUM, layer_outputs: None }
    }

    /// Evaluation: running statistics, no dropout, no gradients from fused kernels.
    pub fn evaluation(kernels: Kernels) -> Self {
        Self { dropout: None, kernels, momentum: MOMENTUM, layer_outputs: None }
    }

    /// The same pass as the batch of this number, from 1, of those whose statistics the running statistics become the mean of.
    pub fn in_mean(self, number: u32) -> Self {
        Self { momentum: 1.0 / f64::from(number.max(1)), ..self }
    }

    /// The same pass, recording every layer's output by name.
    pub fn recording(mut self, layer_outputs: &'a mut Vec<(String, Tensor)>) -> Self {
        self.layer_outputs = Some(layer_outputs);
        self
    }

    /// Whether this is a training pass.
    pub fn is_training(&self) -> bool {
        self.dropout.is_some()
    }

    /// Notes a layer's output, if this pass records them.
    pub(super) fn record(&mut self, layer: &str, output: &Tensor) {
        if let Some(outputs) = &mut self.layer_outputs {
            outputs.push((layer.to_owned(), output.clone()));
        }
    }
}
