//! Convolutions with strides, and depthwise ones, compared with plain loops in double precision: values and every gradient.

use candle_core::{Device, Tensor, Var};
use nets::layer::{
    ConvSpec, DepthwiseSpec, FeatureShape, Initialiser, Kernels, LayerSpec, Parameters, Pass, Stack, backward,
};
use random::{Purpose, Stream};

use super::reference::Convolution;
use super::{ACTIVATIONS, CASES, NORMALISED_TOLERANCE, TOLERANCE, flat, spread_input};

/// Values this near an activation's kink have no weight in the loss: rounding decides on which side they are.
const KINK: f64 = 1e-4;

struct Case {
    convolution: Convolution,
    bias: bool,
    seed: u64,
}

/// A layer, built, and its input.
struct Built {
    parameters: Parameters,
    stack: Stack,
    input: Var,
}

impl Case {
    /// Draws sizes of every kind: rows and columns that leave different numbers of pixels over behind the last position,
    /// more padding than the kernel needs.
    fn draw(stream: &mut Stream, seed: u64, depthwise: bool) -> Self {
        let mut draw = |low: u32, high: u32| (low + stream.below(high - low + 1)) as usize;
        let (kernel, padding, stride) = (draw(1, 5), draw(0, 2), draw(if depthwise { 1 } else { 2 }, 3));
        // In a smaller image every position might be on padding, and there would be nothing to normalise.
        let smallest = kernel.saturating_sub(2 * padding).max(stride);
        let (height, width) = (smallest + draw(0, 8), smallest + draw(0, 8));
        let (batch, outputs) = (draw(2, 7), draw(1, 40));
        let inputs = if depthwise { outputs } else { draw(1, 20) };
        let (batch_norm, bias) = (draw(0, 1) > 0, draw(0, 1) > 0);
        let activation = ACTIVATIONS.get(draw(0, 5)).copied();
        let convolution = Convolution {
            batch,
            height,
            width,
            inputs,
            outputs,
            kernel,
            padding,
            stride,
            depthwise,
            batch_norm,
            activation,
        };
        Self { convolution, bias, seed }
    }

    fn layer(&self) -> LayerSpec {
        let Convolution { outputs: channels, kernel, padding, stride, depthwise, batch_norm, activation, .. } =
            self.convolution;
        let bias = self.bias;
        if depthwise {
            LayerSpec::Depthwise(DepthwiseSpec { kernel, padding, stride, bias, batch_norm, activation })
        } else {
            LayerSpec::Conv(ConvSpec { channels, kernel, padding, stride, bias, batch_norm, activation, pool: 1 })
        }
    }

    /// The same layer and input at every call. No weight is near 0: a channel of a depthwise layer whose weights all are
    /// has a variance near 0, and normalising it would show the rounding of its mean a hundredfold.
    fn build(&self) -> Built {
        let Convolution { batch, height, width, inputs: channels, .. } = self.convolution;
        let mut parameters = Parameters::default();
        let mut weights = Stream::new(self.seed, Purpose::Weights);
        let mut init = Initialiser::new(&mut parameters, &mut weights, &Device::Cpu);
        let shape = FeatureShape::Image { height, width, channels };
        let stack = Stack::build(&[self.layer()], shape, &mut init.within("case")).unwrap();
        let mut stream = Stream::new(self.seed, Purpose::Split);
        let weight = &parameters.trained[0].var;
        let smallest = 1.0 / (self.convolution.fan_in() as f32).sqrt();
        let mut away_from_0 = || {
            let size = smallest * (1.0 + stream.unit());
            if stream.below(2) > 0 { size } else { -size }
        };
        let values: Vec<f32> = (0..weight.elem_count()).map(|_| away_from_0()).collect();
        weight.set(&Tensor::from_vec(values, weight.shape(), &Device::Cpu).unwrap()).unwrap();
        let input = spread_input(&[batch, height, width, channels], &mut stream);
        Built { parameters, stack, input }
    }

    /// Whether Candle surely differentiates its own convolution: it takes the pixels that the height leaves over behind the
    /// last position for those of both sides.
    fn is_differentiated_by_candle(&self) -> bool {
        let Convolution { height, width, kernel, padding, stride, .. } = self.convolution;
        [height, width].iter().all(|side| (side + 2 * padding - kernel).is_multiple_of(stride))
    }

