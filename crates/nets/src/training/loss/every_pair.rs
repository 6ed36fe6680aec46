//! The comparison of every two digits of a batch: the mean binary cross-entropy of `p_leq` over all ordered pairs of
//! different images, so that each image is compared with every other, either way round.

use candle_core::{D, DType, Result, Tensor};
use digits::contract::CLASSES;

use crate::network::digit_posteriors::{SMALLEST, dot, softmax, through_softmax};

/// Where `p_leq` is cut off, with no gradient beyond.
const LARGEST: f32 = 1.0 - SMALLEST;

type Classes = [f32; CLASSES];

/// The digits of a batch.
pub(super) struct EveryPair<'a> {
    classes: &'a [u32],
    probabilities: Vec<Classes>,
    /// Probability that the digit of each image is at most each.
    at_most: Vec<Classes>,
}

impl<'a> EveryPair<'a> {
    /// From logits `[N, 10]` and the classes of the `N` images.
    pub fn new(logits: &[f32], classes: &'a [u32]) -> Self {
        let (rows, _) = logits.as_chunks::<CLASSES>();
        let probabilities: Vec<Classes> = rows.iter().map(softmax).collect();
        let mut at_most = probabilities.clone();
        for row in &mut at_most {
            for digit in 1..CLASSES {
                row[digit] += row[digit - 1];
            }
        }
        Self { classes, probabilities, at_most }
    }

    /// One over the number of ordered pairs.
    fn share(&self) -> f64 {
        let images = self.classes.len();
        1.0 / (images * images.saturating_sub(1)).max(1) as f64
    }

    /// The mean over all ordered pairs.
    pub fn value(&self) -> f64 {
        let mut sum = 0.0;
        for (first, at_most) in self.at_most.iter().enumerate() {
            for (second, probabilities) in self.probabilities.iter().enumerate() {
                let leq = dot(at_most, probabilities).clamp(SMALLEST, LARGEST);
                let right = if self.is_leq(first, second) { leq } else { 1.0 - leq };
                sum -= if first == second { 0.0 } else { f64::from(right.ln()) };
            }
        }
        sum * self.share()
    }

    /// Adds `weight` times the gradient of [`EveryPair::value`] to that of the logits, `[N, 10]`.
    pub fn add_gradient(&self, weight: f32, gradient: &mut [f32]) {
        let mut of_probabilities = vec![[0.0; CLASSES]; self.classes.len()];
        for (first, at_most) in self.at_most.iter().enumerate() {
            let mut of_at_most = [0.0; CLASSES];
            for (second, probabilities) in self.probabilities.iter().enumerate() {
                let leq = dot(at_most, probabilities);
                if first == second || !(SMALLEST..=LARGEST).contains(&leq) {
                    continue;
                }
                let slope = if self.is_leq(first, second) { -1.0 / leq } else { 1.0 / (1.0 - leq) };
                for digit in 0..CLASSES {
                    of_at_most[digit] += slope * probabilities[digit];
                    of_probabilities[second][digit] += slope * at_most[digit];
                }
            }
            // A digit's probability counts in every "at most" from there on.
            let mut from_here = 0.0;
            for digit in (0..CLASSES).rev() {
                from_here += of_at_most[digit];
                of_probabilities[first][digit] += from_here;
            }
        }
        let scale = weight * self.share() as f32;
        let (rows, _) = gradient.as_chunks_mut::<CLASSES>();
        for ((row, probabilities), gradient) in rows.iter_mut().zip(&self.probabilities).zip(&of_probabilities) {
            let through = through_softmax(probabilities, gradient);
            row.iter_mut().zip(through).for_each(|(value, through)| *value += scale * through);
        }
    }

    fn is_leq(&self, first: usize, second: usize) -> bool {
        self.classes[first] <= self.classes[second]
    }
}

