//! Holm's correction for multiple comparisons.

/// Holm's step-down correction: adjusted p-values in the order given. Rejecting those below a level keeps the
/// probability of any false rejection in the family below that level.
///
/// ```
/// assert_eq!(metrics::holm(&[0.01, 0.5]), [0.02, 0.5]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &position) in order.iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        largest = largest.max(left * p_values[position]).min(1.0);
        corrected[position] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2: `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "holm")`.
    #[test]
    fn the_correction_is_that_of_r() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005, 0.5]);
        for (found, wanted) in corrected.into_iter().zip([0.04, 0.09, 0.09, 0.025, 0.5]) {
            assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
        }
    }

    #[test]
    fn one_comparison_needs_no_correction_and_none_exceeds_one() {
        assert_eq!(holm(&[0.2]), [0.2]);
        assert_eq!(holm(&[0.8, 0.9]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
