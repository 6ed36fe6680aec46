//! Convolution, bias, max pooling and activation as one CPU operation with its own gradient.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use crate::layer::host_slice::{floats, shaped_like, with_floats, with_workspace};
use kernels::{Activation, ConvGradients, ConvSaved, ConvShape, convolution_backward, convolution_forward};

/// The operation for one batch: `[N, H, W, C]`, weight, bias to `[N, H', W', channels]`.
pub(super) struct FusedConv {
    shape: ConvShape,
    activation: Activation,
    /// Whether the input depends on a trained parameter.
    input_gradient: bool,
    /// Window indices of the maxima, kept for the gradient.
    argmax: Mutex<Vec<u8>>,
}

impl FusedConv {
    pub(super) fn new(shape: ConvShape, activation: Activation, input_gradient: bool) -> Self {
        Self { shape, activation, input_gradient, argmax: Mutex::new(Vec::new()) }
    }
}

impl CustomOp3 for FusedConv {
    fn name(&self) -> &'static str {
        "fused convolution"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = &self.shape;
        let (input, weight) = (floats(input, input_layout)?, floats(weight, weight_layout)?);
        let bias = floats(bias, bias_layout)?;
        let mut output = vec![0.0; shape.output_len()];
        let mut argmax = self.argmax.lock().expect("no thread panics with the lock");
        argmax.resize(if shape.pool > 1 { shape.output_len() } else { 0 }, 0);
        with_workspace(|workspace| {
            convolution_forward(workspace, shape, input, weight, bias, self.activation, &mut output, &mut argmax);
        });
        let dims = (shape.batch, shape.out_height(), shape.out_width(), shape.out_channels);
        Ok((CpuStorage::F32(output), Shape::from(dims)))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let mut dx = self.input_gradient.then(|| vec![0.0; self.shape.input_len()]);
        let mut dweight = vec![0.0; self.shape.weight_len()];
        let mut dbias = vec![0.0; self.shape.out_channels];
        let argmax = self.argmax.lock().expect("no thread panics with the lock");
        let gradient = gradient.contiguous()?;
        with_floats([input, weight, output, &gradient], |[x, weight, y, dy]| {
            let saved = ConvSaved { x, weight, y, argmax: &argmax };
            let gradients = ConvGradients { dx: dx.as_deref_mut(), dweight: &mut dweight, dbias: &mut dbias };
            with_workspace(|workspace| {
                convolution_backward(workspace, &self.shape, &saved, self.activation, dy, gradients);
            });
            Ok(())
        })?;
        let dx = dx.map(|dx| shaped_like(input, dx)).transpose()?;
        Ok((dx, Some(shaped_like(weight, dweight)?), Some(shaped_like(bias, dbias)?)))
    }
}