/// The mean by Candle's operators, from logits `[N, 10]` and classes `[N]`.
pub(super) fn every_pair_plain(logits: &Tensor, classes: &Tensor) -> Result<Tensor> {
    let (images, device, dtype) = (logits.dim(0)?, logits.device(), logits.dtype());
    let probabilities = candle_nn::ops::softmax(logits, D::Minus1)?;
    let at_most = Tensor::triu2(CLASSES, dtype, device)?;
    let leq = probabilities.matmul(&at_most)?.matmul(&probabilities.t()?)?;
    let leq = leq.maximum(f64::from(SMALLEST))?.minimum(f64::from(LARGEST))?;
    let is_leq = classes.unsqueeze(1)?.broadcast_le(&classes.unsqueeze(0)?)?.to_dtype(dtype)?;
    let greater = (1.0 - &is_leq)?;
    let right = (leq.mul(&is_leq)? + (1.0 - &leq)?.mul(&greater)?)?;
    let different = (1.0 - Tensor::eye(images, DType::F32, device)?.to_dtype(dtype)?)?;
    let pairs = (images * images.saturating_sub(1)).max(1) as f64;
    right.log()?.mul(&different)?.sum_all()? * (-1.0 / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(images: usize, spread: f64) -> Vec<f64> {
        (0..images * CLASSES).map(|index| (((index * 7919) % 31) as f64 - 15.0) * spread).collect()
    }

    fn classes(images: usize) -> Vec<u32> {
        (0..images as u32).map(|image| image * 7 % 10).collect()
    }

    /// The definition, pair by pair, in double precision.
    fn reference(logits: &[f64], classes: &[u32]) -> f64 {
        let posterior = |image: usize| -> Vec<f64> {
            let powers: Vec<f64> = logits[image * CLASSES..][..CLASSES].iter().map(|logit| logit.exp()).collect();
            powers.iter().map(|power| power / powers.iter().sum::<f64>()).collect()
        };
        let posteriors: Vec<Vec<f64>> = (0..classes.len()).map(posterior).collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        for (a, first) in posteriors.iter().enumerate() {
            for (b, second) in posteriors.iter().enumerate().filter(|&(b, _)| b != a) {
                let leq: f64 = (0..CLASSES)
                    .flat_map(|i| (i..CLASSES).map(move |j| (i, j)))
                    .map(|(i, j)| first[i] * second[j])
                    .sum();
                let leq = leq.clamp(f64::from(SMALLEST), f64::from(LARGEST));
                sum -= if classes[a] <= classes[b] { leq.ln() } else { (1.0 - leq).ln() };
                pairs += 1.0;
            }
        }
        sum / pairs
    }

    fn single(values: &[f64]) -> Vec<f32> {
        values.iter().map(|&value| value as f32).collect()
    }

    #[test]
    fn the_mean_is_that_of_its_definition() {
        for (images, spread) in [(2, 0.1), (7, 0.02), (20, 0.2), (6, 3.0)] {
            let (logits, classes) = (logits(images, spread), classes(images));
            let value = EveryPair::new(&single(&logits), &classes).value();
            let expected = reference(&logits, &classes);
            assert!((value - expected).abs() < 1e-4 * expected.max(1.0), "{images} {spread}: {value} {expected}");
        }
    }

    #[test]
    fn the_gradient_follows_finite_differences() {
        let (logits, classes) = (logits(9, 0.05), classes(9));
        let mut gradient = vec![1.0; logits.len()];
        EveryPair::new(&single(&logits), &classes).add_gradient(2.0, &mut gradient);
        for place in 0..logits.len() {
            let moved = |step: f64| {
                let mut moved = logits.clone();
                moved[place] += step;
                reference(&moved, &classes)
            };
            let expected = 1.0 + 2.0 * (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((f64::from(gradient[place]) - expected).abs() < 1e-5, "{place}: {} {expected}", gradient[place]);
        }
    }

    #[test]
    fn a_single_image_is_compared_with_none() {
        let logits = single(&logits(1, 0.1));
        let mut gradient = vec![0.0; CLASSES];
        let alone = EveryPair::new(&logits, &[3]);
        alone.add_gradient(1.0, &mut gradient);
        assert_eq!((alone.value(), gradient), (0.0, vec![0.0; CLASSES]));
    }

    #[test]
    fn certain_and_wrong_digits_give_finite_values() {
        let mut logits = vec![0.0; 2 * CLASSES];
        (logits[9], logits[CLASSES]) = (500.0, 500.0);
        let mut gradient = vec![0.0; 2 * CLASSES];
        let wrong = EveryPair::new(&logits, &[0, 9]);
        wrong.add_gradient(1.0, &mut gradient);
        assert!(wrong.value().is_finite() && gradient.iter().all(|value| value.is_finite()));
    }
}