    fn compare(&self) {
        let convolution = &self.convolution;
        let Built { parameters, input, .. } = self.build();
        let (x, weight) = (widened(&input), widened(&parameters.trained[0].var));
        let bias = if self.bias { widened(&parameters.trained[1].var) } else { vec![0.0; convolution.outputs] };
        let expected = convolution.forward(&x, &weight, &bias);
        let mut stream = Stream::new(self.seed, Purpose::Order);
        let weigh = |&potential: &f64| if potential.abs() < KINK { 0.0 } else { stream.symmetric(1.0) };
        let dy: Vec<f32> = expected.potentials.iter().map(weigh).collect();
        let of_output: Vec<f64> = dy.iter().map(|&value| f64::from(value)).collect();
        let gradients = convolution.backward(&expected, &x, &weight, &of_output);
        let mut wanted = vec![gradients.input, gradients.weight];
        wanted.extend(self.bias.then_some(gradients.bias));
        wanted.extend(convolution.batch_norm.then_some([gradients.scale, gradients.shift]).into_iter().flatten());
        let statistics = convolution.running_statistics(&expected);
        for kernels in [Kernels::Fused, Kernels::Plain] {
            let built = self.build();
            let output = self.compare_forward(&built, kernels, &expected.output, &statistics);
            if kernels == Kernels::Fused || self.is_differentiated_by_candle() {
                self.compare_gradients(&built, &output, &dy, &wanted);
            }
        }
    }

    fn compare_forward(&self, built: &Built, kernels: Kernels, output: &[f64], statistics: &[Vec<f64>; 2]) -> Tensor {
        let mut dropout = Stream::new(self.seed, Purpose::Dropout);
        let found = built.stack.forward(&built.input, &mut Pass::training(&mut dropout, kernels)).unwrap();
        let [rows, columns] = self.convolution.positions();
        assert_eq!(found.dims(), [self.convolution.batch, rows, columns, self.convolution.outputs]);
        self.assert_close(&format!("output, {kernels:?}"), &found, output, largest(output));
        for (buffer, expected) in built.parameters.buffers.iter().zip(statistics) {
            self.assert_close(&buffer.name, &buffer.var, expected, largest(expected));
        }
        found
    }

    /// The gradients of the input and of all parameters, in their order, from `dy`, that of the output.
    fn compare_gradients(&self, built: &Built, output: &Tensor, dy: &[f32], wanted: &[Vec<f64>]) {
        let dy = Tensor::from_slice(dy, output.shape(), &Device::Cpu).unwrap();
        let gradients = backward(&output.mul(&dy).unwrap().sum_all().unwrap()).unwrap();
        let size = wanted.iter().map(|values| largest(values)).fold(0.0, f64::max);
        let parameters = built.parameters.trained.iter().map(|parameter| (parameter.name.as_str(), &parameter.var));
        let found: Vec<(&str, &Var)> = std::iter::once(("input", &built.input)).chain(parameters).collect();
        assert_eq!(found.len(), wanted.len());
        for ((name, var), wanted) in found.into_iter().zip(wanted) {
            self.assert_close(&format!("gradient of {name}"), gradients.get(var).unwrap(), wanted, size);
        }
    }

    fn assert_close(&self, what: &str, found: &Tensor, expected: &[f64], size: f64) {
        let tolerance = if self.convolution.batch_norm { NORMALISED_TOLERANCE } else { TOLERANCE };
        let tolerated = f64::from(tolerance) * size;
        let found = widened(found);
        assert_eq!(found.len(), expected.len(), "{what}");
        let differences: Vec<f64> = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).collect();
        let most = differences.iter().copied().fold(0.0, f64::max);
        let are_close = differences.iter().all(|difference| *difference <= tolerated);
        assert!(are_close, "{what} of {:?}: differs by {most:e}, tolerated are {tolerated:e}", self.convolution);
    }
}

fn widened(tensor: &Tensor) -> Vec<f64> {
    flat(tensor).into_iter().map(f64::from).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(1e-2, |largest, value| largest.max(value.abs()))
}

#[test]
fn convolutions_with_a_stride_are_those_of_plain_loops() {
    let mut stream = Stream::new(4, Purpose::Split);
    (0..u64::from(CASES)).for_each(|seed| Case::draw(&mut stream, seed, false).compare());
}

#[test]
fn depthwise_convolutions_are_those_of_plain_loops() {
    let mut stream = Stream::new(5, Purpose::Split);
    (0..u64::from(CASES)).for_each(|seed| Case::draw(&mut stream, seed, true).compare());
}
