//! Batch normalisation with pooling and activation against the naive reference.

use kernels::{
    Activation, BatchNorm, BatchNormGradients, BatchNormSaved, BatchNormShape, ChannelStatistics, Workspace,
    batch_norm_backward, batch_norm_forward, batch_norm_inference,
};

use crate::reference::*;

const EPSILON: f64 = 1e-5;
/// Single-precision error of mean, variance and normalisation together, relative to the largest value.
const CHAIN: f64 = 2e-5;
/// Error of central differences in double precision, relative to the largest gradient.
const DIFFERENCES: f64 = 1e-5;

/// Outputs of the reference's forward pass.
struct Forward {
    mean: Vec<f64>,
    variance: Vec<f64>,
    /// Normalised input.
    hat: Vec<f64>,
    /// Before the activation, pooled.
    pooled: Vec<f64>,
    /// Input index of each maximum.
    winners: Vec<usize>,
}

fn forward(s: &BatchNormShape, z: &[f64], gamma: &[f64], beta: &[f64]) -> Forward {
    let (c, n) = (s.channels, s.count() as f64);
    let per_channel = |f: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..c).map(|channel| (channel..z.len()).step_by(c).map(f).sum::<f64>() / n).collect()
    };
    let mean = per_channel(&|i| z[i]);
    let variance = per_channel(&|i| (z[i] - mean[i % c]).powi(2));
    let hat: Vec<f64> = (0..z.len()).map(|i| (z[i] - mean[i % c]) / (variance[i % c] + EPSILON).sqrt()).collect();
    let (mut pooled, mut winners) = (Vec::new(), Vec::new());
    for image in 0..s.batch {
        for y in 0..s.height / s.pool {
            for x in 0..s.width / s.pool {
                for channel in 0..c {
                    let indices = (0..s.pool * s.pool).map(|place| {
                        let (row, column) = (y * s.pool + place / s.pool, x * s.pool + place % s.pool);
                        ((image * s.height + row) * s.width + column) * c + channel
                    });
                    let value = |i: usize| hat[i] * gamma[channel] + beta[channel];
                    let winner = indices
                        .reduce(|best, i| if value(i) > value(best) { i } else { best })
                        .expect("a window has places");
                    pooled.push(value(winner));
                    winners.push(winner);
                }
            }
        }
    }
    Forward { mean, variance, hat, pooled, winners }
}

/// The gradients of input, scale and shift.
fn backward(s: &BatchNormShape, f: &Forward, gamma: &[f64], activation: Activation, dy: &[f64]) -> [Vec<f64>; 3] {
    let (c, n) = (s.channels, s.count() as f64);
    let mut dt = vec![0.0; f.hat.len()];
    for ((winner, pooled), dy) in f.winners.iter().zip(&f.pooled).zip(dy) {
        dt[*winner] += dy * slope(activation, *pooled);
    }
    let (mut dgamma, mut dbeta) = (vec![0.0; c], vec![0.0; c]);
    for (i, dt) in dt.iter().enumerate() {
        dgamma[i % c] += dt * f.hat[i];
        dbeta[i % c] += dt;
    }
    let dz = (0..dt.len()).map(|i| {
        let scale = gamma[i % c] / (f.variance[i % c] + EPSILON).sqrt();
        scale * (dt[i] - dbeta[i % c] / n - f.hat[i] * dgamma[i % c] / n)
    });
    [dz.collect(), dgamma, dbeta]
}

fn random_shape(random: &mut Random) -> BatchNormShape {
    let pool = random.between(1, 3);
    BatchNormShape {
        batch: random.between(1, 9),
        height: random.between(pool.max(2), 15),
        width: random.between(pool.max(2), 15),
        channels: random.between(1, 70),
        pool,
    }
}

