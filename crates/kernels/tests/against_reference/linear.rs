//! The linear layer and Adam against naive references.

use kernels::{Adam, LinearGradients, LinearSaved, LinearShape, Workspace, adam_step, linear_backward, linear_forward};

use crate::reference::*;

/// Outputs of the reference: pre-activations, then the gradients of input, weight and bias.
fn linear(s: &LinearShape, x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut z = Vec::new();
    for row in x.chunks(s.in_features) {
        for (weight, bias) in weight.chunks(s.in_features).zip(bias) {
            z.push(bias + row.iter().zip(weight).map(|(x, w)| x * w).sum::<f64>());
        }
    }
    z
}

fn linear_gradients(s: &LinearShape, x: &[f64], weight: &[f64], dz: &[f64]) -> [Vec<f64>; 3] {
    let (mut dx, mut dweight) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    let mut dbias = vec![0.0; s.out_features];
    for (index, dz) in dz.iter().enumerate() {
        let (row, out) = (index / s.out_features, index % s.out_features);
        dbias[out] += dz;
        for feature in 0..s.in_features {
            dx[row * s.in_features + feature] += dz * weight[out * s.in_features + feature];
            dweight[out * s.in_features + feature] += dz * x[row * s.in_features + feature];
        }
    }
    [dx, dweight, dbias]
}

#[test]
fn random_shapes_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(20);
        let mut workspace = Workspace::with_arch(arch);
        for index in 0..150 {
            let activation = ACTIVATIONS[index % ACTIVATIONS.len()];
            let shape = LinearShape {
                batch: random.between(1, 40),
                in_features: random.between(1, 200),
                out_features: random.between(1, if index % 2 == 0 { 5 } else { 90 }),
            };
            let what = format!("{shape:?} {activation:?} {arch:?}");
            let tolerance = if is_exact(activation) { 0.0 } else { ROUNDING };
            let (x, weight) = (random.exact(shape.input_len()), random.exact(shape.weight_len()));
            let (bias, dy) = (random.exact(shape.out_features), random.exact(shape.output_len()));
            let z = linear(&shape, &widen(&x), &widen(&weight), &widen(&bias));
            let mut y = vec![f32::NAN; dy.len()];
            linear_forward(&mut workspace, &shape, &x, &weight, &bias, activation, &mut y);
            let expected: Vec<f64> = z.iter().map(|z| activate(activation, *z)).collect();
            assert_close(&y, &expected, tolerance, &what);

            let dz: Vec<f64> = z.iter().zip(&dy).map(|(z, dy)| slope(activation, *z) * f64::from(*dy)).collect();
            let expected = linear_gradients(&shape, &widen(&x), &widen(&weight), &dz);
            let mut dx = vec![f32::NAN; x.len()];
            let (mut dweight, mut dbias) = (vec![f32::NAN; weight.len()], vec![f32::NAN; bias.len()]);
            let gradients = LinearGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
            let saved = LinearSaved { x: &x, weight: &weight, y: &y };
            linear_backward(&mut workspace, &shape, &saved, activation, &dy, gradients);
            for (actual, expected) in [dx, dweight, dbias].iter().zip(&expected) {
                assert_close(actual, expected, tolerance, &what);
            }
        }
    }
}

/// Error of Adam's single-precision steps against double precision, in units of the parameters.
const ADAM: f64 = 2e-6;

#[test]
fn adam_follows_its_formula_for_many_steps() {
    let mut random = Random(21);
    let adam = Adam { learning_rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut parameters = random.uniform(1003);
    let (mut means, mut squares) = (vec![0.0; 1003], vec![0.0; 1003]);
    let mut expected = widen(&parameters);
    let (mut expected_means, mut expected_squares) = (vec![0.0; 1003], vec![0.0; 1003]);
    for step in 1..=20 {
        let gradients = random.uniform(1003);
        adam_step(&mut parameters, &gradients, &mut means, &mut squares, &adam, step);
        for (index, gradient) in gradients.iter().map(|gradient| f64::from(*gradient)).enumerate() {
            let (mean, square) = (&mut expected_means[index], &mut expected_squares[index]);
            *mean = adam.beta1 * *mean + (1.0 - adam.beta1) * gradient;
            *square = adam.beta2 * *square + (1.0 - adam.beta2) * gradient * gradient;
            let mean = *mean / (1.0 - adam.beta1.powf(step as f64));
            let square = *square / (1.0 - adam.beta2.powf(step as f64));
            expected[index] -= adam.learning_rate * mean / (square.sqrt() + adam.epsilon);
        }
    }
    assert_close(&parameters, &expected, ADAM, "parameters after 20 steps");
}
