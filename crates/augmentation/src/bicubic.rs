//! Cubic convolution (Keys, 1981) with the constant that PyTorch's `grid_sample` has.

/// Slope of the kernel at 1.
const SLOPE: f32 = -0.75;

/// Weights of the samples at -1, 0, 1 and 2 for a place `fraction` in 0..1 behind the sample at 0; they sum to 1.
#[inline(always)]
pub(super) fn weights(fraction: f32) -> [f32; 4] {
    let (square, cube) = (fraction * fraction, fraction * fraction * fraction);
    [
        SLOPE * (cube - 2.0 * square + fraction),
        (SLOPE + 2.0) * cube - (SLOPE + 3.0) * square + 1.0,
        (2.0 * SLOPE + 3.0) * square - (SLOPE + 2.0) * cube - SLOPE * fraction,
        SLOPE * (square - cube),
    ]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The kernel by its definition, piece by piece.
    pub fn kernel(distance: f64) -> f64 {
        let (slope, t) = (f64::from(SLOPE), distance.abs());
        match t {
            _ if t <= 1.0 => (slope + 2.0) * t.powi(3) - (slope + 3.0) * t.powi(2) + 1.0,
            _ if t < 2.0 => slope * (t.powi(3) - 5.0 * t.powi(2) + 8.0 * t - 4.0),
            _ => 0.0,
        }
    }

    #[test]
    fn weights_are_the_kernel_at_four_distances() {
        for step in 0..100 {
            let fraction = step as f32 / 100.0;
            for (weight, sample) in weights(fraction).into_iter().zip(-1..) {
                let expected = kernel(f64::from(fraction) - f64::from(sample));
                assert!((f64::from(weight) - expected).abs() < 1e-6, "{fraction} {sample}: {weight} {expected}");
            }
        }
    }

    #[test]
    fn a_place_on_a_sample_takes_that_sample_alone() {
        assert_eq!(weights(0.0), [0.0, 1.0, 0.0, 0.0]);
    }
}
