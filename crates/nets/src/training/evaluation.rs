//! What a network gets right.

use candle_core::{Result, Tensor};
use digits::contract::CLASSES;
use digits::p_leq_from_digits;
use metrics::{Accuracy, OverImages};
use mnist::PairSet;
use serde::{Deserialize, Serialize};

use crate::layer::Pass;
use crate::network::{Comparator, Outputs};

/// Pairs compared at once.
const BATCH: usize = 500;
/// Replicates of a bootstrap over images.
const REPLICATES: usize = 1000;

/// Accuracy on a pair set, by each way of reading the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The learned comparison.
    pub learned_head: Accuracy,
    /// The comparison computed from the digit posteriors, `sum over i <= j of p_a(i) p_b(j) >= 1/2`.
    pub digit_posteriors: Option<Accuracy>,
    /// The comparison of the two most likely digits.
    pub most_likely_digits: Option<Accuracy>,
    /// Digits recognised, two a pair.
    pub digits: Option<Accuracy>,
    /// The learned comparison of pairs whose two digits are both recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned_head_digits_right: Option<Accuracy>,
}

impl Evaluation {
    /// Every accuracy that there is.
    pub fn accuracies(&self) -> impl Iterator<Item = Accuracy> + use<> {
        let of_digits = [self.digit_posteriors, self.most_likely_digits, self.digits, self.learned_head_digits_right];
        std::iter::once(self.learned_head).chain(of_digits.into_iter().flatten())
    }

    /// Every reading that there is, with what it is called everywhere.
    pub fn readings(&self) -> impl Iterator<Item = (&'static str, Accuracy)> {
        let readings = [
            ("test pairs, learned head", Some(self.learned_head)),
            ("test pairs, digit posteriors", self.digit_posteriors),
            ("test pairs, most likely digits", self.most_likely_digits),
            ("test digits", self.digits),
        ];
        readings.into_iter().filter_map(|(what, accuracy)| accuracy.map(|accuracy| (what, accuracy)))
    }
}

/// Outputs for all pairs, computed in evaluation mode.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn outputs(comparator: &Comparator, pairs: &PairSet) -> Result<Outputs> {
    let batch = comparator.batch(pairs)?;
    let positions: Vec<u32> = (0..pairs.len() as u32).collect();
    let mut parts = Vec::new();
    for positions in positions.chunks(BATCH) {
        let mut pass = Pass::evaluation(comparator.kernels());
        parts.push(comparator.forward(&batch.select(positions)?, &mut pass)?);
    }
    let leq_logits: Vec<&Tensor> = parts.iter().map(|part| &part.leq_logit).collect();
    let digit_logits: Vec<&Tensor> = parts.iter().filter_map(|part| part.digit_logits.as_ref()).collect();
    let no_digit_logits: Vec<&Tensor> = parts.iter().filter_map(|part| part.no_digit_logits.as_ref()).collect();
    Ok(Outputs {
        leq_logit: Tensor::cat(&leq_logits, 0)?.detach(),
        digit_logits: if digit_logits.is_empty() { None } else { Some(Tensor::cat(&digit_logits, 0)?.detach()) },
        no_digit_logits: if no_digit_logits.is_empty() {
            None
        } else {
            Some(Tensor::cat(&no_digit_logits, 0)?.detach())
        },
    })
}

/// The probability of "no digit" of every image, two a pair; `None` from a network that does not tell.
///
/// # Errors
/// Candle's, when the outputs cannot be read.
pub fn no_digit_probabilities(outputs: &Outputs) -> Result<Option<Vec<f32>>> {
    let Some(logits) = &outputs.no_digit_logits else { return Ok(None) };
    Ok(Some(logits.to_vec1::<f32>()?.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect()))
}

/// Accuracy over all ordered pairs of different images of `pairs`, read from their digit posteriors; `None` from a network
/// that does not compare by them.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn every_ordered_pair(comparator: &Comparator, pairs: &PairSet) -> Result<Option<Accuracy>> {
    let logits = outputs(comparator, pairs)?.digit_logits;
    let (Some(logits), true) = (logits, comparator.spec().can_be_calibrated()) else { return Ok(None) };
    Ok(Some(metrics::every_ordered_pair(&digit_posteriors(&logits)?, pairs.classes().as_flattened())))
}

