//! Matrix product, bias and activation as one CPU operation with its own gradient.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use crate::layer::host_slice::{floats, shaped_like, with_floats, with_workspace};
use kernels::{Activation, LinearGradients, LinearSaved, LinearShape, linear_backward, linear_forward};

/// The operation for one batch: `[N, F]`, weight, bias to `[N, features]`.
pub(super) struct FusedLinear {
    pub(super) shape: LinearShape,
    pub(super) activation: Activation,
    /// Whether the input depends on a trained parameter.
    pub(super) input_gradient: bool,
}

impl CustomOp3 for FusedLinear {
    fn name(&self) -> &'static str {
        "fused linear"
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
        let (input, weight) = (floats(input, input_layout)?, floats(weight, weight_layout)?);
        let bias = floats(bias, bias_layout)?;
        let mut output = vec![0.0; self.shape.output_len()];
        with_workspace(|workspace| {
            linear_forward(workspace, &self.shape, input, weight, bias, self.activation, &mut output);
        });
        Ok((CpuStorage::F32(output), Shape::from((self.shape.batch, self.shape.out_features))))
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
        let mut dbias = vec![0.0; self.shape.out_features];
        let gradient = gradient.contiguous()?;
        with_floats([input, weight, output, &gradient], |[x, weight, y, dy]| {
            let saved = LinearSaved { x, weight, y };
            let gradients = LinearGradients { dx: dx.as_deref_mut(), dweight: &mut dweight, dbias: &mut dbias };
            with_workspace(|workspace| {
                linear_backward(workspace, &self.shape, &saved, self.activation, dy, gradients);
            });
            Ok(())
        })?;
        let dx = dx.map(|dx| shaped_like(input, dx)).transpose()?;
        Ok((dx, Some(shaped_like(weight, dweight)?), Some(shaped_like(bias, dbias)?)))
    }
}
