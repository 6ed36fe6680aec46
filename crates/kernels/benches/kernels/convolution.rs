//! The convolutions of the shipped networks, forward and backward, and Winograd's way beside the direct one.

use crate::uniform;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kernels::{
    Activation, ConvGradients, ConvSaved, ConvShape, PreparedConvolution, Workspace, convolution_backward,
    convolution_forward,
};

/// A layer of a network, with the batch that it is trained on: 100 pairs of digits, or 100 digits. The convolutions of `leq`
/// leave pooling and activation to the normalisation that follows.
struct Layer {
    name: &'static str,
    shape: ConvShape,
    activation: Activation,
    /// Whether anything before it is trained.
    input_gradient: bool,
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let ConvShape { batch, height, width, in_channels, out_channels, kernel, pool, .. } = self.shape;
        write!(f, "{} {batch}x{height}x{width}x{in_channels} k{kernel} {out_channels} pool {pool}", self.name)
    }
}

/// (side, input channels, output channels, kernel, padding, pool)
const fn layer(name: &'static str, batch: usize, sizes: (usize, usize, usize, usize, usize, usize)) -> Layer {
    let (side, in_channels, out_channels, kernel, padding, pool) = sizes;
    let shape = ConvShape { batch, height: side, width: side, in_channels, out_channels, kernel, padding, pool };
    let activation = if pool == 1 { Activation::Identity } else { Activation::Relu };
    Layer { name, shape, activation, input_gradient: in_channels > 2 }
}

const LAYERS: &[Layer] = &[
    layer("report_a_conv1", 200, (14, 1, 32, 3, 0, 2)),
    layer("report_a_conv2", 200, (6, 32, 64, 3, 1, 2)),
    layer("report_a_conv3", 200, (3, 64, 32, 2, 1, 3)),
    layer("report_b_conv1", 200, (14, 1, 16, 3, 0, 2)),
    layer("report_b_conv2", 200, (6, 16, 32, 3, 0, 2)),
    layer("leq_conv1", 100, (14, 1, 16, 3, 0, 1)),
    layer("leq_conv2", 100, (12, 16, 24, 3, 0, 1)),
    layer("leq_conv3", 100, (10, 24, 32, 3, 0, 1)),
    layer("leq_conv4", 100, (4, 32, 64, 3, 1, 1)),
    layer("leq_conv5", 100, (4, 64, 80, 3, 0, 1)),
    layer("leq_conv6", 100, (2, 80, 96, 2, 0, 1)),
    layer("digit_tower_conv2", 100, (14, 48, 48, 3, 1, 1)),
    layer("digit_tower_conv4", 100, (7, 96, 96, 3, 1, 1)),
];

#[divan::bench(args = LAYERS)]
fn forward(bencher: Bencher, layer: &Layer) {
    let Layer { shape, activation, .. } = layer;
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let bias = uniform(3, shape.out_channels);
    let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![0; shape.output_len()]);
    let mut workspace = Workspace::new();
    bencher.counter(ItemsCount::new(shape.flops())).bench_local(|| {
        convolution_forward(
            &mut workspace,
            shape,
            black_box(&x),
            &weight,
            &bias,
            *activation,
            black_box(&mut y),
            &mut argmax,
        );
    });
}

#[divan::bench(args = LAYERS)]
fn backward(bencher: Bencher, layer: &Layer) {
    let Layer { shape, activation, .. } = layer;
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let (bias, dy) = (uniform(3, shape.out_channels), uniform(4, shape.output_len()));
    let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![0; shape.output_len()]);
    let mut workspace = Workspace::new();
    convolution_forward(&mut workspace, shape, &x, &weight, &bias, *activation, &mut y, &mut argmax);
    let saved = ConvSaved { x: &x, weight: &weight, y: &y, argmax: &argmax };
    let (mut dx, mut dweight, mut dbias) = (vec![0.0; x.len()], vec![0.0; weight.len()], vec![0.0; bias.len()]);
    let flops = shape.flops() * if layer.input_gradient { 2 } else { 1 };
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        let dx = layer.input_gradient.then_some(&mut dx[..]);
        let gradients = ConvGradients { dx, dweight: black_box(&mut dweight), dbias: &mut dbias };
        convolution_backward(&mut workspace, shape, &saved, *activation, black_box(&dy), gradients);
    });
}

/// What the page and a program that only answers do: weights in the kernels' order from before.
#[divan::bench(args = LAYERS)]
fn prepared(bencher: Bencher, layer: &Layer) {
    let shape = layer.shape;
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let mut prepared = PreparedConvolution::new(&shape, &weight, &uniform(3, shape.out_channels), layer.activation);
    let (mut workspace, mut y) = (Workspace::new(), vec![0.0; shape.output_len()]);
    bencher.counter(ItemsCount::new(shape.flops())).bench_local(|| {
        prepared.forward(&mut workspace, shape.batch, black_box(&x), black_box(&mut y));
    });
}

/// Channels on both sides of the step from the direct way (up to 15) to Winograd's (from 16), a 7x7 image, 100 of them:
/// operations a second tell what the step gains.
#[divan::bench(args = [12, 15, 16, 24, 48, 96])]
fn direct_below_16_channels_winograd_from_16(bencher: Bencher, channels: usize) {
    let shape = layer("", 100, (7, channels, channels, 3, 1, 1)).shape;
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let (bias, mut y) = (uniform(3, channels), vec![0.0; shape.output_len()]);
    let mut workspace = Workspace::new();
    bencher.counter(ItemsCount::new(shape.flops())).bench_local(|| {
        let y = black_box(&mut y);
        convolution_forward(&mut workspace, &shape, black_box(&x), &weight, &bias, Activation::Relu, y, &mut []);
    });
}
