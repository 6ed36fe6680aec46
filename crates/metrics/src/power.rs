//! What a number of measurements can show.

use statrs::distribution::ContinuousCDF;

use crate::summary::{critical, student};

/// The difference of two means of `n` measurements each, all with `standard_deviation`, that a t-test at the 5 % level finds
/// with probability `power`.
///
/// ```
/// let difference = metrics::detectable_difference(1.0, 10, 0.8);
/// assert!((difference - 1.325).abs() < 0.001);
/// ```
pub fn detectable_difference(standard_deviation: f64, n: usize, power: f64) -> f64 {
    let freedom = (2 * n.saturating_sub(1)) as f64;
    let quantiles = critical(freedom) + student(freedom).inverse_cdf(power);
    quantiles * standard_deviation * (2.0 / n as f64).sqrt()
}
