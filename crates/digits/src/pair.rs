//! A pair of pictures that may be read in several ways: all readings are asked about, and what the network says about all
//! of them is the answer. One definition for every program.

use crate::choice::{Choice, Judged};
use crate::contract::{CLASSES, OUTPUT_DIGIT_PROBS};
use crate::digit_posteriors::p_leq_from_digits;
use crate::image::DigitImage;
use crate::prepare::Candidate;
use crate::several::choose_among;
use crate::verdict::{NotAProbability, Verdict};

/// The readings of a pair's two pictures, at least one each, likeliest first, and the answers about them.
///
/// ```
/// use digits::{PairReadings, Picture, Verdict, candidates};
///
/// // A stroke on white paper, which there is one way to read.
/// let mut paper = [255; 50 * 50];
/// (10..40).for_each(|row| paper[row * 50 + 23..row * 50 + 27].fill(0));
/// let readings = candidates(&Picture::luma(50, 50, &paper)?)?;
/// let pair = PairReadings([&readings, &readings]);
/// assert_eq!(pair.images().count(), 1);
/// let answer = pair.answered(&[Verdict::new(0.9, None)?])?;
/// assert_eq!((answer.verdict.is_leq(), answer.winners), (true, [0, 0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PairReadings<'a>(pub [&'a [Candidate]; 2]);

/// A verdict, and which reading of each picture it is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// What the model says about the pair.
    pub verdict: Verdict,
    /// Index of the winning reading, of each picture.
    pub winners: [usize; 2],
}

impl PairReadings<'_> {
    /// Pairs of images that a network is to be asked about: as many as the picture with more readings has.
    pub fn count(&self) -> usize {
        self.0[0].len().max(self.0[1].len())
    }

    /// Those pairs. Where one picture has fewer readings, its likeliest stands beside the other's further ones.
    pub fn images(&self) -> impl Iterator<Item = [&DigitImage; 2]> {
        let image = |side: usize, row: usize| {
            let readings = self.0[side];
            readings.get(row).or(readings.first()).map(|reading| &reading.prepared.image)
        };
        (0..self.count()).filter_map(move |row| Some([image(0, row)?, image(1, row)?]))
    }

    /// The answer about the pair, of the verdicts about its [`images`](Self::images) in order.
    ///
    /// # Errors
    /// [`NotAProbability`] when there is no verdict, or one about what is none.
    pub fn answered(&self, verdicts: &[Verdict]) -> Result<Answered, NotAProbability> {
        let missing = NotAProbability { output: OUTPUT_DIGIT_PROBS, value: f32::NAN };
        let likeliest = Answered { verdict: *verdicts.first().ok_or(missing)?, winners: [0, 0] };
        if self.count() == 1 && !self.0.into_iter().flatten().any(|reading| reading.in_crowd) {
            return Ok(likeliest);
        }
        let [Some(first), Some(second)] = [0, 1].map(|side| self.choice(verdicts, side)) else { return Ok(likeliest) };
        let p_leq = p_leq_from_digits(&first.digits, &second.digits);
        let mut verdict = Verdict::new(p_leq, Some([first.digits, second.digits]))?;
        if let (Some(first), Some(second)) = (first.no_digit, second.no_digit) {
            verdict = verdict.with_no_digit([first, second])?;
        }
        verdict = verdict.with_several([first.several, second.several]);
        Ok(Answered { verdict, winners: [first.winner, second.winner] })
    }

    /// The reading of one picture that wins; `None` from a model without digit heads.
    fn choice(&self, verdicts: &[Verdict], side: usize) -> Option<Choice> {
        let judged = self.0[side].iter().zip(verdicts).map(|(reading, verdict)| {
            let digits: [f32; CLASSES] = verdict.digit_probs()?[side];
            Some(Judged { prior: reading.prior, digits, no_digit: verdict.no_digit().map(|of| of[side]) })
        });
        choose_among(self.0[side], &judged.collect::<Option<Vec<Judged>>>()?)
    }
}
