//! The convolution block against the naive reference.

use kernels::{Activation, ConvGradients, ConvSaved, ConvShape, Workspace, convolution_backward, convolution_forward};
use pulp::Arch;

use crate::reference::*;

/// Inputs of one case.
struct Case {
    shape: ConvShape,
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    dy: Vec<f32>,
    activation: Activation,
}

impl Case {
    fn random(random: &mut Random, activation: Activation) -> Self {
        let shape = random.conv_shape();
        Self::of(random, shape, activation)
    }

    fn of(random: &mut Random, shape: ConvShape, activation: Activation) -> Self {
        Self {
            x: random.exact(shape.input_len()),
            weight: random.exact(shape.weight_len()),
            bias: random.exact(shape.out_channels),
            dy: random.exact(shape.output_len()),
            shape,
            activation,
        }
    }

    fn reference(&self) -> (Pooled, Gradients) {
        let (x, weight) = (widen(&self.x), widen(&self.weight));
        let pooled = convolve(&self.shape, &x, &weight, &widen(&self.bias));
        let gradients = convolve_backward(&self.shape, &x, &weight, &pooled, self.activation, &widen(&self.dy));
        (pooled, gradients)
    }
}

/// Outputs of one case.
#[derive(PartialEq, Debug)]
struct Outputs {
    y: Vec<f32>,
    argmax: Vec<u8>,
    dx: Vec<f32>,
    dweight: Vec<f32>,
    dbias: Vec<f32>,
}

fn run(workspace: &mut Workspace, case: &Case) -> Outputs {
    let shape = &case.shape;
    // Stale outputs must not matter.
    let mut out = Outputs {
        y: vec![f32::NAN; shape.output_len()],
        argmax: vec![77; shape.output_len()],
        dx: vec![f32::NAN; shape.input_len()],
        dweight: vec![f32::NAN; shape.weight_len()],
        dbias: vec![f32::NAN; shape.out_channels],
    };
    let Outputs { y, argmax, dx, dweight, dbias } = &mut out;
    convolution_forward(workspace, shape, &case.x, &case.weight, &case.bias, case.activation, y, argmax);
    let saved = ConvSaved { x: &case.x, weight: &case.weight, y, argmax };
    let gradients = ConvGradients { dx: Some(dx), dweight, dbias };
    convolution_backward(workspace, shape, &saved, case.activation, &case.dy, gradients);
    out
}

fn check(workspace: &mut Workspace, arch: Arch, case: &Case) {
    let (pooled, gradients) = case.reference();
    let out = run(workspace, case);
    let what = format!("{:?} {:?} {arch:?}", case.shape, case.activation);
    let tolerance = if is_exact(case.activation) { 0.0 } else { ROUNDING };
    let y: Vec<f64> = pooled.values.iter().map(|z| activate(case.activation, *z)).collect();
    assert_close(&out.y, &y, tolerance, &format!("y {what}"));
    if case.shape.pool > 1 {
        assert_eq!(out.argmax, pooled.places, "argmax {what}");
    }
    assert_close(&out.dbias, &gradients.dbias, tolerance, &format!("dbias {what}"));
    assert_close(&out.dweight, &gradients.dweight, tolerance, &format!("dweight {what}"));
    assert_close(&out.dx, &gradients.dx, tolerance, &format!("dx {what}"));
}

#[test]
fn random_shapes_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(1);
        let mut workspace = Workspace::with_arch(arch);
        for index in 0..120 {
            let case = Case::random(&mut random, ACTIVATIONS[index % ACTIVATIONS.len()]);
            check(&mut workspace, arch, &case);
        }
    }
}

#[test]
fn the_networks_shapes_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(2);
        let mut workspace = Workspace::with_arch(arch);
        for (size, in_channels, out_channels, kernel, padding, pool) in [
            (14, 1, 32, 3, 0, 2),
            (14, 2, 32, 3, 0, 2),
            (6, 32, 64, 3, 1, 2),
            (3, 64, 32, 2, 1, 3),
            (14, 1, 16, 3, 0, 2),
            (6, 16, 32, 3, 0, 2),
            (14, 48, 48, 3, 1, 2),
            (14, 48, 48, 3, 1, 1),
            (7, 96, 96, 3, 1, 1),
            (3, 96, 192, 3, 1, 1),
            (14, 1, 16, 3, 0, 1),
            (12, 16, 24, 3, 0, 1),
            (10, 24, 32, 3, 0, 1),
            (4, 32, 64, 3, 1, 1),
            (4, 64, 80, 3, 0, 1),
            (2, 80, 96, 2, 0, 1),
        ] {
            let batch = 25;
            let shape =
                ConvShape { batch, height: size, width: size, in_channels, out_channels, kernel, padding, pool };
            check(&mut workspace, arch, &Case::of(&mut random, shape, Activation::Relu));
        }
    }
}

