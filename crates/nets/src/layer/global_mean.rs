//! The mean of each channel over all positions of an image.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::host_slice::{floats, shaped_like, with_floats};
use super::{Chain, FeatureShape, SpecError};
use crate::onnx::{Attribute, Graph, Value};

pub(super) fn output_shape(input: FeatureShape) -> std::result::Result<FeatureShape, SpecError> {
    match input {
        FeatureShape::Image { channels, .. } => Ok(FeatureShape::Vector(channels)),
        found @ FeatureShape::Vector(_) => {
            Err(SpecError::WrongInput { layer: "global mean", wanted: "an image".to_owned(), found })
        }
    }
}

/// Global average pooling.
#[derive(Debug)]
pub struct GlobalMean;

impl GlobalMean {
    /// `[N, H, W, C]` to `[N, C]`.
    pub(super) fn forward_fused(&self, chain: &mut Chain) -> Result<()> {
        let (_, height, width, channels) = chain.value().dims4()?;
        chain.push_unary(FusedMean { positions: height * width, channels })
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor) -> Result<Tensor> {
        input.mean((1, 2))
    }

    /// Adds ReduceMean.
    pub fn export(&self, graph: &mut Graph, input: &Value) -> Value {
        graph.node("ReduceMean", &[input], &[Attribute::ints("axes", &[2, 3]), Attribute::int("keepdims", 0)])
    }
}

/// The operation for images of `positions` positions.
struct FusedMean {
    positions: usize,
    channels: usize,
}

impl CustomOp1 for FusedMean {
    fn name(&self) -> &'static str {
        "global mean"
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let input = floats(input, layout)?;
        let images = input.len() / (self.positions * self.channels);
        let share = 1.0 / self.positions as f32;
        let mut means = vec![0.0; images * self.channels];
        for (means, image) in
            means.chunks_exact_mut(self.channels).zip(input.chunks_exact(self.positions * self.channels))
        {
            for position in image.chunks_exact(self.channels) {
                means.iter_mut().zip(position).for_each(|(mean, value)| *mean += value);
            }
            means.iter_mut().for_each(|mean| *mean *= share);
        }
        Ok((CpuStorage::F32(means), Shape::from((images, self.channels))))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let share = 1.0 / self.positions as f32;
        let spread = with_floats([&gradient.contiguous()?], |[gradient]| {
            let mut spread = Vec::with_capacity(gradient.len() * self.positions);
            for image in gradient.chunks_exact(self.channels) {
                for _ in 0..self.positions {
                    spread.extend(image.iter().map(|value| value * share));
                }
            }
            Ok(spread)
        })?;
        shaped_like(input, spread).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::super::{Initialiser, Kernels, LayerSpec, Parameters, Pass, Stack, backward};
    use super::*;
    use random::{Purpose, Stream};

    fn output_and_gradient(kernels: Kernels) -> (Vec<f32>, Vec<f32>) {
        let values: Vec<f32> = (0..2 * 3 * 2 * 5).map(|index| ((index * 37) % 23) as f32).collect();
        let input = Var::from_vec(values, (2, 3, 2, 5), &Device::Cpu).unwrap();
        let (mut parameters, mut weights) = (Parameters::default(), Stream::new(0, Purpose::Weights));
        let mut init = Initialiser::new(&mut parameters, &mut weights, &Device::Cpu);
        let shape = FeatureShape::Image { height: 3, width: 2, channels: 5 };
        let stack = Stack::build(&[LayerSpec::GlobalMean], shape, &mut init).unwrap();
        let mut dropout = Stream::new(0, Purpose::Dropout);
        let output = stack.forward(&input, &mut Pass::training(&mut dropout, kernels)).unwrap();
        let gradients = backward(&output.sqr().unwrap().sum_all().unwrap()).unwrap();
        let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
        (flat(&output), flat(gradients.get(&input).unwrap()))
    }

    #[test]
    fn each_channel_is_averaged_and_its_gradient_spread_evenly() {
        let (output, gradient) = output_and_gradient(Kernels::Fused);
        let value = |index: usize| ((index * 37) % 23) as f32;
        let mean: f32 = (0..6).map(|position| value(30 + 5 * position + 2)).sum::<f32>() / 6.0;
        assert!((output[5 + 2] - mean).abs() < 1e-5);
        assert!((gradient[30 + 2] - 2.0 * mean / 6.0).abs() < 1e-5);
    }

    #[test]
    fn the_fused_operation_is_that_of_candles_operators() {
        let (fused, plain) = (output_and_gradient(Kernels::Fused), output_and_gradient(Kernels::Plain));
        let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
        assert!(fused.0.iter().zip(&plain.0).all(close) && fused.1.iter().zip(&plain.1).all(close));
    }

    #[test]
    fn a_vector_has_no_positions() {
        assert!(output_shape(FeatureShape::Vector(3)).unwrap_err().to_string().contains("takes an image"));
    }
}
