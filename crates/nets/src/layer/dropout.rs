//! Dropout (Srivastava et al., 2014) of values and of whole channels. Kept values are scaled by 1 / (1 - p).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::host_slice::{floats, shaped_like, with_floats};
use super::{Chain, FeatureShape, Pass, SpecError};
use random::Stream;

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

    /// The mask for values of this shape; `None` in evaluation.
    fn mask(&self, values: &Tensor, pass: &mut Pass) -> Option<Mask> {
        let stream = pass.dropout.as_deref_mut().filter(|_| self.probability > 0.0)?;
        Some(Mask::draw(stream, self.probability, values.elem_count(), 1))
    }

    /// Any shape to the same.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &mut Pass) -> Result<()> {
        self.mask(chain.value(), pass).map_or(Ok(()), |mask| chain.push_unary(mask))
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        self.mask(input, pass).map_or_else(|| Ok(input.clone()), |mask| mask.multiply(input, input.shape()))
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

    /// The mask for `[N, H, W, C]`; `None` in evaluation.
    fn mask(&self, images: &Tensor, pass: &mut Pass) -> Result<Option<Mask>> {
        let (images, height, width, channels) = images.dims4()?;
        let Some(stream) = pass.dropout.as_deref_mut().filter(|_| self.probability > 0.0) else { return Ok(None) };
        Ok(Some(Mask::draw(stream, self.probability, images * channels, channels).over(height * width)))
    }

    /// `[N, H, W, C]` to the same.
    pub(super) fn forward_fused(&self, chain: &mut Chain, pass: &mut Pass) -> Result<()> {
        self.mask(chain.value(), pass)?.map_or(Ok(()), |mask| chain.push_unary(mask))
    }

    /// The same with Candle's operators.
    pub(super) fn forward_plain(&self, input: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let Some(mask) = self.mask(input, pass)? else { return Ok(input.clone()) };
        let (images, _, _, channels) = input.dims4()?;
        mask.multiply(input, &Shape::from((images, 1, 1, channels)))
    }
}

/// A dropout mask. A value is dropped if 16 random bits, read as a number, are below `probability` * 65,536; with
/// probability 1/2, if one random bit is 0.
#[derive(Debug, Clone)]
struct Mask {
    kept: Kept,
    /// Factors of one position, repeated for `positions` positions.
    row: usize,
    positions: usize,
}

impl Mask {
    /// Draws `count` factors, in rows of `row`.
    fn draw(stream: &mut Stream, probability: f32, count: usize, row: usize) -> Self {
        if probability == 0.5 {
            return Self { kept: Kept::Half { bits: stream.bytes(count.div_ceil(8)), count }, row, positions: 1 };
        }
        let threshold = (f64::from(probability) * 65_536.0).round() as u32;
        let kept = 1.0 / (1.0 - probability);
        // A multiplication instead of a branch, because random bits would be mispredicted half of the time.
        let factor = |bits: u16| kept * f32::from(u8::from(u32::from(bits) >= threshold));
        let factors = stream.half_words(count).into_iter().map(factor).collect();
        Self { kept: Kept::Factors(factors), row, positions: 1 }
    }

    /// The same mask, with each row repeated for `positions` positions.
    fn over(self, positions: usize) -> Self {
        Self { positions, ..self }
    }

    fn multiply(self, input: &Tensor, shape: &Shape) -> Result<Tensor> {
        input.broadcast_mul(&Tensor::from_vec(self.kept.factors(), shape, input.device())?)
    }

    /// `values` multiplied by their factors.
    fn scaled(&self, values: &[f32]) -> Vec<f32> {
        if self.positions == 1 {
            return self.kept.times(values);
        }
        let factors = self.kept.factors();
        let images = values.chunks_exact(self.row * self.positions).zip(factors.chunks_exact(self.row));
        let mut scaled = Vec::with_capacity(values.len());
        for (image, factors) in images {
            for position in image.chunks_exact(self.row) {
                scaled.extend(position.iter().zip(factors).map(|(value, factor)| value * factor));
            }
        }
        scaled
    }
}

/// Which values are kept.
#[derive(Debug, Clone)]
enum Kept {
    /// Factor of each value: 0 or 1 / (1 - probability).
    Factors(Vec<f32>),
    /// A bit for each of `count` values, lowest bit of each byte first, with probability 1/2: 1 doubles the value, 0
    /// drops it.
    Half { bits: Vec<u8>, count: usize },
}

impl Kept {
    /// The factor of each value.
    fn factors(&self) -> Vec<f32> {
        match self {
            Self::Factors(factors) => factors.clone(),
            Self::Half { count, .. } => self.times(&vec![1.0; *count]),
        }
    }

    /// Each value times its factor.
    fn times(&self, values: &[f32]) -> Vec<f32> {
        match self {
            Self::Factors(factors) => values.iter().zip(factors).map(|(value, factor)| value * factor).collect(),
            Self::Half { bits, .. } => {
                let mut scaled = Vec::with_capacity(values.len());
                let (blocks, rest) = values.as_chunks::<8>();
                for (block, byte) in blocks.iter().zip(bits) {
                    let factors = &FACTORS_OF_BYTE[usize::from(*byte)];
                    let products: [f32; 8] = std::array::from_fn(|place| block[place] * factors[place]);
                    scaled.extend_from_slice(&products);
                }
                if let Some(byte) = bits.get(blocks.len()) {
                    let factors = &FACTORS_OF_BYTE[usize::from(*byte)];
                    scaled.extend(rest.iter().zip(factors).map(|(value, factor)| value * factor));
                }
                scaled
            }
        }
    }
}