/// A 3x3 convolution with enough channels for Winograd convolution, including partial vectors and tiles.
fn winograd_shape(random: &mut Random) -> ConvShape {
    let (padding, pool) = (random.between(0, 2), random.between(1, 2));
    let side = |extra: usize| (2 + pool).saturating_sub(2 * padding).max(1) + extra;
    ConvShape {
        batch: random.between(1, 9),
        height: side(random.between(0, 6)),
        width: side(random.between(0, 6)),
        in_channels: random.between(16, 40),
        out_channels: random.between(16, 70),
        kernel: 3,
        padding,
        pool,
    }
}

#[test]
fn three_by_three_kernels_of_many_channels_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(7);
        let mut workspace = Workspace::with_arch(arch);
        for index in 0..40 {
            let shape = winograd_shape(&mut random);
            check(&mut workspace, arch, &Case::of(&mut random, shape, ACTIVATIONS[index % ACTIVATIONS.len()]));
        }
    }
}

/// Error of outputs with inputs and weights in -1..1, relative to the largest output.
const WINOGRAD_ROUNDING: f64 = 2e-6;

#[test]
fn winograds_way_rounds_no_worse_than_float32_sums() {
    for arch in levels() {
        let mut random = Random(8);
        for _ in 0..20 {
            let shape = ConvShape { pool: 1, ..winograd_shape(&mut random) };
            let mut case = Case::of(&mut random, shape, Activation::Identity);
            (case.x, case.weight) = (random.uniform(case.x.len()), random.uniform(case.weight.len()));
            let (pooled, _) = case.reference();
            let out = run(&mut Workspace::with_arch(arch), &case);
            assert_close(&out.y, &pooled.values, WINOGRAD_ROUNDING, &format!("{shape:?} {arch:?}"));
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bits_in_a_used_and_a_new_workspace() {
    let mut random = Random(3);
    let mut used = Workspace::new();
    for activation in ACTIVATIONS {
        let mut case = Case::random(&mut random, activation);
        case.x = random.uniform(case.x.len());
        case.weight = random.uniform(case.weight.len());
        let first = run(&mut used, &case);
        assert_eq!(first, run(&mut used, &case));
        assert_eq!(first, run(&mut Workspace::new(), &case));
    }
}

#[test]
fn the_weight_gradient_does_not_depend_on_whether_the_input_gradient_is_wanted() {
    let mut random = Random(4);
    for _ in 0..20 {
        let case = Case::random(&mut random, Activation::Relu);
        let out = run(&mut Workspace::new(), &case);
        let (mut dweight, mut dbias) = (vec![0.0; out.dweight.len()], vec![0.0; out.dbias.len()]);
        let saved = ConvSaved { x: &case.x, weight: &case.weight, y: &out.y, argmax: &out.argmax };
        let gradients = ConvGradients { dx: None, dweight: &mut dweight, dbias: &mut dbias };
        convolution_backward(&mut Workspace::new(), &case.shape, &saved, case.activation, &case.dy, gradients);
        assert_eq!((dweight, dbias), (out.dweight, out.dbias));
    }
}

#[test]
fn a_nan_reaches_every_output_whose_window_sees_it() {
    for arch in levels() {
        let mut random = Random(5);
        for index in 0..30 {
            let mut case = Case::random(&mut random, ACTIVATIONS[index % ACTIVATIONS.len()]);
            let place = random.between(0, case.x.len() - 1);
            case.x[place] = f32::NAN;
            let (pooled, _) = case.reference();
            let out = run(&mut Workspace::with_arch(arch), &case);
            for (y, expected) in out.y.iter().zip(&pooled.values) {
                assert_eq!(y.is_nan(), expected.is_nan(), "{:?} {:?}", case.shape, case.activation);
            }
            if case.shape.pool > 1 {
                assert_eq!(out.argmax, pooled.places);
            }
        }
    }
}

/// Error of central differences in double precision, relative to the largest gradient.
const DIFFERENCES: f64 = 1e-6;

#[test]
fn the_references_gradients_match_finite_differences() {
    let mut random = Random(6);
    let shape =
        ConvShape { batch: 2, height: 5, width: 6, in_channels: 3, out_channels: 4, kernel: 3, padding: 1, pool: 2 };
    for activation in ACTIVATIONS {
        let mut values: Vec<Vec<f64>> =
            [shape.input_len(), shape.weight_len(), shape.out_channels].map(|len| widen(&random.uniform(len))).into();
        let dy = widen(&random.uniform(shape.output_len()));
        let pooled = convolve(&shape, &values[0], &values[1], &values[2]);
        let g = convolve_backward(&shape, &values[0], &values[1], &pooled, activation, &dy);
        let loss = |values: &[Vec<f64>]| -> f64 {
            let pooled = convolve(&shape, &values[0], &values[1], &values[2]);
            pooled.values.iter().zip(&dy).map(|(z, dy)| activate(activation, *z) * dy).sum()
        };
        for (which, gradient) in [g.dx, g.dweight, g.dbias].iter().enumerate() {
            let size = gradient.iter().fold(1.0, |size: f64, value| size.max(value.abs()));
            for index in 0..gradient.len() {
                let step = 1e-6;
                let value = values[which][index];
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
