//! Answers about pictures that may be read in several ways: all readings go through the model at once, and what they say
//! together is the answer.

use digits::contract::{CLASSES, OUTPUT_DIGIT_PROBS};
use digits::{Candidate, Choice, Judged, NotAProbability, Verdict, choose, p_leq_from_digits};

use crate::engine::{EngineError, Outputs, Session};

/// The readings of a pair's two pictures, at least one each, likeliest first.
pub type PairReadings = [Vec<Candidate>; 2];

/// A verdict, and which reading of each picture it is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// What the model says about the pair.
    pub verdict: Verdict,
    /// Place of the reading that won, of each picture.
    pub winners: [usize; 2],
}

/// Adds a pair's readings to `pixels`, `[n, 2, 14, 14]`: as many rows as the picture with more readings has.
pub fn push_pixels(pair: &PairReadings, pixels: &mut Vec<f32>) {
    for row in 0..rows(pair) {
        for readings in pair {
            if let Some(reading) = readings.get(row).or(readings.first()) {
                pixels.extend_from_slice(reading.prepared.image.pixels());
            }
        }
    }
}

/// Rows of the model's input that a pair takes.
fn rows(pair: &PairReadings) -> usize {
    pair[0].len().max(pair[1].len())
}

/// One answer a pair, from what the model put out about the pixels of all of them.
///
/// # Errors
/// [`NotAProbability`] when any value is none.
pub fn answers(pairs: &[PairReadings], outputs: &Outputs) -> Result<Vec<Answered>, NotAProbability> {
    let verdicts = outputs.verdicts()?;
    let mut first = 0;
    let answers = pairs.iter().map(|pair| {
        let of_pair = verdicts.get(first..first + rows(pair)).unwrap_or_default();
        first += rows(pair);
        answered(pair, of_pair)
    });
    answers.collect()
}

/// Asks the model about pairs.
///
/// # Errors
/// As [`Session::infer`], and [`EngineError::Answer`] when it answers with what is no probability.
pub fn ask(session: &mut dyn Session, pairs: &[PairReadings]) -> Result<Vec<Answered>, EngineError> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let mut pixels = Vec::new();
    pairs.iter().for_each(|pair| push_pixels(pair, &mut pixels));
    Ok(answers(pairs, &session.infer(&pixels)?)?)
}

fn answered(pair: &PairReadings, verdicts: &[Verdict]) -> Result<Answered, NotAProbability> {
    let missing = NotAProbability { output: OUTPUT_DIGIT_PROBS, value: f32::NAN };
    let likeliest = Answered { verdict: *verdicts.first().ok_or(missing)?, winners: [0, 0] };
    if rows(pair) == 1 {
        return Ok(likeliest);
    }
    let choices = [0, 1].map(|side| choice(&pair[side], verdicts, side));
    let [Some(first), Some(second)] = choices else { return Ok(likeliest) };
    let p_leq = p_leq_from_digits(&first.digits, &second.digits);
    let mut verdict = Verdict::new(p_leq, Some([first.digits, second.digits]))?;
    if let (Some(first), Some(second)) = (first.no_digit, second.no_digit) {
        verdict = verdict.with_no_digit([first, second])?;
    }
    Ok(Answered { verdict, winners: [first.winner, second.winner] })
}

/// The reading of one picture that wins; `None` from a model without digit heads.
fn choice(readings: &[Candidate], verdicts: &[Verdict], side: usize) -> Option<Choice> {
    let judged = readings.iter().zip(verdicts).map(|(reading, verdict)| {
        let digits: [f32; CLASSES] = verdict.digit_probs()?[side];
        Some(Judged { prior: reading.prior, digits, no_digit: verdict.no_digit().map(|of| of[side]) })
    });
    choose(&judged.collect::<Option<Vec<Judged>>>()?)
}
