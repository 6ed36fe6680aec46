//! Convolution with a stride, bias and activation as one CPU operation with its own gradient: the patches under the
//! kernel, one after the other, are the input of a linear layer.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use crate::layer::host_slice::{floats, shaped_like, with_floats, with_workspace};
use kernels::{Activation, LinearGradients, LinearSaved, LinearShape, linear_backward, linear_forward};

/// The patches of a batch of images `[N, H, W, C]`: `[N * H' * W', C * kernel * kernel]`, in the order of the weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches {
    pub(super) batch: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) kernel: usize,
    pub(super) padding: usize,
    pub(super) stride: usize,
}

impl Patches {
    fn rows(&self) -> usize {
        (self.height + 2 * self.padding - self.kernel) / self.stride + 1
    }

    fn columns(&self) -> usize {
        (self.width + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Values of one image.
    fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Values of one patch.
    fn patch_len(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }

    fn count(&self) -> usize {
        self.batch * self.rows() * self.columns()
    }

    /// Calls `visit` for every value of an image that a patch has, with its index among the values of all images and among
    /// those of all patches.
    fn for_values(&self, mut visit: impl FnMut(usize, usize)) {
        let (rows, columns, taps) = (self.rows(), self.columns(), self.kernel * self.kernel);
        for patch in 0..self.count() {
            let (image, position) = (patch / (rows * columns), patch % (rows * columns));
            let corner = [position / columns, position % columns].map(|index| index * self.stride);
            for tap in 0..taps {
                let [row, column] = [corner[0] + tap / self.kernel, corner[1] + tap % self.kernel];
                let (Some(row), Some(column)) = (row.checked_sub(self.padding), column.checked_sub(self.padding))
                else {
                    continue;
                };
                if row >= self.height || column >= self.width {
                    continue;
                }
                let pixel = image * self.image_len() + (row * self.width + column) * self.channels;
                for channel in 0..self.channels {
                    visit(pixel + channel, patch * self.patch_len() + channel * taps + tap);
                }
            }
        }
    }

    /// The patches of `images`.
    fn gather(&self, images: &[f32]) -> Vec<f32> {
        let mut patches = vec![0.0; self.count() * self.patch_len()];
        self.for_values(|image, patch| patches[patch] = images[image]);
        patches
    }

    /// The sum of all patches, each where it was taken from.
    fn scatter(&self, patches: &[f32]) -> Vec<f32> {
        let mut images = vec![0.0; self.batch * self.image_len()];
        self.for_values(|image, patch| images[image] += patches[patch]);
        images
    }
}

/// The operation for one batch: `[N, H, W, C]`, weight, bias to `[N, H', W', channels]`.
pub(super) struct StridedConv {
    patches: Patches,
    shape: LinearShape,
    activation: Activation,
    /// Whether the input depends on a trained parameter.
    input_gradient: bool,
    /// The patches, kept for the gradient.
    gathered: Mutex<Vec<f32>>,
}

impl StridedConv {
    pub(super) fn new(patches: Patches, out_channels: usize, activation: Activation, input_gradient: bool) -> Self {
        let shape =
            LinearShape { batch: patches.count(), in_features: patches.patch_len(), out_features: out_channels };
        Self { patches, shape, activation, input_gradient, gathered: Mutex::new(Vec::new()) }
    }
}

impl CustomOp3 for StridedConv {
    fn name(&self) -> &'static str {
        "fused strided convolution"
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
        let gathered = self.patches.gather(input);
        let mut output = vec![0.0; self.shape.output_len()];
        with_workspace(|workspace| {
            linear_forward(workspace, &self.shape, &gathered, weight, bias, self.activation, &mut output);
        });
        *self.gathered.lock().expect("no thread panics with the lock") = gathered;
        let dims = (self.patches.batch, self.patches.rows(), self.patches.columns(), self.shape.out_features);
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
        let mut of_patches = self.input_gradient.then(|| vec![0.0; self.shape.input_len()]);
        let mut dweight = vec![0.0; self.shape.weight_len()];
        let mut dbias = vec![0.0; self.shape.out_features];
        let gathered = self.gathered.lock().expect("no thread panics with the lock");
        let gradient = gradient.contiguous()?;
        with_floats([weight, output, &gradient], |[weight, y, dy]| {
            let saved = LinearSaved { x: &gathered, weight, y };
            let gradients = LinearGradients { dx: of_patches.as_deref_mut(), dweight: &mut dweight, dbias: &mut dbias };
            with_workspace(|workspace| {
                linear_backward(workspace, &self.shape, &saved, self.activation, dy, gradients);
            });
            Ok(())
        })?;
        let dx = of_patches.map(|of_patches| shaped_like(input, self.patches.scatter(&of_patches))).transpose()?;
        Ok((dx, Some(shaped_like(weight, dweight)?), Some(shaped_like(bias, dbias)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_those_under_the_kernel_in_the_order_of_the_weights() {
        let patches = Patches { batch: 1, height: 3, width: 3, channels: 2, kernel: 2, padding: 1, stride: 2 };
        let image: Vec<f32> = (1..=18).map(|value| value as f32).collect();
        let gathered = patches.gather(&image);
        assert_eq!(gathered.len(), 4 * 8);
        // The last patch sees the pixels of rows 1 and 2 and columns 1 and 2, first channel first.
        assert_eq!(gathered[24..], [9.0, 11.0, 15.0, 17.0, 10.0, 12.0, 16.0, 18.0]);
        assert_eq!(gathered[..8], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0]);
        // Every pixel is under one position of the kernel.
        assert_eq!(patches.scatter(&gathered), image);
    }
}
