//! Batch normalisation with pooling and activation, on the shapes of `leq`.

use crate::uniform;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use kernels::{
    Activation, BatchNorm, BatchNormGradients, BatchNormSaved, BatchNormShape, ChannelStatistics, Workspace,
    batch_norm_backward, batch_norm_forward,
};

/// A layer of a network, with the batch that it is trained on.
struct Layer {
    name: &'static str,
    shape: BatchNormShape,
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let BatchNormShape { batch, height, width, channels, pool } = self.shape;
        write!(f, "{} {batch}x{height}x{width}x{channels} pool {pool}", self.name)
    }
}

const fn layer(name: &'static str, side: usize, channels: usize, pool: usize) -> Layer {
    Layer { name, shape: BatchNormShape { batch: 100, height: side, width: side, channels, pool } }
}

const LAYERS: &[Layer] = &[
    layer("leq_norm1", 12, 16, 1),
    layer("leq_norm2", 10, 24, 1),
    layer("leq_norm3", 8, 32, 2),
    layer("leq_norm4", 4, 64, 1),
    layer("leq_norm5", 2, 80, 1),
    layer("leq_norm6", 1, 96, 1),
];

const EPSILON: f32 = 1e-5;

#[divan::bench(args = LAYERS)]
fn forward(bencher: Bencher, Layer { shape, .. }: &Layer) {
    let (z, gamma) = (uniform(1, shape.input_len()), uniform(2, shape.channels));
    let norm = BatchNorm { gamma: &gamma, beta: &uniform(3, shape.channels), epsilon: EPSILON };
    let (mut mean, mut variance) = (vec![0.0; shape.channels], vec![0.0; shape.channels]);
    let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![0; shape.output_len()]);
    let mut workspace = Workspace::new();
    bencher.counter(BytesCount::of_slice(&z)).bench_local(|| {
        let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
        let y = black_box(&mut y);
        batch_norm_forward(&mut workspace, shape, black_box(&z), &norm, Activation::Relu, statistics, y, &mut argmax);
    });
}

#[divan::bench(args = LAYERS)]
fn backward(bencher: Bencher, Layer { shape, .. }: &Layer) {
    let (z, dy) = (uniform(1, shape.input_len()), uniform(4, shape.output_len()));
    let (gamma, beta) = (uniform(2, shape.channels), uniform(3, shape.channels));
    let (mut mean, mut variance) = (vec![0.0; shape.channels], vec![0.0; shape.channels]);
    let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![0; shape.output_len()]);
    let mut workspace = Workspace::new();
    let norm = BatchNorm { gamma: &gamma, beta: &beta, epsilon: EPSILON };
    let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
    batch_norm_forward(&mut workspace, shape, &z, &norm, Activation::Relu, statistics, &mut y, &mut argmax);
    let saved = BatchNormSaved {
        z: &z,
        y: &y,
        argmax: &argmax,
        gamma: &gamma,
        epsilon: EPSILON,
        mean: &mean,
        variance: &variance,
    };
    let (mut dz, mut dgamma, mut dbeta) = (vec![0.0; z.len()], gamma.clone(), beta.clone());
    bencher.counter(BytesCount::of_slice(&z)).bench_local(|| {
        let gradients = BatchNormGradients { dz: black_box(&mut dz), dgamma: &mut dgamma, dbeta: &mut dbeta };
        batch_norm_backward(&mut workspace, shape, &saved, Activation::Relu, black_box(&dy), gradients);
    });
}
