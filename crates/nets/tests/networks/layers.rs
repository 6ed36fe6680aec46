//! Fused layers over random shapes, compared with Candle's operators or with plain loops: values and every gradient.

mod convolutions;
mod reference;

use candle_core::{Device, Result, Tensor, Var, backprop::GradStore};
use nets::layer::{
    Activation, ConvSpec, DepthwiseSpec, FeatureShape, Initialiser, Kernels, LayerSpec, LinearSpec, Parameters, Pass,
    SqueezeExcitationSpec, Stack, backward,
};
use random::{Purpose, Stream};

/// Largest allowed difference, as a fraction of the largest value of the output, or of all gradients, because the
/// gradient of a bias before batch normalisation is 0 except for rounding. Both sides round to float32.
const TOLERANCE: f32 = 3e-5;
/// Tolerance with batch normalisation, where Candle's float32 sums over a batch round more;
/// `kernels/tests/against_reference/batch_norm.rs` compares the fused kernels with float64.
const NORMALISED_TOLERANCE: f32 = 3e-4;
const CASES: u32 = 60;

const ACTIVATIONS: [Activation; 5] =
    [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Selu, Activation::LeakyRelu { slope: 0.01 }];

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn largest(tensor: &Tensor) -> f32 {
    flat(tensor).iter().fold(1e-2, |largest, value| largest.max(value.abs()))
}

fn assert_close(what: &str, fused: &Tensor, plain: &Tensor, tolerated: f32) {
    assert_eq!(fused.dims(), plain.dims(), "{what}");
    let (fused, plain) = (flat(fused), flat(plain));
    let difference = fused.iter().zip(&plain).map(|(fused, plain)| (fused - plain).abs()).fold(0.0, f32::max);
    assert!(difference <= tolerated, "{what}: differs by {difference:e}, tolerated are {tolerated:e}");
}

/// Inputs in steps of 1/4 from a small range, which gives equal values in pooling windows.
fn tied_input(dims: &[usize], stream: &mut Stream) -> Var {
    let count = dims.iter().product();
    let values: Vec<f32> = (0..count).map(|_| (stream.below(9) as f32 - 4.0) / 4.0).collect();
    Var::from_vec(values, dims, &Device::Cpu).unwrap()
}

/// A loss with a different weight for every output.
fn weighted_sum(output: &Tensor, stream: &mut Stream) -> Result<Tensor> {
    let weights: Vec<f32> = (0..output.elem_count()).map(|_| stream.symmetric(1.0)).collect();
    output.mul(&Tensor::from_vec(weights, output.shape(), &Device::Cpu)?)?.sum_all()
}

struct Outcome {
    output: Tensor,
    gradients: GradStore,
    buffers: Vec<Tensor>,
}

struct Case {
    what: String,
    layers: Vec<LayerSpec>,
    input_shape: FeatureShape,
    input: Var,
    seed: u64,
    tolerance: f32,
}

impl Case {
    fn compare(&self) {
        let (fused_parameters, fused) = self.run(Kernels::Fused);
        let (plain_parameters, plain) = self.run(Kernels::Plain);
        assert_close(
            &format!("{}: output", self.what),
            &fused.output,
            &plain.output,
            self.tolerance * largest(&plain.output),
        );
        let input_gradients = [&fused, &plain].map(|outcome| outcome.gradients.get(&self.input).unwrap());
        let gradients = plain_parameters.trained.iter().map(|parameter| plain.gradients.get(&parameter.var).unwrap());
        let scale = gradients.map(largest).fold(largest(input_gradients[1]), f32::max);
        let tolerated = self.tolerance * scale;
        assert_close(&format!("{}: input gradient", self.what), input_gradients[0], input_gradients[1], tolerated);
        for (ours, theirs) in fused_parameters.trained.iter().zip(&plain_parameters.trained) {
            let gradients = (fused.gradients.get(&ours.var).unwrap(), plain.gradients.get(&theirs.var).unwrap());
            assert_close(&format!("{}: gradient of {}", self.what, ours.name), gradients.0, gradients.1, tolerated);
        }
        for (ours, theirs) in fused.buffers.iter().zip(&plain.buffers) {
            assert_close(&format!("{}: running statistics", self.what), ours, theirs, self.tolerance * largest(theirs));
        }
    }

    fn run(&self, kernels: Kernels) -> (Parameters, Outcome) {
        let mut parameters = Parameters::default();
        let mut weights = Stream::new(self.seed, Purpose::Weights);
        let mut init = Initialiser::new(&mut parameters, &mut weights, &Device::Cpu);
        let stack = Stack::build(&self.layers, self.input_shape, &mut init.within("case")).unwrap();
        let mut dropout = Stream::new(self.seed, Purpose::Dropout);
        let output = stack.forward(&self.input, &mut Pass::training(&mut dropout, kernels)).unwrap();
        let loss = weighted_sum(&output, &mut Stream::new(self.seed, Purpose::Order)).unwrap();
        let gradients = backward(&loss).unwrap();
        let buffers = parameters.buffers.iter().map(|buffer| buffer.var.as_tensor().copy().unwrap()).collect();
        (parameters, Outcome { output, gradients, buffers })
    }
}

