//! Every safe function is sound for every input: shapes whose lengths overflow are refused with a panic, and the least and
//! oddest shapes match the naive reference.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use kernels::*;

use crate::reference::*;

/// The message of the panic that `work` ends in.
fn refusal(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("the call was not refused");
    panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| text.to_string())).unwrap()
}

const CONVOLUTION: ConvShape =
    ConvShape { batch: 1, height: 3, width: 3, in_channels: 1, out_channels: 1, kernel: 2, padding: 0, pool: 1 };

/// Sizes that wrap to small lengths, alone or squared.
const HUGE: [usize; 5] =
    [1 << (usize::BITS - 2), 1 << (usize::BITS / 2), 1 << (usize::BITS - 1), usize::MAX, usize::MAX / 3];

#[test]
fn a_linear_layer_whose_lengths_wrap_to_those_of_its_slices_is_refused() {
    let features = 4;
    let shape = LinearShape { batch: 1 << (usize::BITS - 2), in_features: features, out_features: features };
    let (mut y, weight, bias) = ([], [0.5; 16], [0.5; 4]);
    let message = refusal(|| {
        linear_forward(&mut Workspace::new(), &shape, &[], &weight, &bias, Activation::Relu, &mut y);
    });
    assert!(message.contains("the shape does not fit in memory"), "{message}");
    let (mut dweight, mut dbias) = ([0.0; 16], [0.0; 4]);
    let message = refusal(|| {
        let gradients = LinearGradients { dx: None, dweight: &mut dweight, dbias: &mut dbias };
        let saved = LinearSaved { x: &[], weight: &weight, y: &[] };
        linear_backward(&mut Workspace::new(), &shape, &saved, Activation::Identity, &[], gradients);
    });
    assert!(message.contains("the shape does not fit in memory"), "{message}");
}

#[test]
fn a_convolution_of_any_huge_size_is_refused() {
    for huge in HUGE {
        for shape in [
            ConvShape { batch: huge, ..CONVOLUTION },
            ConvShape { height: huge, ..CONVOLUTION },
            ConvShape { width: huge, ..CONVOLUTION },
            ConvShape { in_channels: huge, ..CONVOLUTION },
            ConvShape { out_channels: huge, ..CONVOLUTION },
            ConvShape { kernel: huge, ..CONVOLUTION },
            ConvShape { padding: huge, ..CONVOLUTION },
            ConvShape { kernel: huge, padding: huge, ..CONVOLUTION },
            ConvShape { pool: huge, ..CONVOLUTION },
        ] {
            let (mut y, mut argmax) = ([0.0; 4], [0; 4]);
            let (mut dweight, mut dbias) = ([0.0; 4], [0.0; 1]);
            refusal(|| {
                let (workspace, activation) = (&mut Workspace::new(), Activation::Relu);
                convolution_forward(workspace, &shape, &[1.0; 9], &[1.0; 4], &[0.0], activation, &mut y, &mut argmax);
            });
            refusal(|| {
                let gradients = ConvGradients { dx: None, dweight: &mut dweight, dbias: &mut dbias };
                let saved = ConvSaved { x: &[1.0; 9], weight: &[1.0; 4], y: &[1.0; 4], argmax: &[0; 4] };
                convolution_backward(&mut Workspace::new(), &shape, &saved, Activation::Relu, &[1.0; 4], gradients);
            });
        }
        let mut prepared = PreparedConvolution::new(&CONVOLUTION, &[1.0; 4], &[0.0], Activation::Relu);
        refusal(|| prepared.forward(&mut Workspace::new(), huge, &[], &mut []));
    }
}

