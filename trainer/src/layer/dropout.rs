//! Dropout (Srivastava et al., 2014) of single values and of whole channels; kept values are scaled by 1 / (1 - p).

use candle_core::{Device, Result, Shape, Tensor};

use super::{FeatureShape, Pass, SpecError};
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
                input.mul(&mask(stream, self.probability, input.shape(), input.device())?)
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
                let (images, _, _, channels) = input.dims4()?;
                let shape = Shape::from((images, 1, 1, channels));
                input.broadcast_mul(&mask(stream, self.probability, &shape, input.device())?)
            }
            _ => Ok(input.clone()),
        }
    }
}

/// 0 with `probability`, else 1 / (1 - `probability`).
fn mask(stream: &mut Stream, probability: f32, shape: &Shape, device: &Device) -> Result<Tensor> {
    let kept = 1.0 / (1.0 - probability);
    let values: Vec<f32> =
        (0..shape.elem_count()).map(|_| if stream.unit() < probability { 0.0 } else { kept }).collect();
    Tensor::from_vec(values, shape, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Kernels;
    use crate::random::Purpose;

    #[test]
    fn values_are_dropped_with_the_probability_and_the_mean_is_kept() {
        let ones = Tensor::ones((1000, 50), candle_core::DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Plain);
        let dropped = Dropout::new(0.2).forward(&ones, &mut pass).unwrap().flatten_all().unwrap();
        let values = dropped.to_vec1::<f32>().unwrap();
        let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64 / 50_000.0;
        assert!((zeros - 0.2).abs() < 0.006, "{zeros}");
        assert!(values.iter().all(|&value| value == 0.0 || value == 1.25));
    }

    #[test]
    fn channels_are_dropped_whole() {
        let ones = Tensor::ones((40, 3, 3, 16), candle_core::DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Plain);
        let dropped = ChannelDropout::new(0.5).forward(&ones, &mut pass).unwrap();
        let sums = dropped.sum((1, 2)).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(sums.iter().all(|&sum| sum == 0.0 || sum == 18.0));
        assert!((250..390).contains(&sums.iter().filter(|&&sum| sum == 0.0).count()));
    }

    #[test]
    fn evaluation_drops_nothing() {
        let ones = Tensor::ones((10, 10), candle_core::DType::F32, &Device::Cpu).unwrap();
        let kept = Dropout::new(0.9).forward(&ones, &mut Pass::evaluation(Kernels::Plain)).unwrap();
        assert_eq!(kept.sum_all().unwrap().to_scalar::<f32>().unwrap(), 100.0);
    }

    #[test]
    fn a_probability_of_one_is_refused() {
        assert!(output_shape("dropout", 1.0, FeatureShape::Vector(3)).is_err());
        assert!(output_shape("dropout", f32::NAN, FeatureShape::Vector(3)).is_err());
        assert_eq!(output_shape("dropout", 0.0, FeatureShape::Vector(3)), Ok(FeatureShape::Vector(3)));
    }
}