fn random_convolution(stream: &mut Stream, seed: u64, batch_norm: bool) -> Case {
    let mut draw = |low: u32, high: u32| (low + stream.below(high - low + 1)) as usize;
    let (kernel, padding, pool) = (draw(1, 5), draw(0, 2), draw(1, 3));
    let smallest = (kernel + pool - 1).saturating_sub(2 * padding).max(1);
    let side = |extra: usize| smallest + extra;
    let (height, width) = (side(draw(0, 8)), side(draw(0, 8)));
    let (batch, channels, inputs) = (draw(1, 9) + usize::from(batch_norm), draw(1, 40), draw(1, 20));
    let activation = Some(ACTIVATIONS[draw(0, 4)]);
    let bias = draw(0, 3) > 0;
    let spec = ConvSpec { channels, kernel, padding, stride: 1, bias, batch_norm, activation, pool };
    let what = format!("{batch}x{height}x{width}x{inputs} {spec:?}");
    let input = tied_input(&[batch, height, width, inputs], stream);
    let input_shape = FeatureShape::Image { height, width, channels: inputs };
    let tolerance = if batch_norm { NORMALISED_TOLERANCE } else { TOLERANCE };
    Case { what, layers: vec![LayerSpec::Conv(spec)], input_shape, input, seed, tolerance }
}

#[test]
fn fused_convolutions_are_those_of_the_plain_operators() {
    let mut stream = Stream::new(1, Purpose::Split);
    (0..CASES).for_each(|seed| random_convolution(&mut stream, u64::from(seed), false).compare());
}

/// Inputs without ties and with a non-zero mean. Otherwise a position that sees only padding would be normalised to
/// almost exactly 0, where rounding decides the side of an activation's kink.
#[test]
fn fused_batch_normalisation_is_that_of_the_plain_operators() {
    let mut stream = Stream::new(2, Purpose::Split);
    for seed in 0..CASES {
        let mut case = random_convolution(&mut stream, u64::from(seed), true);
        let values: Vec<f32> = (0..case.input.elem_count()).map(|_| 0.75 + stream.symmetric(0.5)).collect();
        case.input = Var::from_vec(values, case.input.shape(), &Device::Cpu).unwrap();
        case.compare();
    }
}

#[test]
fn fused_linear_layers_are_those_of_the_plain_operators() {
    let mut stream = Stream::new(3, Purpose::Split);
    for seed in 0..u64::from(CASES) {
        let mut draw = |low: u32, high: u32| (low + stream.below(high - low + 1)) as usize;
        let (batch, inputs, features) = (draw(1, 9), draw(1, 70), draw(1, 70));
        let activation = ACTIVATIONS.get(draw(0, 5)).copied();
        let layers = vec![
            LayerSpec::Linear(LinearSpec { features, activation }),
            LayerSpec::Dropout { probability: 0.5 },
            LayerSpec::Linear(LinearSpec { features: 3, activation: None }),
        ];
        let what = format!("{batch}x{inputs} {layers:?}");
        let input = tied_input(&[batch, inputs], &mut stream);
        Case { what, layers, input_shape: FeatureShape::Vector(inputs), input, seed, tolerance: TOLERANCE }.compare();
    }
}

#[test]
fn a_description_that_the_kernels_cannot_compute_is_refused() {
    let refusal = |layers: &[LayerSpec], input| Stack::output_shape(layers, input).unwrap_err().to_string();
    let vector = FeatureShape::Vector(9);
    let channels = [LayerSpec::ChannelDropout { probability: 0.5 }];
    assert_eq!(refusal(&channels, vector), "channel dropout takes an image, but it is given a vector of 9");
    for slope in [-0.1, 1.1, f32::NAN] {
        let activation = Activation::LeakyRelu { slope };
        let linear = [LayerSpec::Linear(LinearSpec { features: 3, activation: Some(activation) })];
        assert_eq!(refusal(&linear, vector), format!("linear: slope is {slope}, but it must be 0 to 1"));
        let conv = [convolution(2, 3, Some(activation), 1)];
        let image = FeatureShape::Image { height: 5, width: 5, channels: 1 };
        assert_eq!(refusal(&conv, image), format!("convolution: slope is {slope}, but it must be 0 to 1"));
        let (kernel, padding, stride, bias, batch_norm) = (3, 1, 1, true, false);
        let activation = Some(activation);
        let depthwise = [LayerSpec::Depthwise(DepthwiseSpec { kernel, padding, stride, bias, batch_norm, activation })];
        assert_eq!(
            refusal(&depthwise, image),
            format!("depthwise convolution: slope is {slope}, but it must be 0 to 1")
        );
    }
}

