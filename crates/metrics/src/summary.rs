//! Mean, standard deviation and confidence interval.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Mean, standard deviation and confidence interval of repeated measurements.
///
/// ```
/// let summary = metrics::Summary::of(&[90.1, 91.3, 90.8, 91.9]).unwrap();
/// assert_eq!(format!("{:.2} ({:.2})", summary.mean, summary.standard_deviation), "91.03 (0.76)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of measurements.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Unbiased standard deviation; 0 for a single measurement.
    pub standard_deviation: f64,
    /// 95 % confidence interval of the mean by Student's t distribution; equal ends for a single measurement.
    pub interval: [f64; 2],
}

impl Summary {
    /// Summarises `values`; `None` if empty.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        if n == 1 {
            return Some(Self { n, mean, standard_deviation: 0.0, interval: [mean; 2] });
        }
        let freedom = (n - 1) as f64;
        let standard_deviation = standard_deviation(values);
        let margin = critical(freedom) * standard_deviation / (n as f64).sqrt();
        Some(Self { n, mean, standard_deviation, interval: [mean - margin, mean + margin] })
    }

    /// Standard error of the mean; 0 for a single measurement.
    pub fn standard_error(&self) -> f64 {
        self.standard_deviation / (self.n as f64).sqrt()
    }
}

/// Unbiased standard deviation; 0 for fewer than two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Two-sided 95 % critical value of Student's t distribution.
pub(super) fn critical(freedom: f64) -> f64 {
    student(freedom).inverse_cdf(0.975)
}

/// Two-sided 95 % critical value of the normal distribution.
pub(super) fn normal_critical() -> f64 {
    Normal::standard().inverse_cdf(0.975)
}

/// Student's t distribution.
pub(super) fn student(freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, freedom).expect("degrees of freedom are finite and above 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2: `x <- c(90.1, 91.3, 90.8, 91.9); mean(x); sd(x); t.test(x)$conf.int`.
    #[test]
    fn a_summary_is_that_of_a_textbook() {
        let summary = Summary::of(&[90.1, 91.3, 90.8, 91.9]).unwrap();
        assert!((summary.mean - 91.025).abs() < 1e-12);
        assert!((summary.standard_deviation - 0.763_216_876).abs() < 1e-8);
        assert!((summary.interval[0] - 89.810_551_636_225).abs() < 1e-8, "{:?}", summary.interval);
        assert!((summary.interval[1] - 92.239_448_363_775).abs() < 1e-8);
    }

    #[test]
    fn nothing_has_no_summary_and_one_value_no_spread() {
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[3.0]).unwrap().interval, [3.0, 3.0]);
    }
}
