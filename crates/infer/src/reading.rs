//! Answers about pictures that may be read in several ways: all readings go through the model at once.

pub use digits::Answered;
use digits::{Candidate, NotAProbability, Verdict};

use crate::engine::{EngineError, Outputs, Session};

/// A pair of pictures as read: the readings of each, at least one, likeliest first.
pub type ReadPair = [Vec<Candidate>; 2];

fn of(pair: &ReadPair) -> digits::PairReadings<'_> {
    digits::PairReadings([&pair[0], &pair[1]])
}

/// Adds a pair's readings to `pixels`, `[n, 2, 14, 14]`: as many rows as the picture with more readings has.
pub fn push_pixels(pair: &ReadPair, pixels: &mut Vec<f32>) {
    for image in of(pair).images().flatten() {
        pixels.extend_from_slice(image.pixels());
    }
}

/// One answer a pair, from what the model put out about the pixels of all of them.
fn answers(pairs: &[ReadPair], outputs: &Outputs) -> Result<Vec<Answered>, NotAProbability> {
    let verdicts = outputs.verdicts()?;
    let mut first = 0;
    let answers = pairs.iter().map(of).map(|pair| {
        let of_pair = verdicts.get(first..first + pair.count()).unwrap_or_default();
        first += pair.count();
        pair.answered(of_pair)
    });
    answers.collect()
}

/// What the model says about each of some readings, beside itself.
///
/// # Errors
/// As [`ask`].
pub fn judge<'a>(
    session: &mut dyn Session,
    readings: impl IntoIterator<Item = &'a Candidate>,
) -> Result<Vec<Verdict>, EngineError> {
    let images = readings.into_iter().map(|reading| reading.prepared.image.pixels());
    let pixels: Vec<f32> = images.flat_map(|image| [image, image]).flatten().copied().collect();
    if pixels.is_empty() {
        return Ok(Vec::new());
    }
    Ok(session.infer(&pixels)?.verdicts()?)
}

/// Asks the model about pairs, and a second time about the digits that it is not sure of.
///
/// # Errors
/// As [`Session::infer`], and [`EngineError::Answer`] when it answers with what is no probability.
pub fn ask(session: &mut dyn Session, pairs: &[ReadPair]) -> Result<Vec<Answered>, EngineError> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let mut pixels = Vec::new();
    pairs.iter().for_each(|pair| push_pixels(pair, &mut pixels));
    ask_with(session, pairs, &pixels)
}

/// As [`ask`], with what [`push_pixels`] made of all pairs.
///
/// # Errors
/// As [`ask`].
pub fn ask_with(session: &mut dyn Session, pairs: &[ReadPair], pixels: &[f32]) -> Result<Vec<Answered>, EngineError> {
    let answered = answers(pairs, &session.infer(pixels)?)?;
    look_again(session, pairs, answered)
}

/// Asks the model once more about the digits that it is not sure of ([`digits::PairReadings::second_look`]), of all pairs at once.
fn look_again(
    session: &mut dyn Session,
    pairs: &[ReadPair],
    mut answered: Vec<Answered>,
) -> Result<Vec<Answered>, EngineError> {
    let mut pixels = Vec::new();
    let mut again = Vec::new();
    for (at, (pair, answer)) in pairs.iter().zip(&answered).enumerate() {
        let looks = of(pair).second_look(answer);
        if !looks.is_empty() {
            again.push((at, looks.len()));
        }
        looks.iter().flatten().for_each(|image| pixels.extend_from_slice(image.pixels()));
    }
    if again.is_empty() {
        return Ok(answered);
    }
    let verdicts = session.infer(&pixels)?.verdicts()?;
    let mut first = 0;
    for (at, count) in again {
        let of_pair = verdicts.get(first..first + count).unwrap_or_default();
        answered[at] = of(&pairs[at]).after_second_look(answered[at], of_pair)?;
        first += count;
    }
    Ok(answered)
}