#[test]
fn random_shapes_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(10);
        let mut workspace = Workspace::with_arch(arch);
        for index in 0..60 {
            let activation = ACTIVATIONS[index % ACTIVATIONS.len()];
            let shape = random_shape(&mut random);
            let what = format!("{shape:?} {activation:?} {arch:?}");
            let (z, dy) = (random.uniform(shape.input_len()), random.uniform(shape.output_len()));
            let (gamma, beta) = (random.uniform(shape.channels), random.uniform(shape.channels));
            let f = forward(&shape, &widen(&z), &widen(&gamma), &widen(&beta));
            let norm = BatchNorm { gamma: &gamma, beta: &beta, epsilon: EPSILON as f32 };
            let (mut mean, mut variance) = (vec![f32::NAN; shape.channels], vec![f32::NAN; shape.channels]);
            let (mut y, mut argmax) = (vec![f32::NAN; dy.len()], vec![77; dy.len()]);
            let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
            batch_norm_forward(&mut workspace, &shape, &z, &norm, activation, statistics, &mut y, &mut argmax);
            assert_close(&mean, &f.mean, ROUNDING, &what);
            assert_close(&variance, &f.variance, ROUNDING, &what);
            let expected: Vec<f64> = f.pooled.iter().map(|value| activate(activation, *value)).collect();
            assert_close(&y, &expected, CHAIN, &what);

            let mut inferred = vec![f32::NAN; dy.len()];
            batch_norm_inference(&mut workspace, &shape, &z, &norm, &mean, &variance, activation, &mut inferred);
            assert_eq!(inferred, y, "{what}");

            let saved = BatchNormSaved {
                z: &z,
                y: &y,
                argmax: &argmax,
                gamma: &gamma,
                epsilon: EPSILON as f32,
                mean: &mean,
                variance: &variance,
            };
            let mut dz = vec![f32::NAN; z.len()];
            let (mut dgamma, mut dbeta) = (vec![f32::NAN; shape.channels], vec![f32::NAN; shape.channels]);
            let gradients = BatchNormGradients { dz: &mut dz, dgamma: &mut dgamma, dbeta: &mut dbeta };
            batch_norm_backward(&mut workspace, &shape, &saved, activation, &dy, gradients);
            let [expected_dz, expected_dgamma, expected_dbeta] =
                backward(&shape, &f, &widen(&gamma), activation, &widen(&dy));
            assert_close(&dgamma, &expected_dgamma, CHAIN, &what);
            assert_close(&dbeta, &expected_dbeta, CHAIN, &what);
            assert_close(&dz, &expected_dz, CHAIN, &what);
        }
    }
}

#[test]
fn of_equal_values_the_first_in_the_window_wins() {
    let shape = BatchNormShape { batch: 2, height: 6, width: 6, channels: 20, pool: 3 };
    let z: Vec<f32> = (0..shape.input_len()).map(|index| if index / 20 % 36 < 18 { 1.0 } else { -1.0 }).collect();
    let (gamma, beta) = (vec![1.0; 20], vec![0.0; 20]);
    let norm = BatchNorm { gamma: &gamma, beta: &beta, epsilon: 1e-5 };
    let (mut mean, mut variance) = (vec![0.0; 20], vec![0.0; 20]);
    let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![77; shape.output_len()]);
    let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
    let mut workspace = Workspace::new();
    batch_norm_forward(&mut workspace, &shape, &z, &norm, Activation::Relu, statistics, &mut y, &mut argmax);
    assert!(argmax.iter().all(|place| *place == 0));
}

#[test]
fn the_variance_of_values_far_from_zero_keeps_its_digits() {
    let shape = BatchNormShape { batch: 50, height: 14, width: 14, channels: 3, pool: 1 };
    let mut random = Random(11);
    let z: Vec<f32> = random.uniform(shape.input_len()).iter().map(|value| value + 1000.0).collect();
    let f = forward(&shape, &widen(&z), &[1.0; 3], &[0.0; 3]);
    let norm = BatchNorm { gamma: &[1.0; 3], beta: &[0.0; 3], epsilon: 1e-5 };
    let (mut mean, mut variance, mut y) = (vec![0.0; 3], vec![0.0; 3], vec![0.0; z.len()]);
    let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
    batch_norm_forward(&mut Workspace::new(), &shape, &z, &norm, Activation::Relu, statistics, &mut y, &mut []);
    assert_close(&variance, &f.variance, CHAIN, "variance");
}

#[test]
fn the_references_gradients_match_finite_differences() {
    let mut random = Random(12);
    let shape = BatchNormShape { batch: 3, height: 5, width: 4, channels: 3, pool: 2 };
    for activation in ACTIVATIONS {
        let mut values: Vec<Vec<f64>> = [shape.input_len(), 3, 3].map(|len| widen(&random.uniform(len))).into();
        let dy = widen(&random.uniform(shape.output_len()));
        let f = forward(&shape, &values[0], &values[1], &values[2]);
        let gradients = backward(&shape, &f, &values[1], activation, &dy);
        let loss = |values: &[Vec<f64>]| -> f64 {
            let f = forward(&shape, &values[0], &values[1], &values[2]);
            f.pooled.iter().zip(&dy).map(|(value, dy)| activate(activation, *value) * dy).sum()
        };
        for (which, gradient) in gradients.iter().enumerate() {
            let size = gradient.iter().fold(1.0, |size: f64, value| size.max(value.abs()));
            for index in 0..gradient.len() {
                let (step, value) = (1e-6, values[which][index]);
                values[which][index] = value + step;
                let above = loss(&values);
                values[which][index] = value - step;
                let below = loss(&values);
                values[which][index] = value;
                let difference = (above - below) / (2.0 * step);
                assert!((difference - gradient[index]).abs() < DIFFERENCES * size, "{activation:?} {which} {index}");
            }
        }
    }
}
