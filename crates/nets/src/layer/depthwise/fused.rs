//! Depthwise convolution, bias and activation as one CPU operation with its own gradient.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use crate::layer::host_slice::{floats, shaped_like, with_floats, with_workspace};
use kernels::{Activation, DepthwiseGradients, DepthwiseSaved, DepthwiseShape, depthwise_backward, depthwise_forward};

/// The operation for one batch: `[N, H, W, C]`, weight, bias to `[N, H', W', C]`.
pub(super) struct FusedDepthwise {
    pub(super) shape: DepthwiseShape,
    pub(super) activation: Activation,
    /// Whether the input depends on a trained parameter.
    pub(super) input_gradient: bool,
}

impl CustomOp3 for FusedDepthwise {
    fn name(&self) -> &'static str {
        "fused depthwise convolution"
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
        with_workspace(|workspace| {
            depthwise_forward(workspace, shape, input, weight, bias, self.activation, &mut output);
        });
        let dims = (shape.batch, shape.out_height(), shape.out_width(), shape.channels);
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
        let mut dbias = vec![0.0; self.shape.channels];
        let gradient = gradient.contiguous()?;
        with_floats([input, weight, output, &gradient], |[x, weight, y, dy]| {
            let saved = DepthwiseSaved { x, weight, y };
            let gradients = DepthwiseGradients { dx: dx.as_deref_mut(), dweight: &mut dweight, dbias: &mut dbias };
            with_workspace(|workspace| {
                depthwise_backward(workspace, &self.shape, &saved, self.activation, dy, gradients);
            });
            Ok(())
        })?;
        let dx = dx.map(|dx| shaped_like(input, dx)).transpose()?;
        Ok((dx, Some(shaped_like(weight, dweight)?), Some(shaped_like(bias, dbias)?)))
    }
}
