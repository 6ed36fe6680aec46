//! Descriptive statistics of timings.

use serde::{Deserialize, Serialize};

use crate::median::interval_of_sorted;
use crate::{quantile, standard_deviation};

/// Descriptive statistics, in the samples' unit.
///
/// ```
/// let times = metrics::Distribution::of(&[3.0, 1.0, 2.0]).unwrap();
/// assert_eq!((times.median, times.max), (2.0, 3.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Number of samples.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Unbiased standard deviation; 0 for a single sample.
    #[serde(rename = "deviation")]
    pub standard_deviation: f64,
    /// Median.
    pub median: f64,
    /// 95 % confidence interval of the median from ranks (Conover, Practical Nonparametric Statistics, 3.2).
    pub median_interval: [f64; 2],
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Smallest sample.
    pub min: f64,
    /// Largest sample.
    pub max: f64,
    /// Number of outliers, see `is_outlier`.
    pub outliers: usize,
}

/// Modified z-score (Iglewicz and Hoaglin, 1993) above which a sample is an outlier. They recommend 3.5 for Gaussian
/// data; timings have a long tail.
const OUTLIER: f64 = 10.0;

impl Distribution {
    /// The statistics of `samples`; `None` if empty.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let n = sorted.len();
        let mean = sorted.iter().sum::<f64>() / n as f64;
        let median = quantile(&sorted, 0.5);
        let mut distances: Vec<f64> = sorted.iter().map(|sample| (sample - median).abs()).collect();
        distances.sort_by(f64::total_cmp);
        let typical = quantile(&distances, 0.5);
        Some(Self {
            n,
            mean,
            standard_deviation: standard_deviation(&sorted),
            median,
            median_interval: interval_of_sorted(&sorted),
            p90: quantile(&sorted, 0.9),
            p95: quantile(&sorted, 0.95),
            p99: quantile(&sorted, 0.99),
            min,
            max,
            outliers: sorted.iter().filter(|&&sample| is_outlier(sample, median, typical)).count(),
        })
    }
}

/// Whether a sample is an outlier by its modified z-score. `typical_distance` is the median absolute deviation.
pub fn is_outlier(sample: f64, median: f64, typical_distance: f64) -> bool {
    0.6745 * (sample - median).abs() > OUTLIER * typical_distance.max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.percentile(numpy.arange(1, 101), [50, 90, 95, 99])`, `std(ddof=1)`.
    #[test]
    fn figures_are_those_of_numpy() {
        let samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let summary = Distribution::of(&samples).unwrap();
        let found = [summary.mean, summary.median, summary.p90, summary.p95, summary.p99, summary.standard_deviation];
        for (found, wanted) in found.into_iter().zip([50.5, 50.5, 90.1, 95.05, 99.01, 29.011_491_975_882_016]) {
            assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
        }
        assert_eq!((summary.min, summary.max, summary.n), (1.0, 100.0, 100));
        assert_eq!(summary.median_interval, [40.0, 61.0]);
        assert_eq!(summary.outliers, 0);
    }

    #[test]
    fn one_sample_is_its_own_summary_and_none_have_none() {
        let summary = Distribution::of(&[2.0]).unwrap();
        assert_eq!((summary.median, summary.p99, summary.standard_deviation), (2.0, 2.0, 0.0));
        assert_eq!(Distribution::of(&[]), None);
    }

    #[test]
    fn a_sample_far_from_the_others_is_an_outlier() {
        let mut samples = vec![1.0, 1.1, 0.9, 1.05, 0.95];
        samples.push(9.0);
        assert_eq!(Distribution::of(&samples).unwrap().outliers, 1);
    }
}
