//! Pictures that show no digit: drawn by programs, each read, judged and compared beside a test digit.

use digits::drawn::{Digits, NonDigit, NonDigitKind};
use digits::{Candidate, MNIST_SIDE, Picture, SIDE, Verdict, candidates};
use metrics::Accuracy;
use mnist::Split;

use super::parallel::in_parallel;
use crate::engine::{EngineError, Session};
use crate::reading::{self, ReadPair};

/// Pairs that the model is asked about at once.
const CHUNK: usize = 50;

/// Digits of the split that drawings are made of and that stand beside them, at most.
const PARTNERS: usize = 1_000;

/// Answers about pairs of a digit and a non-digit of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NonDigitAnswers {
    /// Drawings told to show no digit, or several: by preparation, which finds no ink, or by the model.
    pub refused: Accuracy,
    /// Pairs that were answered at least 95 % sure.
    pub sure: Accuracy,
}

impl NonDigitAnswers {
    fn count(&mut self, side: usize, verdict: Option<Verdict>) {
        self.refused.add(verdict.is_none_or(|verdict| verdict.refusals()[side].is_some()));
        self.sure.add(verdict.is_some_and(|verdict| verdict.is_very_sure()));
    }
}

/// Draws non-digits of a kind from each of `seeds`, and answers about each beside a digit of `split`, on its left and on its
/// right in turn, on `threads` threads.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Split,
    kind: &NonDigitKind,
    seeds: std::ops::Range<u64>,
    threads: usize,
    engine: &mut dyn Session,
) -> Result<NonDigitAnswers, EngineError> {
    let images: Vec<[f32; SIDE * SIDE]> = split.digit_images().take(PARTNERS).map(|image| *image.pixels()).collect();
    let digits = Digits { images: &images, labels: &split.labels[..images.len()] };
    let partners: Vec<Vec<Candidate>> =
        split.images.iter().take(PARTNERS).filter_map(|digit| readings(MNIST_SIDE, digit)).collect();
    let mut answers = NonDigitAnswers::default();
    let count = (seeds.end - seeds.start) as usize;
    for first in (0..count).step_by(CHUNK) {
        let chunk = first..(first + CHUNK).min(count);
        let drawn = in_parallel(chunk.clone(), threads, |number| {
            let seed = seeds.start + number as u64;
            let drawing = readings(NonDigit::PICTURE_SIDE, &NonDigit::draw(kind, &digits, seed).picture(seed))?;
            let partner = partners.get(number * 37 % partners.len().max(1))?.clone();
            Some(if number % 2 == 0 { [drawing, partner] } else { [partner, drawing] })
        });
        let found: Vec<ReadPair> = drawn.iter().flatten().cloned().collect();
        let mut verdicts = reading::ask(engine, &found)?.into_iter();
        for (number, drawn) in chunk.zip(drawn) {
            answers.count(number % 2, drawn.and_then(|_| verdicts.next()).map(|answered| answered.verdict));
        }
    }
    Ok(answers)
}

/// All readings of a grey picture of `side` pixels each way; `None` where it shows no ink.
fn readings(side: usize, picture: &[u8]) -> Option<Vec<Candidate>> {
    candidates(&Picture::luma(side, side, picture).ok()?).ok()
}
