//! The comparison of every image with every other.

use crate::{Accuracy, quantile, standard_deviation};

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
    let all = posteriors.len() * posteriors.len().saturating_sub(1);
    Accuracy { right: all - wrong_pairs(posteriors, labels).len(), all }
}

/// The accuracy of [`every_ordered_pair`] in percent, with the error of having these images and no others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverImages {
    /// The accuracy over all pairs of these images, in percent.
    pub percent: f64,
    /// Its standard error by bootstrap over images, in percentage points.
    pub standard_error: f64,
    /// 95 % interval: percentiles of the bootstrap.
    pub interval: [f64; 2],
    /// Number of images.
    pub images: usize,
}

/// As [`every_ordered_pair`], with a bootstrap over images: `replicates` times, as many images are drawn with replacement,
/// and all pairs of different images among them are counted. Pairs share images, so their number says nothing of the error.
///
/// ```
/// let posteriors: Vec<[f32; 2]> = (0..50).map(|image| if image % 10 == 0 { [0.4, 0.6] } else { [0.9, 0.1] }).collect();
/// let over = metrics::every_ordered_pair_over_images(&posteriors, &[0; 50], 200).expect("there are images");
/// assert_eq!(format!("{:.2}", over.percent), "90.82"); // a wrong first digit beside a right second one
/// assert!(over.standard_error > 1.0); // 2,450 independent pairs would give 0.6
/// ```
///
/// # Panics
/// When there are fewer labels than posteriors.
pub fn every_ordered_pair_over_images<const CLASSES: usize>(
    posteriors: &[[f32; CLASSES]],
    labels: &[u8],
    replicates: usize,
) -> Option<OverImages> {
    let images = posteriors.len();
    if images < 2 || replicates < 2 {
        return None;
    }
    let wrong = wrong_pairs(posteriors, labels);
    let (mut drawn, mut stream) = (vec![0u32; images], SEED);
    let mut shares: Vec<f64> = (0..replicates)
        .map(|_| {
            drawn.fill(0);
            (0..images).for_each(|_| drawn[below(&mut stream, images)] += 1);
            let times = |image: u32| u64::from(drawn[image as usize]);
            let errors: u64 = wrong.iter().map(|&[first, second]| times(first) * times(second)).sum();
            let same: u64 = drawn.iter().map(|&times| u64::from(times).pow(2)).sum();
            100.0 - 100.0 * errors as f64 / ((images * images) as u64 - same) as f64
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    Some(OverImages {
        percent: 100.0 - 100.0 * wrong.len() as f64 / (images * (images - 1)) as f64,
        standard_error: standard_deviation(&shares),
        interval: [0.025, 0.975].map(|p| quantile(&shares, p)),
        images,
    })
}

/// Where the bootstrap's stream begins: any number, always the same, so that figures are.
const SEED: u64 = 0x6c65_712d_626f_6f74;

/// The next number of a SplitMix64 stream (Steele, Lea and Flood, 2014), scaled to be below `bound`.
fn below(stream: &mut u64, bound: usize) -> usize {
    *stream = stream.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *stream;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    ((u128::from(mixed) * bound as u128) >> 64) as usize
}

/// The ordered pairs of different images that are answered wrongly.
fn wrong_pairs<const CLASSES: usize>(posteriors: &[[f32; CLASSES]], labels: &[u8]) -> Vec<[u32; 2]> {
    assert!(labels.len() >= posteriors.len(), "every posterior has a label");
    let mut wrong = Vec::new();
    for (first, (posterior, label)) in posteriors.iter().zip(labels).enumerate() {
        let mut at_most = *posterior;
        for class in 1..CLASSES {
            at_most[class] += at_most[class - 1];
        }
        for (second, (other, other_label)) in posteriors.iter().zip(labels).enumerate() {
            let p_leq: f32 = at_most.iter().zip(other).map(|(at_most, other)| at_most * other).sum();
            if first != second && (p_leq >= 0.5) != (label <= other_label) {
                wrong.push([first as u32, second as u32]);
            }
        }
    }
    wrong
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

    /// The standard error of a mean over pairs is that of twice the mean over images (Hoeffding, 1948), here of an image's
    /// chance to be in a wrong pair.
    #[test]
    fn the_bootstrap_gives_the_error_of_a_u_statistic() {
        let posteriors: Vec<[f32; 2]> =
            (0..400).map(|image| if image % 20 == 0 { [0.3, 0.7] } else { [0.9, 0.1] }).collect();
        let labels: Vec<u8> = vec![0; 400];
        let over = every_ordered_pair_over_images(&posteriors, &labels, 2000).unwrap();
        let wrong = wrong_pairs(&posteriors, &labels);
        let share = |image: u32| wrong.iter().flatten().filter(|&&side| side == image).count() as f64 / (2.0 * 399.0);
        let shares: Vec<f64> = (0..400).map(share).collect();
        let expected = 100.0 * 2.0 * standard_deviation(&shares) / 20.0;
        assert!((over.standard_error / expected - 1.0).abs() < 0.1, "{} is not {expected}", over.standard_error);
        assert!(over.interval[0] < over.percent && over.percent < over.interval[1]);
    }

    #[test]
    fn one_image_makes_no_pair() {
        assert_eq!(every_ordered_pair(&[[1.0, 0.0]], &[0]), Accuracy::default());
    }
}
