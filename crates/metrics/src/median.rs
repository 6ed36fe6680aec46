//! Medians with confidence intervals.

use crate::{quantile, standard_deviation};

/// A median with its confidence interval.
///
/// ```
/// use metrics::Median;
///
/// let theirs = Median::of(&[12.0, 10.0, 14.0]).expect("there are samples");
/// let ours = Median::of(&[4.0, 4.0, 4.0]).expect("there are samples");
/// assert_eq!(theirs.over(&ours, 0.1).value, 3.0); // times faster
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The median.
    pub value: f64,
    /// Number of samples.
    pub n: usize,
    /// Unbiased standard deviation of the samples; 0 for a single sample.
    pub standard_deviation: f64,
    /// 95 % confidence interval of the median from the ranks of the samples, without assuming a distribution (Conover,
    /// Practical Nonparametric Statistics, 3.2); the range of the samples if there are too few.
    pub interval: [f64; 2],
}

impl Median {
    /// The median of `samples`; `None` if empty.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        if n == 0 {
            return None;
        }
        let interval = interval_of_sorted(&sorted);
        Some(Self { value: quantile(&sorted, 0.5), n, standard_deviation: standard_deviation(samples), interval })
    }

    /// This median divided by `other`, with the widest interval that both allow. `standard_deviation` is that of the
    /// ratio between repetitions.
    pub fn over(&self, other: &Self, standard_deviation: f64) -> Self {
        let interval = [self.interval[0] / other.interval[1], self.interval[1] / other.interval[0]];
        Self { value: self.value / other.value, n: self.n.min(other.n), standard_deviation, interval }
    }
}

/// 95 % confidence interval of the median of sorted samples, from their ranks.
///
/// # Panics
/// If there are no samples.
pub(crate) fn interval_of_sorted(sorted: &[f64]) -> [f64; 2] {
    let n = sorted.len();
    let margin = 0.98 * (n as f64).sqrt();
    let low = (n as f64 / 2.0 - margin).floor().max(1.0) as usize;
    [sorted[low - 1], sorted[n - low]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_median_comes_from_the_ranks() {
        let samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let median = Median::of(&samples).unwrap();
        assert_eq!(median.value, 50.5);
        assert_eq!(median.interval, [40.0, 61.0]);
        assert!((median.standard_deviation - 29.011_491_975_882_016).abs() < 1e-12);
    }

    #[test]
    fn few_samples_have_their_range_for_an_interval_and_none_have_no_median() {
        assert_eq!(Median::of(&[3.0, 1.0, 2.0]).unwrap().interval, [1.0, 3.0]);
        assert_eq!(
            Median::of(&[3.0]).unwrap(),
            Median { value: 3.0, n: 1, standard_deviation: 0.0, interval: [3.0; 2] }
        );
        assert_eq!(Median::of(&[]), None);
    }

    #[test]
    fn a_ratio_is_as_uncertain_as_both_its_sides() {
        let theirs = Median { value: 12.0, n: 600, standard_deviation: 1.0, interval: [10.0, 14.0] };
        let ours = Median { value: 4.0, n: 500, standard_deviation: 1.0, interval: [2.0, 5.0] };
        assert_eq!(
            theirs.over(&ours, 0.1),
            Median { value: 3.0, n: 500, standard_deviation: 0.1, interval: [2.0, 7.0] }
        );
    }
}
