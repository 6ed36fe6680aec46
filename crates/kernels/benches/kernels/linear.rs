//! The linear layers of the shipped networks, forward and backward.

use crate::uniform;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kernels::{Activation, LinearGradients, LinearSaved, LinearShape, Workspace, linear_backward, linear_forward};

/// A layer of a network, with the batch that it is trained on.
struct Layer {
    name: &'static str,
    shape: LinearShape,
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let LinearShape { batch, in_features, out_features } = self.shape;
        write!(f, "{} {batch}x{in_features} to {out_features}", self.name)
    }
}

const fn layer(name: &'static str, batch: usize, in_features: usize, out_features: usize) -> Layer {
    Layer { name, shape: LinearShape { batch, in_features, out_features } }
}

const LAYERS: &[Layer] = &[
    layer("report_a_digit_head", 200, 32, 512),
    layer("report_a_digits", 200, 512, 10),
    layer("report_a_answer", 100, 512, 1),
    layer("report_a_mlp_1", 100, 392, 128),
    layer("report_b_digit_head", 200, 128, 64),
    layer("leq_digits", 100, 192, 10),
];

#[divan::bench(args = LAYERS)]
fn forward(bencher: Bencher, Layer { shape, .. }: &Layer) {
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let (bias, mut y) = (uniform(3, shape.out_features), vec![0.0; shape.output_len()]);
    let mut workspace = Workspace::new();
    bencher.counter(ItemsCount::new(shape.flops())).bench_local(|| {
        let y = black_box(&mut y);
        linear_forward(&mut workspace, shape, black_box(&x), &weight, &bias, Activation::Relu, y);
    });
}

#[divan::bench(args = LAYERS)]
fn backward(bencher: Bencher, Layer { shape, .. }: &Layer) {
    let (x, weight) = (uniform(1, shape.input_len()), uniform(2, shape.weight_len()));
    let (y, dy) = (uniform(3, shape.output_len()), uniform(4, shape.output_len()));
    let saved = LinearSaved { x: &x, weight: &weight, y: &y };
    let (mut dx, mut dweight) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    let (mut dbias, mut workspace) = (vec![0.0; shape.out_features], Workspace::new());
    bencher.counter(ItemsCount::new(2 * shape.flops())).bench_local(|| {
        let gradients = LinearGradients { dx: Some(&mut dx), dweight: black_box(&mut dweight), dbias: &mut dbias };
        linear_backward(&mut workspace, shape, &saved, Activation::Relu, black_box(&dy), gradients);
    });
}
