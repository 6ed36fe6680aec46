//! Shares of right answers, and how far they can be trusted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Some of many were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Right ones.
    pub right: u64,
    /// All.
    pub all: u64,
}

/// Standard normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

impl Share {
    /// Counts one more.
    pub fn add(&mut self, right: bool) {
        self.right += u64::from(right);
        self.all += 1;
    }

    /// Right ones of all, 0 to 1; NaN of none.
    pub fn value(&self) -> f64 {
        self.right as f64 / self.all as f64
    }

    /// Wilson's 95 % interval (1927) of the share behind these, 0 to 1: sound for few and for shares near 1 too.
    pub fn interval(&self) -> [f64; 2] {
        if self.all == 0 {
            return [0.0, 1.0];
        }
        let (n, p) = (self.all as f64, self.value());
        let middle = p + Z * Z / (2.0 * n);
        let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        [((middle - reach) / whole).max(0.0), ((middle + reach) / whole).min(1.0)]
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all == 0 {
            return f.write_str("none");
        }
        let [low, high] = self.interval().map(|share| 100.0 * share);
        let Self { right, all } = self;
        write!(f, "{:.2} % ({right} of {all}; 95 % interval {low:.2} to {high:.2})", 100.0 * self.value())
    }
}

/// A bin of predictions of like confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Least and greatest confidence.
    pub from_to: [f64; 2],
    /// Predictions in it.
    pub count: u64,
    /// Their mean confidence.
    pub mean_confidence: f64,
    /// Share of them that were right.
    pub accuracy: f64,
}

/// Predictions by confidence: whether the network is right as often as it says.
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    /// Confidence, 0.5 to 1, and whether it was right.
    predictions: Vec<(f64, bool)>,
}

impl Calibration {
    /// Bins of confidence.
    const BINS: usize = 10;

    /// Counts a prediction of confidence 0.5 to 1.
    pub fn add(&mut self, confidence: f64, right: bool) {
        self.predictions.push((confidence, right));
    }

    /// Bins of equal width from 0.5 to 1; empty ones are left out.
    pub fn bins(&self) -> Vec<ReliabilityBin> {
        let edge = |bin: usize| 0.5 + 0.5 * bin as f64 / Self::BINS as f64;
        let bin_of = |confidence: f64| (((confidence - 0.5) * 2.0 * Self::BINS as f64) as usize).min(Self::BINS - 1);
        let bin = |number: usize| {
            let inside: Vec<_> =
                self.predictions.iter().filter(|(confidence, _)| bin_of(*confidence) == number).collect();
            let count = inside.len() as f64;
            ReliabilityBin {
                from_to: [edge(number), edge(number + 1)],
                count: inside.len() as u64,
                mean_confidence: inside.iter().map(|(confidence, _)| confidence).sum::<f64>() / count,
                accuracy: inside.iter().filter(|(_, right)| *right).count() as f64 / count,
            }
        };
        (0..Self::BINS).map(bin).filter(|bin| bin.count > 0).collect()
    }

    /// Expected calibration error (Guo and others, 2017): the mean distance between confidence and accuracy.
    pub fn error(&self) -> f64 {
        let all = self.predictions.len().max(1) as f64;
        self.bins().iter().map(|bin| bin.count as f64 / all * (bin.mean_confidence - bin.accuracy).abs()).sum()
    }

    /// Brier's score (1950) of "first <= second": the mean squared error of the probability, 0 at best.
    pub fn brier(&self) -> f64 {
        let all = self.predictions.len().max(1) as f64;
        let miss = |&(confidence, right): &(f64, bool)| (f64::from(right) - confidence).powi(2);
        self.predictions.iter().map(miss).sum::<f64>() / all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `statsmodels.stats.proportion.proportion_confint(right, all, method="wilson")`.
    #[test]
    fn the_interval_is_wilsons() {
        for (right, all, wanted) in [(90, 100, [0.8256, 0.9448]), (10, 10, [0.7225, 1.0]), (0, 10, [0.0, 0.2775])] {
            let found = Share { right, all }.interval();
            assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{right} of {all}: {found:?}");
        }
    }

    #[test]
    fn a_share_is_told_with_its_interval() {
        let share = Share { right: 903, all: 1000 };
        assert_eq!(share.to_string(), "90.30 % (903 of 1000; 95 % interval 88.31 to 91.98)");
        assert_eq!(Share::default().to_string(), "none");
    }

    #[test]
    fn a_network_that_is_right_as_often_as_it_says_has_no_calibration_error() {
        let mut calibration = Calibration::default();
        (0..10).for_each(|number| calibration.add(0.8, number < 8));
        assert!(calibration.error() < 1e-12);
        assert!((calibration.brier() - 0.16).abs() < 1e-12);
        (0..10).for_each(|_| calibration.add(0.99, false));
        assert!((calibration.error() - 0.495).abs() < 1e-12);
        assert_eq!(calibration.bins().len(), 2);
    }
}
