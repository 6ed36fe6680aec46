//! Dropout (Srivastava et al., 2014) of single values and of whole channels; kept values are scaled by 1 / (1 - p).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::host_slice::{floats, shaped_like, with_floats};
use super::{FeatureShape, Kernels, Pass, SpecError};
use crate::random::Stream;

pub(super) fn output_shape(
    layer: &'static str,
    probability: f32,
    input: FeatureShape,
) -> std::result::Result<FeatureShape, SpecError> {
    if (0.0..1.0).contains(&probability) {
        return Ok(input);
    }
    let found = probability.to_string();
    Err(SpecError::OutOfRange { layer, field: "probability", found, wanted: "at least 0 and below 1" })
}

/// Dropout of single values.
#[derive(Debug)]
pub struct Dropout {
    probability: f32,
}

impl Dropout {
    /// Drops each value with `probability`, 0..1.
    pub fn new(probability: f32) -> Self {
        Self { probability }
    }

    /// Any shape to the same.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        match &mut pass.dropout {
            Some(stream) if self.probability > 0.0 => {
                let mask = Mask::draw(stream, self.probability, input.elem_count(), 1);
                mask.apply(input, input.shape(), pass.kernels)
            }
            _ => Ok(input.clone()),
        }
    }
}

/// Dropout of whole channels, PyTorch's `Dropout2d`.
#[derive(Debug)]
pub struct ChannelDropout {
    probability: f32,
}

impl ChannelDropout {
    /// Drops each channel of each image with `probability`, 0..1.
    pub fn new(probability: f32) -> Self {
        Self { probability }
    }

    /// `[N, H, W, C]` to the same.
    ///
    /// # Errors
    /// Candle's, when `input` has not four axes.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        match &mut pass.dropout {
            Some(stream) if self.probability > 0.0 => {
                let (images, height, width, channels) = input.dims4()?;
                let positions = height * width;
                let mask = Mask::draw(stream, self.probability, images * channels, channels).over(positions);
                mask.apply(input, &Shape::from((images, 1, 1, channels)), pass.kernels)
            }
            _ => Ok(input.clone()),
        }
    }
}

/// Which values are kept. A value is dropped when 16 random bits, read as a number, are below `probability` * 65,536.
#[derive(Debug, Clone)]
struct Mask {
    /// Factor of each value: 0 or 1 / (1 - `probability`).
    factors: Vec<f32>,
    /// Factors of one position, used at `positions` places in a row.
    row: usize,
    positions: usize,
}

impl Mask {
    /// Draws `count` factors, in rows of `row`.
    fn draw(stream: &mut Stream, probability: f32, count: usize, row: usize) -> Self {
        let threshold = (f64::from(probability) * 65_536.0).round() as u32;
        let kept = 1.0 / (1.0 - probability);
        // A product rather than a branch, which random bits would mispredict every other time.
        let factor = |bits: u16| kept * f32::from(u8::from(u32::from(bits) >= threshold));
        Self { factors: stream.half_words(count).into_iter().map(factor).collect(), row, positions: 1 }
    }

    /// The same mask, each row used at `positions` places.
    fn over(self, positions: usize) -> Self {
        Self { positions, ..self }
    }

    fn apply(self, input: &Tensor, shape: &Shape, kernels: Kernels) -> Result<Tensor> {
        match kernels {
            Kernels::Fused => input.contiguous()?.apply_op1(self),
            Kernels::Plain => input.broadcast_mul(&Tensor::from_vec(self.factors, shape, input.device())?),
        }
    }

    /// `values` times their factors.
    fn scaled(&self, values: &[f32]) -> Vec<f32> {
        if self.positions == 1 {
            return values.iter().zip(&self.factors).map(|(value, factor)| value * factor).collect();
        }
        let images = values.chunks_exact(self.row * self.positions).zip(self.factors.chunks_exact(self.row));
        let mut scaled = Vec::with_capacity(values.len());
        for (image, factors) in images {
            for position in image.chunks_exact(self.row) {
                scaled.extend(position.iter().zip(factors).map(|(value, factor)| value * factor));
            }
        }
        scaled
    }
}