/// As [`every_ordered_pair`], with a bootstrap over images.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn every_ordered_pair_over_images(comparator: &Comparator, pairs: &PairSet) -> Result<Option<OverImages>> {
    let logits = outputs(comparator, pairs)?.digit_logits;
    let (Some(logits), true) = (logits, comparator.spec().can_be_calibrated()) else { return Ok(None) };
    let (posteriors, labels) = (digit_posteriors(&logits)?, pairs.classes().as_flattened());
    Ok(metrics::every_ordered_pair_over_images(&posteriors, labels, REPLICATES))
}

/// The probability of every class, image by image, from logits `[B, 2, 10]`.
///
/// # Errors
/// Candle's, when the logits cannot be read.
pub fn digit_posteriors(logits: &Tensor) -> Result<Vec<[f32; CLASSES]>> {
    let probabilities = candle_nn::ops::softmax_last_dim(logits)?.flatten_all()?.to_vec1::<f32>()?;
    Ok(probabilities.as_chunks().0.to_vec())
}

/// Accuracy on `pairs`. Digit readings are given for networks whose digit heads are trained.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn evaluate(comparator: &Comparator, pairs: &PairSet) -> Result<Evaluation> {
    let outputs = outputs(comparator, pairs)?;
    let logits = outputs.leq_logit.to_vec1::<f32>()?;
    let learned_head =
        Accuracy::of(logits.iter().zip(pairs.targets()).map(|(&logit, target)| (logit >= 0.0) == target));
    let mut evaluation = Evaluation {
        learned_head,
        digit_posteriors: None,
        most_likely_digits: None,
        digits: None,
        learned_head_digits_right: None,
    };
    if let (Some(digit_logits), true) = (&outputs.digit_logits, comparator.spec().auxiliary) {
        let probabilities = candle_nn::ops::softmax_last_dim(digit_logits)?.to_vec3::<f32>()?;
        judge_digits(&mut evaluation, &probabilities, &logits, pairs);
    }
    Ok(evaluation)
}

/// The probability that a network gives "first <= second", and whether it is so, for each of `pairs`.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn answers(comparator: &Comparator, pairs: &PairSet) -> Result<Vec<(f64, bool)>> {
    Ok(leq_probabilities(&outputs(comparator, pairs)?)?.into_iter().zip(pairs.targets()).collect())
}

/// The probability of "first <= second" for each pair that a network answered.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn leq_probabilities(outputs: &Outputs) -> Result<Vec<f64>> {
    let logits = outputs.leq_logit.to_vec1::<f32>()?;
    Ok(logits.into_iter().map(|logit| 1.0 / (1.0 + (-f64::from(logit)).exp())).collect())
}

fn judge_digits(evaluation: &mut Evaluation, probabilities: &[Vec<Vec<f32>>], logits: &[f32], pairs: &PairSet) {
    let guesses: Vec<[usize; 2]> = probabilities.iter().map(|pair| [argmax(&pair[0]), argmax(&pair[1])]).collect();
    let posterior = probabilities.iter().map(|pair| p_leq_from_digits(&pair[0], &pair[1]) >= 0.5);
    evaluation.digit_posteriors = Some(Accuracy::of(posterior.zip(pairs.targets()).map(|(leq, target)| leq == target)));
    let compared = guesses.iter().map(|[first, second]| first <= second);
    evaluation.most_likely_digits =
        Some(Accuracy::of(compared.zip(pairs.targets()).map(|(leq, target)| leq == target)));
    let classes = pairs.classes().iter().flatten();
    evaluation.digits =
        Some(Accuracy::of(guesses.iter().flatten().zip(classes).map(|(&guess, &class)| guess == usize::from(class))));
    let recognised = guesses.iter().zip(pairs.classes()).map(|(guess, pair)| *guess == pair.map(usize::from));
    let learned = logits.iter().zip(pairs.targets()).map(|(&logit, target)| (logit >= 0.0) == target);
    let both = recognised.zip(learned).filter_map(|(recognised, right)| recognised.then_some(right));
    evaluation.learned_head_digits_right = Some(Accuracy::of(both)).filter(|accuracy| accuracy.all > 0);
}

fn argmax(probabilities: &[f32]) -> usize {
    (1..CLASSES).fold(0, |best, digit| if probabilities[digit] > probabilities[best] { digit } else { best })
}
