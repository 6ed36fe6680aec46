//! Depthwise convolution against naive loops in double precision.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kernels::{
    Activation, DepthwiseGradients, DepthwiseSaved, DepthwiseShape, Workspace, depthwise_backward, depthwise_forward,
};

use crate::reference::*;

/// Calls `visit(output index, input index, weight index)` for every product.
fn for_products(s: &DepthwiseShape, mut visit: impl FnMut(usize, usize, usize)) {
    let (height, width) = (s.out_height(), s.out_width());
    for index in 0..s.output_len() {
        let (position, channel) = (index / s.channels, index % s.channels);
        let (image, y, x) = (position / (height * width), position / width % height, position % width);
        for tap in 0..s.kernel * s.kernel {
            let row = (y * s.stride + tap / s.kernel).wrapping_sub(s.padding);
            let column = (x * s.stride + tap % s.kernel).wrapping_sub(s.padding);
            if row < s.height && column < s.width {
                let pixel = (image * s.height + row) * s.width + column;
                visit(index, pixel * s.channels + channel, channel * s.kernel * s.kernel + tap);
            }
        }
    }
}

fn convolve(s: &DepthwiseShape, x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut z: Vec<f64> = (0..s.output_len()).map(|index| bias[index % s.channels]).collect();
    for_products(s, |output, input, tap| z[output] += x[input] * weight[tap]);
    z
}

/// The gradients of input, weight and bias.
fn gradients(s: &DepthwiseShape, x: &[f64], weight: &[f64], dz: &[f64]) -> [Vec<f64>; 3] {
    let mut found = [vec![0.0; x.len()], vec![0.0; weight.len()], vec![0.0; s.channels]];
    for_products(s, |output, input, tap| {
        found[0][input] += dz[output] * weight[tap];
        found[1][tap] += dz[output] * x[input];
    });
    dz.iter().enumerate().for_each(|(index, dz)| found[2][index % s.channels] += dz);
    found
}

fn random_shape(random: &mut Random) -> DepthwiseShape {
    loop {
        let shape = DepthwiseShape {
            batch: random.between(0, 4),
            height: random.between(1, 12),
            width: random.between(1, 12),
            channels: random.between(1, 70),
            kernel: random.between(1, 5),
            padding: random.between(0, 3),
            stride: random.between(1, 3),
        };
        if shape.out_height() > 0 && shape.out_width() > 0 {
            return shape;
        }
    }
}

#[test]
fn random_shapes_match_the_reference_at_every_simd_level() {
    for arch in levels() {
        let mut random = Random(40);
        let mut workspace = Workspace::with_arch(arch);
        for index in 0..120 {
            let activation = ACTIVATIONS[index % ACTIVATIONS.len()];
            let shape = random_shape(&mut random);
            let what = format!("{shape:?} {activation:?} {arch:?}");
            let tolerance = if is_exact(activation) { 0.0 } else { ROUNDING };
            let (x, weight) = (random.exact(shape.input_len()), random.exact(shape.weight_len()));
            let (bias, dy) = (random.exact(shape.channels), random.exact(shape.output_len()));
            let z = convolve(&shape, &widen(&x), &widen(&weight), &widen(&bias));
            let mut y = vec![f32::NAN; dy.len()];
            depthwise_forward(&mut workspace, &shape, &x, &weight, &bias, activation, &mut y);
            let expected: Vec<f64> = z.iter().map(|z| activate(activation, *z)).collect();
            assert_close(&y, &expected, tolerance, &what);

            let dz: Vec<f64> = z.iter().zip(&dy).map(|(z, dy)| slope(activation, *z) * f64::from(*dy)).collect();
            let expected = gradients(&shape, &widen(&x), &widen(&weight), &dz);
            let mut dx = vec![f32::NAN; x.len()];
            let (mut dweight, mut dbias) = (vec![f32::NAN; weight.len()], vec![f32::NAN; bias.len()]);
            let saved = DepthwiseSaved { x: &x, weight: &weight, y: &y };
            let wanted = DepthwiseGradients { dx: Some(&mut dx), dweight: &mut dweight, dbias: &mut dbias };
            depthwise_backward(&mut workspace, &shape, &saved, activation, &dy, wanted);
            for (actual, expected) in [dx, dweight, dbias].iter().zip(&expected) {
                assert_close(actual, expected, tolerance, &what);
            }
        }
    }
}

#[test]
fn shapes_that_cannot_be_computed_are_refused() {
    let least = DepthwiseShape { batch: 1, height: 1, width: 1, channels: 1, kernel: 1, padding: 0, stride: 1 };
    let refused = |shape: DepthwiseShape| {
        let work = || {
            let (activation, mut y) = (Activation::Relu, [0.0]);
            depthwise_forward(&mut Workspace::new(), &shape, &[1.0], &[1.0], &[0.0], activation, &mut y);
        };
        catch_unwind(AssertUnwindSafe(work)).is_err()
    };
    assert!(!refused(least));
    for huge in [1 << (usize::BITS - 2), 1 << (usize::BITS / 2), usize::MAX] {
        for shape in [
            DepthwiseShape { batch: huge, ..least },
            DepthwiseShape { height: huge, ..least },
            DepthwiseShape { width: huge, height: huge, ..least },
            DepthwiseShape { channels: huge, ..least },
            DepthwiseShape { kernel: huge, ..least },
            DepthwiseShape { padding: huge, ..least },
            DepthwiseShape { kernel: huge, padding: huge, ..least },
        ] {
            assert!(refused(shape), "{shape:?}");
        }
    }
    let zeros = [
        DepthwiseShape { channels: 0, ..least },
        DepthwiseShape { kernel: 0, ..least },
        DepthwiseShape { stride: 0, ..least },
        DepthwiseShape { kernel: 2, ..least },
    ];
    assert!(zeros.into_iter().all(refused));
}
