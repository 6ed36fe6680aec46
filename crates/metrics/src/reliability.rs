//! Calibration of predicted probabilities.

use serde::{Deserialize, Serialize};

/// Number of bins of equal width over 0..=1.
pub const BINS: usize = 15;

/// Calibration of `p_leq` against the labels.
///
/// ```
/// // Confident answers that are right half of the time.
/// let reliability = metrics::Reliability::of(&[(1.0, true), (1.0, false)]);
/// assert_eq!(reliability.expected_calibration_error, 50.0);
/// assert_eq!(reliability.brier, 0.5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Number of pairs.
    pub pairs: usize,
    /// Expected calibration error in percentage points: the distance between mean probability and observed frequency in
    /// each bin, weighted by pairs.
    pub expected_calibration_error: f64,
    /// Mean squared difference between probability and label.
    pub brier: f64,
    /// The non-empty bins of equal width over 0..=1.
    pub bins: Vec<ReliabilityBin>,
}

/// The pairs with probabilities in one range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower and upper end.
    pub range: [f64; 2],
    /// Number of pairs.
    pub pairs: usize,
    /// Mean probability that first <= second.
    pub mean_probability: f64,
    /// Fraction of pairs with first digit <= second.
    pub share_leq: f64,
}

impl Reliability {
    /// Calibration of `(p_leq, label)` pairs; the label is true if first <= second.
    pub fn of(answers: &[(f64, bool)]) -> Self {
        let mut sums = [(0_usize, 0.0, 0_usize); BINS];
        for &(probability, leq) in answers {
            let bin = ((probability * BINS as f64) as usize).min(BINS - 1);
            sums[bin].0 += 1;
            sums[bin].1 += probability;
            sums[bin].2 += usize::from(leq);
        }
        let bins: Vec<ReliabilityBin> = sums.iter().enumerate().filter(|(_, sum)| sum.0 > 0).map(bin).collect();
        let pairs = answers.len();
        let gap = |bin: &ReliabilityBin| bin.pairs as f64 * (bin.mean_probability - bin.share_leq).abs();
        let error = 100.0 * bins.iter().map(gap).sum::<f64>() / pairs as f64;
        let square = |&(probability, leq): &(f64, bool)| (probability - f64::from(u8::from(leq))).powi(2);
        let brier = answers.iter().map(square).sum::<f64>() / pairs as f64;
        Self { pairs, expected_calibration_error: error, brier, bins }
    }
}

fn bin((number, &(pairs, probability, leq)): (usize, &(usize, f64, usize))) -> ReliabilityBin {
    let end = |number: usize| number as f64 / BINS as f64;
    ReliabilityBin {
        range: [end(number), end(number + 1)],
        pairs,
        mean_probability: probability / pairs as f64,
        share_leq: leq as f64 / pairs as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calibration_error_is_the_weighted_gap_of_the_bins() {
        let answers = [(0.9, true), (0.9, true), (0.9, false), (0.1, false)];
        let reliability = Reliability::of(&answers);
        // Three pairs at 0.9, two of them true; one at 0.1, false.
        let wanted = 100.0 * (3.0 * (0.9_f64 - 2.0 / 3.0) + 0.1) / 4.0;
        assert!((reliability.expected_calibration_error - wanted).abs() < 1e-9);
        assert_eq!(reliability.bins.iter().map(|bin| bin.pairs).collect::<Vec<_>>(), [1, 3]);
        assert!((reliability.brier - (0.01 + 0.01 + 0.81 + 0.01) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn certain_answers_belong_to_the_last_bin() {
        let bins = Reliability::of(&[(1.0, true)]).bins;
        assert_eq!((bins.len(), bins[0].range[1]), (1, 1.0));
    }
}
