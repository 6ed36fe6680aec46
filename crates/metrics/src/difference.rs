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
    /// Degrees of freedom of the standard error.
    pub freedom: f64,
    /// 95 % confidence interval of the difference.
    pub interval: [f64; 2],
    /// Two-sided p-value under the hypothesis of no difference.
    pub p: f64,
    /// Number of measurements in each sample.
    pub n: [usize; 2],
    /// The test used.
    pub pairing: Pairing,
}

impl Difference {
    /// Two one-sided t-tests: the p-value under the hypothesis that the means are `margin` or more apart. Below 0.05, the
    /// means are equivalent within the margin; the 90 % interval then lies inside it.
    ///
    /// ```
    /// let difference = metrics::welch(&[5.0, 5.1, 4.9, 5.0], &[5.1, 4.9, 5.0, 5.1]).expect("both have four");
    /// assert!(difference.equivalence_p(1.0) < 0.001 && difference.equivalence_p(0.01) > 0.05);
    /// ```
    pub fn equivalence_p(&self, margin: f64) -> f64 {
        let room = margin - self.estimate.abs();
        if self.standard_error == 0.0 {
            return if room > 0.0 { 0.0 } else { 1.0 };
        }
        student(self.freedom).sf(room / self.standard_error)
    }
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
    let means = [a, b].map(|summary| Mean::of(&summary));
    Some(between(&means[0], &means[1], [a.n, b.n]))
}

/// A mean with what is known of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom of the standard error; infinite if it is known exactly.
    pub freedom: f64,
}

impl Mean {
    /// The mean of at least two measurements.
    pub fn of(summary: &Summary) -> Self {
        let freedom = summary.n.saturating_sub(1) as f64;
        Self { value: summary.mean, standard_error: summary.standard_error(), freedom }
    }

    /// The same mean with another, independent error added. The degrees of freedom are those of Welch and Satterthwaite.
    ///
    /// ```
    /// let read = metrics::Mean { value: 83.5, standard_error: 0.3, freedom: 9.0 };
    /// let from_a_figure = read.with_error(0.4, f64::INFINITY);
    /// assert_eq!(from_a_figure.standard_error, 0.5);
    /// assert!(from_a_figure.freedom > 60.0);
    /// ```
    pub fn with_error(self, standard_error: f64, freedom: f64) -> Self {
        let [u, v] = [self.standard_error.powi(2), standard_error.powi(2)];
        let denominator = u * u / self.freedom + v * v / freedom;
        let freedom = if denominator > 0.0 { (u + v).powi(2) / denominator } else { f64::INFINITY };
        Self { value: self.value, standard_error: (u + v).sqrt(), freedom }
    }
}

/// Welch's t-test of two means of `n` measurements each, known by their standard errors alone.
///
/// ```
/// let ours = metrics::Summary::of(&[90.1, 91.3, 90.8, 91.9]).expect("there are rounds");
/// let published = metrics::Mean { value: 91.225, standard_error: 0.2, freedom: 9.0 };
/// let difference = metrics::between(&metrics::Mean::of(&ours), &published, [4, 10]);
/// assert_eq!(format!("{:+.2}", difference.estimate), "-0.20");
/// ```
pub fn between(first: &Mean, second: &Mean, n: [usize; 2]) -> Difference {
    let both = first.with_error(second.standard_error, second.freedom);
    tested(first.value - second.value, both.standard_error, both.freedom, n, Pairing::Unpaired)
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
        return Difference { estimate, standard_error, freedom, interval: [estimate; 2], p, n, pairing };
    }
    let t = (estimate / standard_error).abs();
    let margin = critical(freedom) * standard_error;
    let p = (2.0 * student(freedom).sf(t)).min(1.0);
    let interval = [estimate - margin, estimate + margin];
    Difference { estimate, standard_error, freedom, interval, p, n, pairing }
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

    /// SciPy 1.17: the larger p-value of `ttest_ind(a - 3, b, equal_var=False, alternative="less")` and
    /// `ttest_ind(a + 3, b, equal_var=False, alternative="greater")`.
    #[test]
    fn two_one_sided_tests_are_those_of_scipy() {
        let difference = welch(&FIRST, &[77.1, 81.0, 79.2, 76.5, 80.3]).unwrap();
        assert_close(difference.equivalence_p(3.0), 0.183_583_385_757_351_8);
        assert!(difference.equivalence_p(1.0) > 0.5, "a difference above the margin is not equivalent");
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