/// Values without ties around a mean that is not 0, so that normalised values are not at an activation's kink.
fn spread_input(dims: &[usize], stream: &mut Stream) -> Var {
    let values: Vec<f32> = (0..dims.iter().product()).map(|_| 0.75 + stream.symmetric(0.5)).collect();
    Var::from_vec(values, dims, &Device::Cpu).unwrap()
}

fn convolution(channels: usize, kernel: usize, activation: Option<Activation>, pool: usize) -> LayerSpec {
    let padding = kernel / 2;
    LayerSpec::Conv(ConvSpec { channels, kernel, padding, stride: 1, bias: true, batch_norm: false, activation, pool })
}

/// Without normalisation, whose float32 sums over a batch would be what is compared; tanh has no kink.
fn random_block(stream: &mut Stream, channels: usize) -> Vec<LayerSpec> {
    let mut draw = |low: u32, high: u32| (low + stream.below(high - low + 1)) as usize;
    let (wide, tanh) = (draw(1, 24), Some(Activation::Tanh));
    let depthwise = LayerSpec::Depthwise(DepthwiseSpec {
        kernel: 3,
        padding: 1,
        stride: 1,
        bias: draw(0, 1) > 0,
        batch_norm: false,
        activation: tanh,
    });
    let squeeze = LayerSpec::SqueezeExcitation(SqueezeExcitationSpec { features: draw(1, 6) });
    match draw(0, 2) {
        0 => vec![convolution(wide, 3, tanh, 1), convolution(channels, 3, None, 1)],
        1 => vec![convolution(wide, 1, tanh, 1), depthwise, convolution(channels, 1, None, 1), squeeze],
        _ => vec![LayerSpec::Residual { layers: vec![depthwise] }, squeeze],
    }
}

#[test]
fn fused_residual_and_squeezed_blocks_are_those_of_the_plain_operators() {
    let mut stream = Stream::new(6, Purpose::Split);
    for seed in 0..u64::from(CASES) {
        let mut draw = |low: u32, high: u32| (low + stream.below(high - low + 1)) as usize;
        let (batch, side, inputs, channels) = (draw(1, 5), draw(3, 9), draw(1, 9), draw(1, 24));
        let block = LayerSpec::Residual { layers: random_block(&mut stream, channels) };
        let first = convolution(channels, 3, Some(Activation::Tanh), 1);
        let mut layers = vec![first, block, LayerSpec::GlobalMean];
        // A block may also be the first layer with parameters.
        if channels == inputs {
            layers.remove(0);
        }
        let what = format!("{batch}x{side}x{side}x{inputs} {layers:?}");
        let input = spread_input(&[batch, side, side, inputs], &mut stream);
        let input_shape = FeatureShape::Image { height: side, width: side, channels: inputs };
        Case { what, layers, input_shape, input, seed, tolerance: TOLERANCE }.compare();
    }
}

/// The first block of a tower, whose input depends on nothing trained: its convolutions need no gradient of the images.
#[test]
fn a_block_that_comes_first_gives_the_gradients_of_its_parameters() {
    let image = FeatureShape::Image { height: 6, width: 6, channels: 4 };
    let layers = vec![LayerSpec::Residual { layers: vec![convolution(4, 3, Some(Activation::Tanh), 1)] }];
    let mut stream = Stream::new(7, Purpose::Split);
    let input = spread_input(&[3, 6, 6, 4], &mut stream);
    let gradients = [Kernels::Fused, Kernels::Plain].map(|kernels| {
        let mut parameters = Parameters::default();
        let mut weights = Stream::new(0, Purpose::Weights);
        let mut init = Initialiser::new(&mut parameters, &mut weights, &Device::Cpu);
        let stack = Stack::build(&layers, image, &mut init.within("case")).unwrap();
        let mut dropout = Stream::new(0, Purpose::Dropout);
        let pass = &mut Pass::training(&mut dropout, kernels);
        let output = stack.forward(&input.as_detached_tensor(), pass).unwrap();
        let store = backward(&output.sqr().unwrap().sum_all().unwrap()).unwrap();
        let names: Vec<&str> = parameters.trained.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names, ["case.residual1.conv1.weight", "case.residual1.conv1.bias"]);
        parameters.trained.iter().map(|parameter| store.get(&parameter.var).unwrap().clone()).collect::<Vec<_>>()
    });
    for (fused, plain) in gradients[0].iter().zip(&gradients[1]) {
        assert_close("gradient", fused, plain, TOLERANCE * largest(plain));
    }
}
