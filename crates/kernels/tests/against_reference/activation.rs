//! Precision of the activations over their whole range, through an identity linear layer.

use kernels::{Activation, LinearShape, Workspace, linear_forward};

use crate::reference::*;

/// Allowed error of an activation relative to its value, in units of single-precision rounding.
const ROUNDINGS: f64 = 5.0;

#[test]
fn every_activation_is_precise_from_tiny_to_huge() {
    for arch in levels() {
        let mut workspace = Workspace::with_arch(arch);
        let x: Vec<f32> = (0..20_000)
            .map(|index| {
                let size = 10f32.powf(index as f32 / 20_000.0 * 12.0 - 10.0);
                if index % 2 == 0 { size } else { -size }
            })
            .chain([0.0, -0.0, 1e10, -1e10, f32::INFINITY, f32::NEG_INFINITY, f32::NAN])
            .collect();
        let shape = LinearShape { batch: x.len(), in_features: 1, out_features: 1 };
        for activation in ACTIVATIONS {
            let mut y = vec![0.0; x.len()];
            linear_forward(&mut workspace, &shape, &x, &[1.0], &[0.0], activation, &mut y);
            for (x, y) in x.iter().zip(y) {
                let expected = activate(activation, f64::from(*x));
                let error = (f64::from(y) - expected).abs();
                // Below the normal range, only the absolute error counts.
                let allowed = ROUNDINGS * f64::from(f32::EPSILON) / 2.0 * expected.abs() + f64::from(f32::MIN_POSITIVE);
                let same = f64::from(y) == expected || y.is_nan() && expected.is_nan();
                let clamped = activation == Activation::Sigmoid && *x < -87.0 && y < 2e-38;
                assert!(same || error <= allowed || clamped, "{activation:?}({x}) = {y}, not {expected} ({arch:?})");
            }
        }
    }
}
