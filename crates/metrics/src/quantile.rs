//! Quantiles of samples.

/// The quantile `p`, 0..=1, of sorted samples, interpolated between the two nearest ranks (type 7 of Hyndman and Fan,
/// 1996, the default in R and NumPy).
///
/// ```
/// assert_eq!(metrics::quantile(&[1.0, 2.0, 4.0], 0.25), 1.5);
/// ```
///
/// # Panics
/// If there are no samples.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let rank = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    below + (above - below) * rank.fract()
}

/// The median of samples in any order; `None` if empty.
///
/// ```
/// assert_eq!(metrics::median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
/// ```
pub fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| quantile(&sorted, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_or_between_the_two_there() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