#[test]
fn a_batch_normalisation_of_any_huge_size_is_refused() {
    let least = BatchNormShape { batch: 1, height: 1, width: 1, channels: 1, pool: 1 };
    for huge in HUGE {
        for shape in [
            BatchNormShape { batch: huge, ..least },
            BatchNormShape { height: huge, width: huge, ..least },
            BatchNormShape { channels: huge, batch: 0, ..least },
            BatchNormShape { channels: huge, ..least },
            BatchNormShape { pool: huge, ..least },
        ] {
            let (mut mean, mut variance, mut y) = ([0.0], [0.0], [0.0]);
            refusal(|| {
                let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
                let norm = BatchNorm { gamma: &[1.0], beta: &[0.0], epsilon: 1e-5 };
                let workspace = &mut Workspace::new();
                batch_norm_forward(workspace, &shape, &[1.0], &norm, Activation::Relu, statistics, &mut y, &mut []);
            });
        }
    }
}

/// Forward and backward beside the reference, places of the maxima and all.
fn compare(arch: pulp::Arch, random: &mut Random, shape: ConvShape, activation: Activation) {
    let what = format!("{shape:?} {activation:?} {arch:?}");
    let (x, weight) = (random.exact(shape.input_len()), random.exact(shape.weight_len()));
    let (bias, dy) = (random.exact(shape.out_channels), random.exact(shape.output_len()));
    let pooled = convolve(&shape, &widen(&x), &widen(&weight), &widen(&bias));
    let expected = convolve_backward(&shape, &widen(&x), &widen(&weight), &pooled, activation, &widen(&dy));
    let (mut y, mut argmax) = (vec![f32::NAN; dy.len()], vec![77; dy.len()]);
    let workspace = &mut Workspace::with_arch(arch);
    convolution_forward(workspace, &shape, &x, &weight, &bias, activation, &mut y, &mut argmax);
    let outputs: Vec<f64> = pooled.values.iter().map(|z| activate(activation, *z)).collect();
    assert_close(&y, &outputs, 0.0, &format!("y {what}"));
    assert!(shape.pool == 1 || argmax == pooled.places, "argmax {what}");
    let (mut dx, mut dweight, mut dbias) =
        (vec![f32::NAN; x.len()], vec![f32::NAN; weight.len()], vec![f32::NAN; bias.len()]);
    let saved = ConvSaved { x: &x, weight: &weight, y: &y, argmax: &argmax };
    let gradients = ConvGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
    convolution_backward(workspace, &shape, &saved, activation, &dy, gradients);
    assert_close(&dx, &expected.dx, 0.0, &format!("dx {what}"));
    assert_close(&dweight, &expected.dweight, 0.0, &format!("dweight {what}"));
    assert_close(&dbias, &expected.dbias, 0.0, &format!("dbias {what}"));
}

/// Draws shapes until one fits.
fn fitting(mut draw: impl FnMut() -> ConvShape) -> ConvShape {
    loop {
        let shape = draw();
        if shape.out_height() > 0 && shape.out_width() > 0 {
            return shape;
        }
    }
}

#[test]
fn wide_windows_and_images_of_one_pixel_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(31);
        for index in 0..60 {
            let shape = fitting(|| ConvShape {
                batch: random.between(1, 3),
                height: random.between(1, 18),
                width: random.between(1, 18),
                in_channels: random.between(1, 20),
                out_channels: random.between(1, 20),
                kernel: random.between(1, 4),
                padding: random.between(0, 3),
                pool: random.between(if index % 2 == 0 { 4 } else { 1 }, 15),
            });
            compare(arch, &mut random, shape, [Activation::Relu, Activation::Identity][index % 2]);
            let side = ConvShape { height: 1, width: 1, kernel: 1, padding: 0, pool: 1, ..shape };
            compare(arch, &mut random, side, Activation::Relu);
        }
    }
}

#[test]
fn more_channels_than_two_masks_hold_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(32);
        for (in_channels, out_channels, kernel, pool) in
            [(1, 129, 3, 2), (3, 200, 2, 3), (130, 5, 1, 2), (129, 131, 3, 1), (17, 193, 3, 2), (1, 128, 3, 2)]
        {
            let padding = random.between(0, 1);
            let shape = ConvShape { batch: 2, height: 6, width: 5, in_channels, out_channels, kernel, padding, pool };
            compare(arch, &mut random, shape, Activation::Relu);
        }
    }
}

