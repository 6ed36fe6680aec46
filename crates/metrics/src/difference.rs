//! The difference of two means and its significance.

use statrs::distribution::ContinuousCDF;

use crate::Summary;
use crate::summary::{critical, student};

/// How two samples are paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Each measurement has a partner in the other sample: paired t-test.
    Paired,
    /// The samples are independent: Welch's t-test, which allows unequal variances.
    Unpaired,
}

/// The difference of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// First mean minus second mean.
    pub estimate: f64,
    /// Standard error of the estimate.
    pub standard_error: f64,
    /// 95 % confidence interval of the difference.
    pub interval: [f64; 2],
    /// Two-sided p-value under the hypothesis of no difference.
    pub p: f64,
    /// Number of measurements in each sample.
    pub n: [usize; 2],
    /// The test used.
    pub pairing: Pairing,
}

/// Welch's t-test of `first` against `second`; `None` unless both have two measurements.
///
/// ```
/// let difference = metrics::welch(&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0]).expect("both have two measurements");
/// assert_eq!(difference.estimate, 4.0);
/// assert!(difference.p < 0.01);
/// ```
pub fn welch(first: &[f64], second: &[f64]) -> Option<Difference> {
    let (a, b) = (Summary::of(first)?, Summary::of(second)?);
    if a.n < 2 || b.n < 2 {
        return None;
    }
    let [u, v] = [a.standard_error().powi(2), b.standard_error().powi(2)];
    let freedom = (u + v).powi(2) / (u * u / (a.n - 1) as f64 + v * v / (b.n - 1) as f64);
    let n = [a.n, b.n];
    Some(tested(a.mean - b.mean, (u + v).sqrt(), freedom, n, Pairing::Unpaired))
}

/// Paired t-test; `None` with fewer than two pairs.
///
/// ```
/// let pairs = [[91.0, 90.0], [88.0, 87.5], [93.0, 91.5]]; // two networks on the same three seeds
/// let difference = metrics::paired(&pairs).expect("there are two pairs");
/// assert_eq!(difference.estimate, 1.0);
/// assert!(difference.interval[0] < 0.0); // three pairs do not rule out chance
/// ```
pub fn paired(pairs: &[[f64; 2]]) -> Option<Difference> {
    let differences: Vec<f64> = pairs.iter().map(|[first, second]| first - second).collect();
    let summary = Summary::of(&differences).filter(|summary| summary.n >= 2)?;
    let n = [summary.n; 2];
    Some(tested(summary.mean, summary.standard_error(), (summary.n - 1) as f64, n, Pairing::Paired))
}

/// Without any variance the p-value is 0, or 1 if the means are equal.
fn tested(estimate: f64, standard_error: f64, freedom: f64, n: [usize; 2], pairing: Pairing) -> Difference {
    if standard_error == 0.0 {
        let p = if estimate == 0.0 { 1.0 } else { 0.0 };
        return Difference { estimate, standard_error, interval: [estimate; 2], p, n, pairing };
    }
    let t = (estimate / standard_error).abs();
    let margin = critical(freedom) * standard_error;
    let p = (2.0 * student(freedom).sf(t)).min(1.0);
    Difference { estimate, standard_error, interval: [estimate - margin, estimate + margin], p, n, pairing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [f64; 6] = [80.69, 81.40, 79.90, 81.20, 82.05, 80.11];

    fn assert_close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-8, "{found} is not {wanted}");
    }

    /// R 4.2: `t.test(c(80.69, 81.40, 79.90, 81.20, 82.05, 80.11), c(77.1, 81.0, 79.2, 76.5, 80.3))`, its estimates,
    /// `$stderr`, `$conf.int` and `$p.value`.
    #[test]
    fn welch_s_test_is_that_of_r() {
        let difference = welch(&FIRST, &[77.1, 81.0, 79.2, 76.5, 80.3]).unwrap();
        assert_close(difference.estimate, 80.891_666_666_666_7 - 78.82);
        assert_close(difference.standard_error, 0.939_366_512_307_334);
        assert_close(difference.interval[0], -0.322_214_020_350_761);
        assert_close(difference.interval[1], 4.465_547_353_684_106);
        assert_close(difference.p, 0.076_998_575_659_081_4);
        assert_eq!((difference.n, difference.pairing), ([6, 5], Pairing::Unpaired));
    }

    /// R 4.2: the same first sample, `t.test(a, c(79.9, 81.0, 79.2, 80.5, 81.3, 78.8), paired = TRUE)`.
    #[test]
    fn the_paired_test_is_that_of_r() {
        let second = [79.9, 81.0, 79.2, 80.5, 81.3, 78.8];
        let pairs: Vec<[f64; 2]> = FIRST.into_iter().zip(second).map(|(a, b)| [a, b]).collect();
        let difference = paired(&pairs).unwrap();
        assert_close(difference.estimate, 0.775);
        assert_close(difference.standard_error, 0.120_961_426_358_434);
        assert_close(difference.interval[0], 0.464_058_754_590_348);
        assert_close(difference.interval[1], 1.085_941_245_409_649);
        assert_close(difference.p, 0.001_373_626_239_621_52);
    }

    #[test]
    fn samples_without_spread_differ_for_certain_or_not_at_all() {
        assert_eq!(welch(&[1.0, 1.0], &[1.0, 1.0]).unwrap().p, 1.0);
        assert_eq!(welch(&[2.0, 2.0], &[1.0, 1.0]).unwrap().p, 0.0);
    }

    #[test]
    fn a_single_measurement_is_not_compared() {
        assert_eq!(welch(&[1.0], &[2.0, 3.0]), None);
        assert_eq!(paired(&[[1.0, 2.0]]), None);
    }
}
