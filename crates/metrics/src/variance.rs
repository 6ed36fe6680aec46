//! Whether two standard deviations differ.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// Two-sided F-test of two standard deviations, each with its number of measurements: the p-value under the hypothesis
/// that both samples have one variance. `None` with fewer than two measurements, or without any spread.
///
/// ```
/// let p = metrics::same_variance_p((0.77, 10), (1.5, 10)).expect("both have spread");
/// assert!(p > 0.05 && p < 0.1); // ten rounds each do not tell 0.77 from 1.5
/// ```
pub fn same_variance_p((first, n): (f64, usize), (second, m): (f64, usize)) -> Option<f64> {
    if n < 2 || m < 2 || first <= 0.0 || second <= 0.0 {
        return None;
    }
    let f = FisherSnedecor::new((n - 1) as f64, (m - 1) as f64).ok()?;
    let ratio = (first / second).powi(2);
    Some((2.0 * f.cdf(ratio).min(f.sf(ratio))).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SciPy 1.17: `2 * min(f.cdf(r, n - 1, m - 1), f.sf(r, n - 1, m - 1))`, `r` the ratio of variances.
    #[test]
    fn the_test_is_that_of_scipy() {
        for (first, second, p) in
            [((0.77, 10), (1.5, 10), 0.059_833_998_367_826_32), ((1.1, 20), (0.6, 10), 0.066_936_962_641_384_68)]
        {
            assert!((same_variance_p(first, second).unwrap() - p).abs() < 1e-9);
            assert!((same_variance_p(second, first).unwrap() - p).abs() < 1e-9);
        }
    }

    #[test]
    fn no_spread_and_one_measurement_are_not_compared() {
        assert_eq!(same_variance_p((0.0, 10), (1.0, 10)), None);
        assert_eq!(same_variance_p((1.0, 1), (1.0, 10)), None);
    }
}