#[test]
fn an_empty_batch_gives_no_outputs_and_gradients_of_zero() {
    for arch in levels() {
        let mut random = Random(33);
        for pool in [1, 2] {
            for (in_channels, out_channels) in [(1, 32), (32, 32)] {
                let size = ConvShape { in_channels, out_channels, kernel: 3, height: 8, width: 8, pool, ..CONVOLUTION };
                compare(arch, &mut random, ConvShape { batch: 0, ..size }, Activation::Relu);
            }
        }
        for outputs in [1, 9] {
            let shape = LinearShape { batch: 0, in_features: 3, out_features: outputs };
            let weight = random.exact(shape.weight_len());
            let (mut dweight, mut dbias) = (vec![f32::NAN; weight.len()], vec![f32::NAN; outputs]);
            let workspace = &mut Workspace::with_arch(arch);
            linear_forward(workspace, &shape, &[], &weight, &dbias, Activation::Tanh, &mut []);
            let gradients = LinearGradients { dx: Some(&mut []), dweight: &mut dweight, dbias: &mut dbias };
            let saved = LinearSaved { x: &[], weight: &weight, y: &[] };
            linear_backward(workspace, &shape, &saved, Activation::Tanh, &[], gradients);
            assert!(dweight.iter().chain(&dbias).all(|value| *value == 0.0));
        }
    }
}

#[test]
fn a_window_whose_places_are_out_of_its_bounds_reads_and_writes_nothing_outside() {
    for arch in levels() {
        let mut random = Random(34);
        for (in_channels, out_channels) in [(1, 130), (20, 20)] {
            let shape = ConvShape { height: 9, width: 9, in_channels, out_channels, kernel: 3, pool: 2, ..CONVOLUTION };
            let (x, weight) = (random.exact(shape.input_len()), random.exact(shape.weight_len()));
            let dy = vec![1.0; shape.output_len()];
            let (mut dx, mut dweight, mut dbias) = (x.clone(), weight.clone(), vec![0.0; out_channels]);
            let saved = ConvSaved { x: &x, weight: &weight, y: &dy, argmax: &vec![u8::MAX; dy.len()] };
            let gradients = ConvGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
            convolution_backward(&mut Workspace::with_arch(arch), &shape, &saved, Activation::Relu, &dy, gradients);
            assert!(dx.iter().chain(&dweight).all(|value| *value == 0.0));
        }
    }
}

#[test]
fn no_gradient_that_is_not_finite_is_lost() {
    for arch in levels() {
        let mut random = Random(35);
        for index in 0..60 {
            let shape = ConvShape { padding: 0, ..random.conv_shape() };
            if shape.out_height() == 0 || shape.out_width() == 0 {
                continue;
            }
            let activation = [Activation::Relu, Activation::Identity, Activation::Tanh][index % 3];
            let (x, weight) = (random.uniform(shape.input_len()), random.uniform(shape.weight_len()));
            let (bias, mut dy) = (random.uniform(shape.out_channels), random.exact(shape.output_len()));
            let place = random.between(0, dy.len() - 1);
            dy[place] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][random.between(0, 2)];
            let (mut y, mut argmax) = (vec![0.0; dy.len()], vec![0; dy.len()]);
            let workspace = &mut Workspace::with_arch(arch);
            convolution_forward(workspace, &shape, &x, &weight, &bias, activation, &mut y, &mut argmax);
            let (mut dx, mut dweight, mut dbias) = (x.clone(), weight.clone(), bias.clone());
            let saved = ConvSaved { x: &x, weight: &weight, y: &y, argmax: &argmax };
            let gradients = ConvGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
            convolution_backward(workspace, &shape, &saved, activation, &dy, gradients);
            // The kernel's own maxima and activations decide which gradients reach anything.
            let values =
                y.iter().map(|y| if activation == Activation::Tanh { f64::from(*y).atanh() } else { f64::from(*y) });
            let pooled = Pooled { values: values.collect(), places: argmax.clone() };
            let expected = convolve_backward(
                &shape,
                &widen(&x),
                &widen(&weight),
                &pooled,
                activation,
                &masked(activation, &y, &dy),
            );
            for (actual, expected) in [(&dx, &expected.dx), (&dweight, &expected.dweight), (&dbias, &expected.dbias)] {
                for (actual, expected) in actual.iter().zip(expected) {
                    assert!(expected.is_finite() || !actual.is_finite(), "{shape:?} {activation:?} {arch:?}");
                }
            }
        }
    }
}

