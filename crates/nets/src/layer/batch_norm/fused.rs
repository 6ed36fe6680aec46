//! Batch normalisation, max pooling and activation as one CPU operation with its own gradient.

use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::EPSILON;
use crate::layer::host_slice::{floats, shaped_like, with_floats, with_workspace};
use kernels::{
    Activation, BatchNorm, BatchNormGradients, BatchNormSaved, BatchNormShape, ChannelStatistics, batch_norm_backward,
    batch_norm_forward,
};

/// Results of the training forward pass, needed by the gradient and the running statistics.
#[derive(Default)]
pub(super) struct Found {
    argmax: Vec<u8>,
    /// Mean of each channel.
    pub(super) mean: Vec<f32>,
    /// Biased variance of each channel.
    pub(super) variance: Vec<f32>,
}

/// The operation for one training batch: `[N, H, W, C]`, scale, shift to `[N, H', W', C]`.
pub(super) struct FusedBatchNorm {
    pub(super) shape: BatchNormShape,
    pub(super) activation: Activation,
    pub(super) found: Arc<Mutex<Found>>,
}

impl CustomOp3 for FusedBatchNorm {
    fn name(&self) -> &'static str {
        "fused batch normalisation"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = &self.shape;
        let input = floats(input, input_layout)?;
        let (gamma, beta) = (floats(scale, scale_layout)?, floats(shift, shift_layout)?);
        let mut output = vec![0.0; shape.output_len()];
        let mut found = self.found.lock().expect("no thread panics with the lock");
        let Found { argmax, mean, variance } = &mut *found;
        argmax.resize(if shape.pool > 1 { shape.output_len() } else { 0 }, 0);
        mean.resize(shape.channels, 0.0);
        variance.resize(shape.channels, 0.0);
        let norm = BatchNorm { gamma, beta, epsilon: EPSILON as f32 };
        let statistics = ChannelStatistics { mean, variance };
        with_workspace(|workspace| {
            batch_norm_forward(workspace, shape, input, &norm, self.activation, statistics, &mut output, argmax);
        });
        let dims = (shape.batch, shape.height / shape.pool, shape.width / shape.pool, shape.channels);
        Ok((CpuStorage::F32(output), Shape::from(dims)))
    }

    fn bwd(
        &self,
        input: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let mut dz = vec![0.0; self.shape.input_len()];
        let (mut dgamma, mut dbeta) = (vec![0.0; self.shape.channels], vec![0.0; self.shape.channels]);
        let found = self.found.lock().expect("no thread panics with the lock");
        let gradient = gradient.contiguous()?;
        with_floats([input, scale, output, &gradient], |[z, gamma, y, dy]| {
            let Found { argmax, mean, variance } = &*found;
            let saved = BatchNormSaved { z, y, argmax, gamma, epsilon: EPSILON as f32, mean, variance };
            let gradients = BatchNormGradients { dz: &mut dz, dgamma: &mut dgamma, dbeta: &mut dbeta };
            with_workspace(|workspace| {
                batch_norm_backward(workspace, &self.shape, &saved, self.activation, dy, gradients);
            });
            Ok(())
        })?;
        Ok((Some(shaped_like(input, dz)?), Some(shaped_like(scale, dgamma)?), Some(shaped_like(shift, dbeta)?)))
    }
}
