//! The comparison of two digits from the probabilities of their classes.

/// Probability that the first digit is less than or equal to the second when the two are independent: the sum of
/// `first[i] * second[j]` over i <= j, of as many classes as both have.
///
/// ```
/// // A 3 or an 8, each as likely, beside a 1 or a 3.
/// let (mut first, mut second) = ([0.0; 10], [0.0; 10]);
/// (first[3], first[8]) = (0.5, 0.5);
/// (second[1], second[3]) = (0.5, 0.5);
/// assert_eq!(digits::p_leq_from_digits(&first, &second), 0.25); // only 3 <= 3
/// ```
pub fn p_leq_from_digits(first: &[f32], second: &[f32]) -> f32 {
    let mut at_most = 0.0;
    let terms = first.iter().zip(second).map(|(first, second)| {
        at_most += first;
        second * at_most
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::CLASSES;

    #[test]
    fn digits_compare_as_the_double_sum_says() {
        let first: Vec<f32> = (0..10).map(|digit| (digit + 1) as f32 / 55.0).collect();
        let second: Vec<f32> = (0..10).map(|digit| (10 - digit) as f32 / 55.0).collect();
        let double_sum: f32 =
            (0..10).flat_map(|i| (i..10).map(move |j| (i, j))).map(|(i, j)| first[i] * second[j]).sum();
        assert!((p_leq_from_digits(&first, &second) - double_sum).abs() < 1e-6);
    }

    #[test]
    fn the_probability_from_digits_counts_every_pair_of_classes() {
        let mut probs = [[0.0; CLASSES]; 2];
        (probs[0][3], probs[0][8]) = (0.5, 0.5);
        (probs[1][3], probs[1][1]) = (0.5, 0.5);
        assert!((p_leq_from_digits(&probs[0], &probs[1]) - 0.25).abs() < 1e-6);
    }
}