/// The gradient that ReLU stops is 0, also where it was not finite: `0 * NaN` in the reference would be NaN.
fn masked(activation: Activation, y: &[f32], dy: &[f32]) -> Vec<f64> {
    let stops = |y: f32| activation == Activation::Relu && y <= 0.0;
    y.iter().zip(dy).map(|(y, dy)| if stops(*y) { 0.0 } else { f64::from(*dy) }).collect()
}

#[test]
fn batch_normalisations_of_wide_windows_keep_a_gradient_that_is_not_finite() {
    for arch in levels() {
        let mut random = Random(36);
        for pool in 4..=15 {
            let channels = random.between(1, 150);
            let shape = BatchNormShape { batch: 2, height: pool + 1, width: 2 * pool, channels, pool };
            let (z, gamma) = (random.uniform(shape.input_len()), vec![1.0; channels]);
            let norm = BatchNorm { gamma: &gamma, beta: &vec![0.0; channels], epsilon: 1e-5 };
            let (mut mean, mut variance) = (vec![0.0; channels], vec![0.0; channels]);
            let (mut y, mut argmax) = (vec![0.0; shape.output_len()], vec![0; shape.output_len()]);
            let statistics = ChannelStatistics { mean: &mut mean, variance: &mut variance };
            let (workspace, activation) = (&mut Workspace::with_arch(arch), Activation::Identity);
            batch_norm_forward(workspace, &shape, &z, &norm, activation, statistics, &mut y, &mut argmax);
            for (position, place) in argmax.iter().enumerate() {
                let (channel, position) = (position % channels, position / channels);
                let (image, window) = (position / 2, position % 2);
                let value = |place: usize| {
                    let row = image * (pool + 1) + place / pool;
                    z[(row * 2 * pool + window * pool + place % pool) * channels + channel]
                };
                let most = (0..pool * pool).map(value).fold(f32::NEG_INFINITY, f32::max);
                assert_eq!(value(usize::from(*place)), most, "{shape:?} {arch:?}");
            }
            let mut dy = vec![1.0; y.len()];
            dy[channels - 1] = f32::NAN;
            let (mut dz, mut dgamma, mut dbeta) = (z.clone(), gamma.clone(), gamma.clone());
            let gradients = BatchNormGradients { dz: &mut dz, dgamma: &mut dgamma, dbeta: &mut dbeta };
            let (mean, variance) = (&mean, &variance);
            let saved = BatchNormSaved { z: &z, y: &y, argmax: &argmax, gamma: &gamma, epsilon: 1e-5, mean, variance };
            batch_norm_backward(workspace, &shape, &saved, activation, &dy, gradients);
            for (index, value) in dz.iter().enumerate() {
                assert_eq!(value.is_nan(), index % channels == channels - 1, "{shape:?} {arch:?}");
            }
            assert!(dgamma[channels - 1].is_nan() && dbeta[channels - 1].is_nan());
        }
    }
}

#[test]
fn adam_says_that_a_parameter_is_lost_wherever_the_gradient_is_not_finite() {
    let adam = Adam { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    for len in [1, 15, 16, 33] {
        for place in 0..len {
            let (mut parameters, mut gradients) = (vec![1.0; len], vec![0.5; len]);
            let (mut means, mut squares) = (vec![0.0; len], vec![0.0; len]);
            gradients[place] = f32::NAN;
            assert!(!adam_step(&mut parameters, &gradients, &mut means, &mut squares, &adam, 1));
        }
    }
    assert!(adam_step(&mut [], &[], &mut [], &mut [], &adam, 1));
}