impl CustomOp1 for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(self.scaled(floats(input, layout)?)), layout.shape().clone()))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let scaled = with_floats([&gradient], |[gradient]| Ok(self.scaled(gradient)))?;
        Ok(Some(shaped_like(input, scaled)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::random::Purpose;

    /// Output and input gradient of a layer, flat, by either implementation.
    fn output_and_gradient(
        kernels: Kernels,
        dims: &[usize],
        layer: impl Fn(&Tensor, &mut Pass) -> Result<Tensor>,
    ) -> (Vec<f32>, Vec<f32>) {
        let ramp = Tensor::arange(1.0_f32, 1.0 + dims.iter().product::<usize>() as f32, &Device::Cpu).unwrap();
        let input = Var::from_tensor(&ramp.reshape(dims).unwrap()).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let output = layer(&input, &mut Pass::training(&mut stream, kernels)).unwrap();
        let gradients = output.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
        (flat(&output), flat(gradients.get(&input).unwrap()))
    }

    #[test]
    fn values_are_dropped_with_the_probability_and_the_mean_is_kept() {
        let ones = Tensor::ones((1000, 50), DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Fused);
        let dropped = Dropout::new(0.2).forward(&ones, &mut pass).unwrap().flatten_all().unwrap();
        let values = dropped.to_vec1::<f32>().unwrap();
        let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64 / 50_000.0;
        assert!((zeros - 0.2).abs() < 0.006, "{zeros}");
        assert!(values.iter().all(|&value| value == 0.0 || value == 1.25));
    }

    #[test]
    fn channels_are_dropped_whole() {
        let ones = Tensor::ones((40, 3, 3, 16), DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Fused);
        let dropped = ChannelDropout::new(0.5).forward(&ones, &mut pass).unwrap();
        let sums = dropped.sum((1, 2)).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(sums.iter().all(|&sum| sum == 0.0 || sum == 18.0));
        assert!((250..390).contains(&sums.iter().filter(|&&sum| sum == 0.0).count()));
    }

    #[test]
    fn the_fused_operation_drops_what_the_plain_one_drops() {
        let single =
            |kernels| output_and_gradient(kernels, &[7, 13], |input, pass| Dropout::new(0.3).forward(input, pass));
        assert_eq!(single(Kernels::Fused), single(Kernels::Plain));
        let channels = |kernels| {
            output_and_gradient(kernels, &[5, 2, 3, 4], |input, pass| ChannelDropout::new(0.5).forward(input, pass))
        };
        assert_eq!(channels(Kernels::Fused), channels(Kernels::Plain));
    }

    #[test]
    fn the_gradient_flows_through_what_is_kept() {
        let layer = |input: &Tensor, pass: &mut Pass| Dropout::new(0.5).forward(input, pass);
        let (output, gradient) = output_and_gradient(Kernels::Fused, &[100], layer);
        assert!(output.iter().zip(&gradient).all(|(output, gradient)| *gradient == 4.0 * output));
        assert!(output.contains(&0.0) && output.iter().any(|&value| value > 0.0));
    }

    #[test]
    fn evaluation_drops_nothing() {
        let ones = Tensor::ones((10, 10), DType::F32, &Device::Cpu).unwrap();
        let kept = Dropout::new(0.9).forward(&ones, &mut Pass::evaluation(Kernels::Fused)).unwrap();
        assert_eq!(kept.sum_all().unwrap().to_scalar::<f32>().unwrap(), 100.0);
    }

    #[test]
    fn a_probability_of_one_is_refused() {
        assert!(output_shape("dropout", 1.0, FeatureShape::Vector(3)).is_err());
        assert!(output_shape("dropout", f32::NAN, FeatureShape::Vector(3)).is_err());
        assert_eq!(output_shape("dropout", 0.0, FeatureShape::Vector(3)), Ok(FeatureShape::Vector(3)));
    }
}
