//! A pair of pictures that may be read in several ways: all readings are asked about, and what the network says about all
//! of them is the answer. One definition for every program.

use crate::choice::{Choice, Judged};
use crate::contract::{CLASSES, OUTPUT_DIGIT_PROBS};
use crate::digit_posteriors::p_leq_from_digits;
use crate::image::DigitImage;
use crate::prepare::Candidate;
use crate::second_look::{self, Sight};
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
    /// How each picture was seen for it.
    pub sights: [Sight; 2],
}

/// A verdict that should be there.
const MISSING: NotAProbability = NotAProbability { output: OUTPUT_DIGIT_PROBS, value: f32::NAN };

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
        let likeliest =
            Answered { verdict: *verdicts.first().ok_or(MISSING)?, winners: [0, 0], sights: [Sight::Once; 2] };
        if self.count() == 1 && !self.0.into_iter().flatten().any(|reading| reading.in_crowd) {
            return Ok(likeliest);
        }
        let [Some(first), Some(second)] = [0, 1].map(|side| self.choice(verdicts, side)) else { return Ok(likeliest) };
        let sides = [first, second].map(|side| (side.digits, side.no_digit));
        let verdict = of_sides(sides, [first.several, second.several])?;
        Ok(Answered { verdict, winners: [first.winner, second.winner], sights: [Sight::Once; 2] })
    }

    /// Pairs of images for a second question to a network that tells "no digit": a digit that it is less than [`crate::SURE`] of,
    /// in a picture that was framed, moved and turned a little, and a square picture that may show none in other ways; the other digit
    /// beside it unchanged, unless it is doubtful too. Empty if neither is doubtful.
    pub fn second_look(&self, answered: &Answered) -> Vec<[DigitImage; 2]> {
        let looks = self.of_doubtful(answered, second_look::looks);
        let image = |side: usize, row: usize| {
            let seen = || Some(self.winner(answered, side)?.prepared.image);
            looks[side].get(row).copied().or_else(seen)
        };
        let count = looks[0].len().max(looks[1].len());
        (0..count).filter_map(|row| Some([image(0, row)?, image(1, row)?])).collect()
    }

    /// The answer after both looks, of the verdicts about the images of [`second_look`](Self::second_look) in order.
    ///
    /// # Errors
    /// [`NotAProbability`] when verdicts are missing, or one is about what is none.
    pub fn after_second_look(&self, answered: Answered, verdicts: &[Verdict]) -> Result<Answered, NotAProbability> {
        let counts = self.of_doubtful(&answered, second_look::count);
        if verdicts.len() != counts[0].max(counts[1]) {
            return Err(MISSING);
        }
        let doubtful = self.doubtful(&answered);
        let judged = |verdict: &Verdict, side: usize| {
            let no_digit = verdict.no_digit().map(|of| of[side]);
            Some(Judged { prior: 1.0, digits: verdict.digit_probs()?[side], no_digit })
        };
        let side = |side: usize| {
            let first = judged(&answered.verdict, side)?;
            let others: Option<Vec<Judged>> =
                verdicts[..counts[side]].iter().map(|verdict| judged(verdict, side)).collect();
            Some(match doubtful[side] {
                Some(reading) => second_look::after(first, reading, &others?),
                None => (first, Sight::Once),
            })
        };
        let [Some(first), Some(second)] = [0, 1].map(side) else { return Ok(answered) };
        let sides = [first, second].map(|(side, _)| (side.digits, side.no_digit));
        let verdict = of_sides(sides, answered.verdict.several())?;
        Ok(Answered { verdict, sights: [first.1, second.1], ..answered })
    }

    /// What there is to know of each picture that is to be looked at again, from its reading and the probability of "no digit".
    fn of_doubtful<T: Default>(&self, answered: &Answered, known: fn(&Candidate, f32) -> T) -> [T; 2] {
        let doubtful = self.doubtful(answered);
        [0, 1].map(|side| match (doubtful[side], answered.verdict.no_digit()) {
            (Some(reading), Some(no_digit)) => known(reading, no_digit[side]),
            _ => T::default(),
        })
    }

    /// The reading of each picture that is to be looked at again, if it is.
    fn doubtful(&self, answered: &Answered) -> [Option<&Candidate>; 2] {
        let Answered { verdict, .. } = answered;
        [0, 1].map(|side| {
            let (digits, no_digit) = (verdict.digit_probs()?[side], verdict.no_digit()?[side]);
            let reading = self.winner(answered, side)?;
            let is_one = !verdict.shows_several()[side];
            (is_one && second_look::is_doubtful(reading, &digits, no_digit)).then_some(reading)
        })
    }

    fn winner(&self, answered: &Answered, side: usize) -> Option<&Candidate> {
        self.0[side].get(answered.winners[side])
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

/// The verdict about two digits that are read one by one: the classes of each, whether it is none, and what else its picture shows.
fn of_sides(
    [first, second]: [([f32; CLASSES], Option<f32>); 2],
    several: [Option<[u8; 2]>; 2],
) -> Result<Verdict, NotAProbability> {
    let p_leq = p_leq_from_digits(&first.0, &second.0);
    let verdict = Verdict::new(p_leq, Some([first.0, second.0]))?;
    let verdict = match (first.1, second.1) {
        (Some(first), Some(second)) => verdict.with_no_digit([first, second])?,
        _ => verdict,
    };
    Ok(verdict.with_several(several))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use crate::prepare::candidates;
    use crate::second_look::SHIFTED;

    /// A stroke on white paper, framed, of which there is one reading.
    fn framed() -> Vec<Candidate> {
        let mut paper = [255; 50 * 50];
        (10..40).for_each(|row| paper[row * 50 + 23..row * 50 + 27].fill(0));
        candidates(&Picture::luma(50, 50, &paper).unwrap()).unwrap()
    }

    fn verdict(sides: [(usize, f32, f32); 2]) -> Verdict {
        let of = |(digit, probability, none): (usize, f32, f32)| {
            let rest = (1.0 - probability) / 9.0;
            let digits: [f32; CLASSES] = std::array::from_fn(|class| if class == digit { probability } else { rest });
            (digits, Some(none))
        };
        of_sides(sides.map(of), [None; 2]).unwrap()
    }

    const SURE_OF_ONE: (usize, f32, f32) = (1, 0.99, 0.0);

    #[test]
    fn only_a_digit_that_the_network_is_not_sure_of_is_looked_at_again() {
        let readings = framed();
        let pair = PairReadings([&readings, &readings]);
        let looks = |sides| pair.second_look(&pair.answered(&[verdict(sides)]).unwrap());
        assert!(looks([SURE_OF_ONE; 2]).is_empty());
        let image = readings[0].prepared.image;
        let first = looks([(7, 0.6, 0.0), SURE_OF_ONE]);
        assert_eq!(first.len(), SHIFTED);
        assert!(first.iter().all(|[moved, as_it_was]| *moved != image && *as_it_was == image));
        // Sure of the digit, but not of its being one.
        let second = looks([SURE_OF_ONE, (1, 0.99, 0.4)]);
        assert!(second.iter().all(|[as_it_was, moved]| *moved != image && *as_it_was == image));
    }

    #[test]
    fn what_the_network_says_of_all_looks_is_the_answer() {
        let readings = framed();
        let pair = PairReadings([&readings, &readings]);
        let first = pair.answered(&[verdict([(7, 0.6, 0.0), SURE_OF_ONE])]).unwrap();
        let after = pair.after_second_look(first, &[verdict([(1, 0.97, 0.0), (4, 0.9, 0.0)]); SHIFTED]).unwrap();
        assert_eq!(after.sights, [Sight::Again, Sight::Once]);
        let [left, right] = after.verdict.digits().unwrap();
        assert_eq!((left.digit, right.digit, right.probability), (1, 1, 0.99), "the sure side is as it was");
        assert!(left.probability > 0.9 && after.verdict.is_leq());
        assert_eq!(first.verdict.digits().unwrap()[0].digit, 7);
        assert!(pair.after_second_look(first, &[]).is_err(), "an engine that does not answer is no sure one");
    }

    #[test]
    fn nothing_is_looked_at_again_that_was_not_framed_or_by_a_network_that_tells_no_non_digits() {
        let readings = framed();
        let mnist = readings[0].prepared.mnist.unwrap();
        let as_it_is = candidates(&Picture::luma(28, 28, &mnist).unwrap()).unwrap();
        let doubt = verdict([(7, 0.6, 0.0); 2]);
        let pair = PairReadings([&as_it_is, &as_it_is]);
        assert!(pair.second_look(&pair.answered(&[doubt]).unwrap()).is_empty());
        let pair = PairReadings([&readings, &readings]);
        let silent = Verdict::new(0.6, doubt.digit_probs().copied()).unwrap();
        assert!(pair.second_look(&pair.answered(&[silent]).unwrap()).is_empty());
        let in_text: Vec<Candidate> = framed().into_iter().map(|it| Candidate { in_crowd: true, ..it }).collect();
        let pair = PairReadings([&in_text, &in_text]);
        assert!(pair.second_look(&pair.answered(&[doubt]).unwrap()).is_empty());
    }
}
