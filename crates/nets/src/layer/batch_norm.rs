//! Batch normalisation (Ioffe and Szegedy, 2015) as in PyTorch's `BatchNorm2d`.

mod fused;

use std::sync::{Arc, Mutex};

use candle_core::{Device, Result, Tensor, Var};

use self::fused::{Found, FusedBatchNorm};
use super::host_slice::{with_floats, with_workspace};
use super::{Chain, Initialiser, Pass};
use kernels::{BatchNormShape, batch_norm_inference};

/// Added to the variance.
const EPSILON: f64 = 1e-5;

/// Normalises each channel over batch, rows and columns, then scales and shifts it.
#[derive(Debug)]
pub struct BatchNorm {
    /// Scale, `[C]`.
    weight: Var,
    /// Shift, `[C]`.
    bias: Var,
    running_mean: Var,
    running_var: Var,
}

impl BatchNorm {
    /// Creates the layer with scale 1, shift 0, running mean 0 and running variance 1.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn build(channels: usize, init: &mut Initialiser) -> Result<Self> {
        Ok(Self {
            weight: init.constant("weight", 1.0, channels)?,
            bias: init.constant("bias", 0.0, channels)?,
            running_mean: init.buffer("running_mean", 0.0, channels)?,
            running_var: init.buffer("running_var", 1.0, channels)?,
        })
    }

    /// `[N, C, H, W]` to the same shape. Training normalises with the batch's statistics and updates the running ones;
    /// evaluation uses the running ones.
    ///
    /// # Errors
    /// Candle's, if the number of channels differs.
    pub fn forward(&self, input: &Tensor, pass: &Pass) -> Result<Tensor> {
        let (mean, variance) = if pass.is_training() {
            let (mean, variance) = batch_statistics(input)?;
            self.update_running(&mean, &variance, input.elem_count() / mean.elem_count(), pass.momentum)?;
            (mean, variance)
        } else {
            (self.running_mean.as_tensor().clone(), self.running_var.as_tensor().clone())
        };
        let normalised = input.broadcast_sub(&channelwise(&mean)?)?.broadcast_div(&standard_deviation(&variance)?)?;
        normalised.broadcast_mul(&channelwise(&self.weight)?)?.broadcast_add(&channelwise(&self.bias)?)
    }

    /// Batch normalisation, max pooling and activation, channels last: `[N, H, W, C]` to `[N, H / pool, W / pool, C]`.
    ///
    /// # Errors
    /// Candle's, if the number of channels differs.
    pub(super) fn forward_fused(
        &self,
        chain: &mut Chain,
        pool: usize,
        activation: kernels::Activation,
        pass: &Pass,
    ) -> Result<()> {
        let (batch, height, width, channels) = chain.value().dims4()?;
        let shape = BatchNormShape { batch, height, width, channels, pool };
        if !pass.is_training() {
            chain.replace(self.infer_fused(chain.value(), shape, activation)?);
            return Ok(());
        }
        let found = Arc::new(Mutex::new(Found::default()));
        let operation = FusedBatchNorm { shape, activation, found: Arc::clone(&found) };
        chain.push_ternary(operation, &self.weight, &self.bias)?;
        let found = found.lock().expect("no thread panics with the lock");
        let channelwise = |values: &[f32]| Tensor::from_slice(values, channels, &Device::Cpu);
        self.update_running(&channelwise(&found.mean)?, &channelwise(&found.variance)?, shape.count(), pass.momentum)
    }

    fn infer_fused(&self, input: &Tensor, shape: BatchNormShape, activation: kernels::Activation) -> Result<Tensor> {
        let mut output = vec![0.0; shape.output_len()];
        let tensors = [input, &self.weight, &self.bias, &self.running_mean, &self.running_var];
        with_floats(tensors, |[z, gamma, beta, mean, variance]| {
            let norm = kernels::BatchNorm { gamma, beta, epsilon: EPSILON as f32 };
            with_workspace(|workspace| {
                batch_norm_inference(workspace, &shape, z, &norm, mean, variance, activation, &mut output);
            });
            Ok(())
        })?;
        let dims = (shape.batch, shape.height / shape.pool, shape.width / shape.pool, shape.channels);
        Tensor::from_vec(output, dims, &Device::Cpu)
    }

    /// Weight and bias of one convolution equal to the convolution `weight`, `bias` followed by this layer in
    /// evaluation.
    ///
    /// # Errors
    /// Candle's, if the number of channels differs.
    pub fn fold(&self, weight: &Tensor, bias: &Tensor) -> Result<(Tensor, Tensor)> {
        let scale = (self.weight.as_tensor() / (self.running_var.as_tensor() + EPSILON)?.sqrt()?)?;
        let folded_weight = weight.broadcast_mul(&scale.reshape(((), 1, 1, 1))?)?;
        let folded_bias = (((bias - self.running_mean.as_tensor())? * scale)? + self.bias.as_tensor())?;
        Ok((folded_weight, folded_bias))
    }

    fn update_running(&self, mean: &Tensor, variance: &Tensor, count: usize, momentum: f64) -> Result<()> {
        let unbiased = (variance.detach() * (count as f64 / (count as f64 - 1.0)))?;
        let moved = |old: &Var, new: &Tensor| -> Result<Tensor> {
            (old.as_detached_tensor() * (1.0 - momentum))?.add(&(new * momentum)?)
        };
        self.running_mean.set(&moved(&self.running_mean, &mean.detach())?)?;
        self.running_var.set(&moved(&self.running_var, &unbiased)?)
    }
}

/// Mean and biased variance of each channel, `[C]` each.
fn batch_statistics(input: &Tensor) -> Result<(Tensor, Tensor)> {
    let mean = input.mean_keepdim((0, 2, 3))?;
    let variance = input.broadcast_sub(&mean)?.sqr()?.mean_keepdim((0, 2, 3))?;
    Ok((mean.flatten_all()?, variance.flatten_all()?))
}

fn channelwise(values: &Tensor) -> Result<Tensor> {
    values.reshape((1, (), 1, 1))
}

fn standard_deviation(variance: &Tensor) -> Result<Tensor> {
    channelwise(&(variance + EPSILON)?.sqrt()?)
}
