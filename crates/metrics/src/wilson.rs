//! Wilson's interval of a proportion.

use crate::summary::normal_critical;

/// Wilson's 95 % score interval (1927) of `right` out of `all`, both ends 0..=1. It stays inside 0..=1 and works for
/// few answers and for proportions near 1. Without answers it is 0..=1.
///
/// ```
/// assert_eq!(metrics::wilson(0, 0), [0.0, 1.0]);
/// ```
pub fn wilson(right: usize, all: usize) -> [f64; 2] {
    if all == 0 {
        return [0.0, 1.0];
    }
    let (n, z) = (all as f64, normal_critical());
    let share = right as f64 / n;
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    [centre - half, centre + half].map(|end| (end / (1.0 + z * z / n)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_a_textbook() {
        // 81 of 263: 0.255 to 0.366.
        let [low, high] = wilson(81, 263);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} {high}");
    }

    /// Values of `statsmodels.stats.proportion.proportion_confint(right, all, method="wilson")`.
    #[test]
    fn the_interval_is_that_of_statsmodels() {
        for (right, all, wanted) in [(90, 100, [0.8256, 0.9448]), (10, 10, [0.7225, 1.0]), (0, 10, [0.0, 0.2775])] {
            let found = wilson(right, all);
            assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{right} of {all}: {found:?}");
        }
    }

    #[test]
    fn without_answers_every_proportion_is_possible() {
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }

    #[test]
    fn nothing_wrong_does_not_mean_certainty() {
        let [low, high] = wilson(1000, 1000);
        assert!(low < 0.997 && low > 0.995 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
