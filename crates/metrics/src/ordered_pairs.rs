//! The comparison of every image with every other.

use crate::Accuracy;

/// Accuracy of "first <= second", read from class posteriors, over all ordered pairs of different images: exactly, without
/// drawing pairs. The answer about a pair is yes where the sum of `first[i] * second[j]` over i <= j is at least a half.
///
/// ```
/// // The first image is surely a 0, the second may be a 0 or a 1, and is a 0.
/// let posteriors = [[1.0, 0.0], [0.6, 0.4]];
/// let accuracy = metrics::every_ordered_pair(&posteriors, &[0, 0]);
/// assert_eq!((accuracy.right, accuracy.all), (2, 2));
/// ```
///
/// # Panics
/// When there are fewer labels than posteriors.
pub fn every_ordered_pair<const CLASSES: usize>(posteriors: &[[f32; CLASSES]], labels: &[u8]) -> Accuracy {
    let mut right = 0;
    for (first, (posterior, label)) in posteriors.iter().zip(labels).enumerate() {
        let mut at_most = *posterior;
        for class in 1..CLASSES {
            at_most[class] += at_most[class - 1];
        }
        for (second, (other, other_label)) in posteriors.iter().zip(labels).enumerate() {
            let p_leq: f32 = at_most.iter().zip(other).map(|(at_most, other)| at_most * other).sum();
            right += usize::from(first != second && (p_leq >= 0.5) == (label <= other_label));
        }
    }
    assert!(labels.len() >= posteriors.len(), "every posterior has a label");
    Accuracy { right, all: posteriors.len() * posteriors.len().saturating_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_the_double_sum_over_classes_answers() {
        let posteriors: Vec<[f32; 4]> = (0..40)
            .map(|image| {
                let powers: [f32; 4] = std::array::from_fn(|class| ((image * 7 + class * 5) % 11 + 1) as f32);
                powers.map(|power| power / powers.iter().sum::<f32>())
            })
            .collect();
        let labels: Vec<u8> = (0..40).map(|image| image * 3 % 4).collect();
        let mut naive = Accuracy::default();
        for (a, first) in posteriors.iter().enumerate() {
            for (b, second) in posteriors.iter().enumerate().filter(|(b, _)| *b != a) {
                let pairs = (0..4).flat_map(|i| (i..4).map(move |j| (i, j)));
                let p_leq: f64 = pairs.map(|(i, j)| f64::from(first[i]) * f64::from(second[j])).sum();
                if (p_leq - 0.5).abs() > 1e-5 {
                    naive.add((p_leq >= 0.5) == (labels[a] <= labels[b]));
                }
            }
        }
        let counted = every_ordered_pair(&posteriors, &labels);
        assert_eq!(counted.all, 40 * 39);
        assert!(counted.right.abs_diff(naive.right) <= counted.all - naive.all);
    }

    #[test]
    fn one_image_makes_no_pair() {
        assert_eq!(every_ordered_pair(&[[1.0, 0.0]], &[0]), Accuracy::default());
    }
}