/// The factors of each byte's bits, lowest first: 2 for a 1, 0 for a 0.
static FACTORS_OF_BYTE: [[f32; 8]; 256] = {
    let mut factors = [[0.0; 8]; 256];
    let mut position = 0;
    while position < 256 * 8 {
        if (position / 8) >> (position % 8) & 1 == 1 {
            factors[position / 8][position % 8] = 2.0;
        }
        position += 1;
    }
    factors
};

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

    use super::super::{Initialiser, Kernels, LayerSpec, Parameters, Stack, backward};
    use super::*;
    use random::Purpose;

    /// Applies a stack of one layer, built for samples shaped like those of `input`.
    fn forward(layer: &LayerSpec, input: &Tensor, pass: &mut Pass) -> Tensor {
        let shape = match *input.dims() {
            [_, height, width, channels] => FeatureShape::Image { height, width, channels },
            ref dims => FeatureShape::Vector(dims[1]),
        };
        let (mut parameters, mut weights) = (Parameters::default(), Stream::new(0, Purpose::Weights));
        let mut init = Initialiser::new(&mut parameters, &mut weights, &Device::Cpu);
        let stack = Stack::build(std::slice::from_ref(layer), shape, &mut init).unwrap();
        stack.forward(input, pass).unwrap()
    }

    /// Output and input gradient of a layer, flattened, with either implementation.
    fn output_and_gradient(kernels: Kernels, dims: &[usize], layer: &LayerSpec) -> (Vec<f32>, Vec<f32>) {
        let ramp = Tensor::arange(1.0_f32, 1.0 + dims.iter().product::<usize>() as f32, &Device::Cpu).unwrap();
        let input = Var::from_tensor(&ramp.reshape(dims).unwrap()).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let output = forward(layer, &input, &mut Pass::training(&mut stream, kernels));
        let gradients = backward(&output.sqr().unwrap().sum_all().unwrap()).unwrap();
        let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
        (flat(&output), flat(gradients.get(&input).unwrap()))
    }

    #[test]
    fn values_are_dropped_with_the_probability_and_the_mean_is_kept() {
        let ones = Tensor::ones((1000, 50), DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Fused);
        let dropped = forward(&LayerSpec::Dropout { probability: 0.2 }, &ones, &mut pass).flatten_all().unwrap();
        let values = dropped.to_vec1::<f32>().unwrap();
        let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64 / 50_000.0;
        assert!((zeros - 0.2).abs() < 0.006, "{zeros}");
        assert!(values.iter().all(|&value| value == 0.0 || value == 1.25));
    }

    #[test]
    fn with_probability_one_half_every_place_of_a_byte_is_dropped_every_other_time() {
        let factors = Mask::draw(&mut Stream::new(0, Purpose::Dropout), 0.5, 80_003, 1).kept.factors();
        assert_eq!(factors.len(), 80_003);
        for place in 0..8 {
            let kept = factors.iter().skip(place).step_by(8).filter(|&&factor| factor == 2.0).count();
            assert!((4_800..5_200).contains(&kept), "{place}: {kept}");
        }
        assert!(factors.iter().all(|&factor| factor == 0.0 || factor == 2.0));
    }

    #[test]
    fn channels_are_dropped_whole() {
        let ones = Tensor::ones((40, 3, 3, 16), DType::F32, &Device::Cpu).unwrap();
        let mut stream = Stream::new(0, Purpose::Dropout);
        let mut pass = Pass::training(&mut stream, Kernels::Fused);
        let dropped = forward(&LayerSpec::ChannelDropout { probability: 0.5 }, &ones, &mut pass);
        let sums = dropped.sum((1, 2)).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(sums.iter().all(|&sum| sum == 0.0 || sum == 18.0));
        assert!((250..390).contains(&sums.iter().filter(|&&sum| sum == 0.0).count()));
    }

    #[test]
    fn the_fused_operation_drops_what_the_plain_one_drops() {
        for (dims, layer) in [
            (&[7, 13][..], LayerSpec::Dropout { probability: 0.3 }),
            (&[5, 2, 3, 4], LayerSpec::ChannelDropout { probability: 0.5 }),
        ] {
            let [fused, plain] =
                [Kernels::Fused, Kernels::Plain].map(|kernels| output_and_gradient(kernels, dims, &layer));
            assert_eq!(fused, plain);
        }
    }

    #[test]
    fn the_gradient_flows_through_what_is_kept() {
        let layer = LayerSpec::Dropout { probability: 0.5 };
        let (output, gradient) = output_and_gradient(Kernels::Fused, &[10, 10], &layer);
        assert!(output.iter().zip(&gradient).all(|(output, gradient)| *gradient == 4.0 * output));
        assert!(output.contains(&0.0) && output.iter().any(|&value| value > 0.0));
    }

    #[test]
    fn evaluation_drops_nothing() {
        let ones = Tensor::ones((10, 10), DType::F32, &Device::Cpu).unwrap();
        let kept = forward(&LayerSpec::Dropout { probability: 0.9 }, &ones, &mut Pass::evaluation(Kernels::Fused));
        assert_eq!(kept.sum_all().unwrap().to_scalar::<f32>().unwrap(), 100.0);
    }

    #[test]
    fn a_probability_of_one_is_refused() {
        assert!(output_shape("dropout", 1.0, FeatureShape::Vector(3)).is_err());
        assert!(output_shape("dropout", f32::NAN, FeatureShape::Vector(3)).is_err());
        assert_eq!(output_shape("dropout", 0.0, FeatureShape::Vector(3)), Ok(FeatureShape::Vector(3)));
    }
}
