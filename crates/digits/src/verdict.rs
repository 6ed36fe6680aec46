//! What a network answered about a pair, and how that is said.

use std::fmt;

use serde::Serialize;

use crate::contract::CLASSES;
use crate::digit_posteriors::p_leq_from_digits;
use crate::percent::Percent;

/// Below this confidence, 0 to 1, the sentence says "not sure": one such answer in three or four is wrong if the network is
/// calibrated.
pub const SURE: f32 = 0.75;

/// From this confidence on, 0 to 1, answers are counted as very sure in results: of these hardly any may be wrong.
pub const VERY_SURE: f32 = 0.95;

/// From this probability on, 0 to 1, an image is said to show no digit.
pub const NO_DIGIT: f32 = 0.5;

/// Whether an image with this probability of "no digit" is said to show none: the one definition for all programs.
pub fn is_no_digit(probability: f32) -> bool {
    probability >= NO_DIGIT
}

/// The answer about one pair: is the first digit less than or equal to the second?
///
/// ```
/// let sure_of = |digit: usize| std::array::from_fn(|class| if class == digit { 0.91 } else { 0.01 });
/// let verdict = digits::Verdict::new(0.998, Some([sure_of(3), sure_of(7)]))?;
/// assert!(verdict.is_leq() && verdict.is_sure());
/// assert_eq!(verdict.sentence(), "3 <= 7, 99.8 % sure");
/// # Ok::<(), digits::NotAProbability>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verdict {
    p_leq: f32,
    digit_probs: Option<[[f32; CLASSES]; 2]>,
    no_digit: Option<[f32; 2]>,
    several: [Option<[u8; 2]>; 2],
}

/// A digit that an image may show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DigitGuess {
    /// 0 to 9.
    pub digit: u8,
    /// 0 to 1.
    pub probability: f32,
}

/// A network's output that is no probability.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the network answered {value} for {output}, which is no probability from 0 to 1")]
pub struct NotAProbability {
    /// Name of the output.
    pub output: &'static str,
    /// What it held.
    pub value: f32,
}

impl Verdict {
    /// Takes a network's outputs for one pair: the probability that first <= second, and, from a network that has digit
    /// heads, the probabilities of the ten classes for the first and the second image.
    ///
    /// # Errors
    /// [`NotAProbability`] when any value is not from 0 to 1, NaN included. A thousandth beyond is rounding.
    pub fn new(p_leq: f32, digit_probs: Option<[[f32; CLASSES]; 2]>) -> Result<Self, NotAProbability> {
        let check = |output: &'static str, value: f32| match value {
            -0.001..=1.001 => Ok(value.clamp(0.0, 1.0)),
            _ => Err(NotAProbability { output, value }),
        };
        let p_leq = check(crate::contract::OUTPUT_P_LEQ, p_leq)?;
        for &value in digit_probs.iter().flatten().flatten() {
            check(crate::contract::OUTPUT_DIGIT_PROBS, value)?;
        }
        Ok(Self { p_leq, digit_probs, no_digit: None, several: [None; 2] })
    }

    /// The same from a network that tells "no digit" too, with that probability for the first and the second image.
    ///
    /// # Errors
    /// As [`Verdict::new`].
    pub fn with_no_digit(self, no_digit: [f32; 2]) -> Result<Self, NotAProbability> {
        for value in no_digit {
            if !(-0.001..=1.001).contains(&value) {
                return Err(NotAProbability { output: crate::contract::OUTPUT_NO_DIGIT, value });
            }
        }
        Ok(Self { no_digit: Some(no_digit.map(|value| value.clamp(0.0, 1.0))), ..self })
    }

    /// Probability that the first and the second image show no digit, from a network that tells.
    pub fn no_digit(&self) -> Option<[f32; 2]> {
        self.no_digit
    }

    /// Whether the first and the second image are said to show no digit ([`is_no_digit`]). Never, by a network that does not
    /// tell. Where either is, there is no answer about the pair.
    pub fn shows_no_digit(&self) -> [bool; 2] {
        self.no_digit.map_or([false; 2], |probabilities| probabilities.map(is_no_digit))
    }

    /// The same where the first or the second picture shows more than one digit, two of which are named.
    pub(crate) fn with_several(self, several: [Option<[u8; 2]>; 2]) -> Self {
        Self { several, ..self }
    }

    /// The two digits that the first and the second picture show, where it shows more than one.
    pub(crate) fn several(&self) -> [Option<[u8; 2]>; 2] {
        self.several
    }

    /// Whether the first and the second picture show more than one digit. Where either does, there is no answer about the pair.
    pub fn shows_several(&self) -> [bool; 2] {
        self.several.map(|digits| digits.is_some())
    }

    /// Whether there is an answer about the pair: both pictures show a digit, and no more than one.
    pub fn is_answered(&self) -> bool {
        self.shows_no_digit() == [false; 2] && self.shows_several() == [false; 2]
    }

    /// What is said of the first and of the second image where it shows no digit, or several: `no digit (looks most like 4)`,
    /// `more than one digit, 4 and 2: cut one out, or compare the two with --split`.
    pub fn refusals(&self) -> [Option<String>; 2] {
        let digits = self.digits();
        let refused = self.shows_no_digit();
        [0, 1].map(|side| match (self.several[side], digits) {
            (Some([one, other]), _) => {
                Some(format!("more than one digit, {one} and {other}: cut one out, or compare the two with --split"))
            }
            (None, Some(digits)) if refused[side] => Some(format!("no digit (looks most like {})", digits[side].digit)),
            (None, _) => refused[side].then(|| "no digit".to_owned()),
        })
    }

    /// Probability that the first digit is less than or equal to the second.
    pub fn p_leq(&self) -> f32 {
        self.p_leq
    }

    /// Whether there is an answer, and it is very sure ([`VERY_SURE`]).
    pub fn is_very_sure(&self) -> bool {
        self.is_answered() && self.confidence() >= VERY_SURE
    }

    /// Probability of each class for the first and the second image, from a network with digit heads.
    pub fn digit_probs(&self) -> Option<&[[f32; CLASSES]; 2]> {
        self.digit_probs.as_ref()
    }

    /// The answer: whether first <= second. An even chance counts as yes.
    pub fn is_leq(&self) -> bool {
        self.p_leq >= 0.5
    }

    /// Probability that the answer is right, 0 to 1: that the comparison is, and that both images show digits, which only
    /// a network that tells "no digit" can doubt. Without such doubt at least 0.5.
    pub fn confidence(&self) -> f32 {
        let are_digits: f32 = self.no_digit.map_or(1.0, |no_digit| no_digit.iter().map(|none| 1.0 - none).product());
        self.p_leq.max(1.0 - self.p_leq) * are_digits
    }

    /// Whether the answer is confident enough to be said without "not sure".
    pub fn is_sure(&self) -> bool {
        self.confidence() >= SURE
    }

    /// All classes of the first and the second image, most likely first; the lower digit first among equals.
    pub fn guesses(&self) -> Option<[[DigitGuess; CLASSES]; 2]> {
        self.digit_probs.as_ref().map(|pair| {
            pair.map(|probabilities| {
                let mut digit = 0..;
                let mut guesses = probabilities
                    .map(|probability| DigitGuess { digit: digit.next().unwrap_or_default(), probability });
                guesses.sort_by(|a, b| b.probability.total_cmp(&a.probability));
                guesses
            })
        })
    }

    /// The most likely digit of the first and of the second image.
    pub fn digits(&self) -> Option<[DigitGuess; 2]> {
        self.guesses().map(|pair| pair.map(|guesses| guesses[0]))
    }

    /// What the digits alone say about first <= second; `None` from a network without digit heads.
    pub fn p_leq_from_digits(&self) -> Option<f32> {
        self.digit_probs.as_ref().map(|[first, second]| p_leq_from_digits(first, second))
    }

    /// Whether the digits, read one by one, give the same answer; `None` from a network without digit heads.
    pub fn digits_agree(&self) -> Option<bool> {
        self.digits().map(|[first, second]| (first.digit <= second.digit) == self.is_leq())
    }

    /// The verdict in one English sentence without a full stop, as in `3 <= 7, 99.8 % sure`.
    ///
    /// Where the digits as read contradict the answer, the sentence states both and does not choose. Where an image shows
    /// no digit it says that alone: `the first is no digit (looks most like 4)`.
    pub fn sentence(&self) -> String {
        match self.refusals() {
            [Some(first), Some(second)] => return format!("the first is {first}, the second is {second}"),
            [Some(first), None] => return format!("the first is {first}"),
            [None, Some(second)] => return format!("the second is {second}"),
            [None, None] => {}
        }
        let relation = if self.is_leq() { "<=" } else { ">" };
        let sure = Sureness(self.confidence());
        match self.digits() {
            Some([first, second]) if self.digits_agree() == Some(true) => {
                format!("{} {relation} {}, {sure}", first.digit, second.digit)
            }
            Some([first, second]) => format!(
                "first {relation} second, {sure}, although the digits read as {} and {}",
                first.digit, second.digit
            ),
            None => format!("first {relation} second, {sure}"),
        }
    }
}

/// A confidence in words.
struct Sureness(f32);

impl fmt::Display for Sureness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < SURE { write!(f, "not sure: {}", Percent(self.0)) } else { write!(f, "{} sure", Percent(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nearly all of the probability on `first` and on `second`.
    fn reading(first: usize, second: usize) -> Option<[[f32; CLASSES]; 2]> {
        let sure_of = |digit: usize| std::array::from_fn(|class| if class == digit { 0.91 } else { 0.01 });
        Some([sure_of(first), sure_of(second)])
    }

    fn sentence(p_leq: f32, digit_probs: Option<[[f32; CLASSES]; 2]>) -> String {
        Verdict::new(p_leq, digit_probs).unwrap().sentence()
    }

    #[test]
    fn a_sure_verdict_names_both_digits() {
        assert_eq!(sentence(0.998, reading(3, 7)), "3 <= 7, 99.8 % sure");
        assert_eq!(sentence(0.002, reading(7, 3)), "7 > 3, 99.8 % sure");
        assert_eq!(sentence(0.9, reading(4, 4)), "4 <= 4, 90.0 % sure");
    }

    #[test]
    fn a_network_without_digit_heads_speaks_of_first_and_second() {
        assert_eq!(sentence(0.25, None), "first > second, 75.0 % sure");
    }

    #[test]
    fn an_unsure_verdict_says_so() {
        assert_eq!(sentence(0.53, reading(3, 7)), "3 <= 7, not sure: 53.0 %");
    }

    #[test]
    fn digits_that_contradict_the_answer_are_not_hidden() {
        assert_eq!(sentence(0.2, reading(3, 7)), "first > second, 80.0 % sure, although the digits read as 3 and 7");
    }

    #[test]
    fn no_verdict_is_rounded_to_certainty() {
        assert_eq!(sentence(0.999_99, reading(1, 9)), "1 <= 9, over 99.9 % sure");
    }

    #[test]
    fn an_image_that_shows_no_digit_is_said_to_show_none_and_nothing_is_compared() {
        let verdict = |no_digit| Verdict::new(0.998, reading(4, 7)).unwrap().with_no_digit(no_digit).unwrap();
        assert_eq!(verdict([0.6, 0.1]).sentence(), "the first is no digit (looks most like 4)");
        assert_eq!(verdict([0.2, 0.5]).sentence(), "the second is no digit (looks most like 7)");
        assert_eq!(verdict([0.0, 0.0]).sentence(), "4 <= 7, 99.8 % sure");
        assert_eq!(verdict([0.9, 0.1]).shows_no_digit(), [true, false]);
        let both = "the first is no digit (looks most like 4), the second is no digit (looks most like 7)";
        assert_eq!(verdict([0.9, 0.9]).sentence(), both);
    }

    #[test]
    fn an_answer_is_no_surer_than_that_both_images_show_digits() {
        let verdict = |no_digit| Verdict::new(0.998, reading(4, 7)).unwrap().with_no_digit(no_digit).unwrap();
        assert!((verdict([0.1, 0.2]).confidence() - 0.998 * 0.9 * 0.8).abs() < 1e-6);
        assert_eq!(verdict([0.0, 0.06]).sentence(), "4 <= 7, 93.8 % sure");
        assert_eq!(verdict([0.49, 0.49]).sentence(), "4 <= 7, not sure: 26.0 %");
        assert!(!verdict([0.3, 0.0]).is_sure());
        assert!(verdict([0.0, 0.02]).is_very_sure() && !verdict([0.0, 0.06]).is_very_sure());
    }

    #[test]
    fn a_picture_of_several_digits_is_said_to_show_them_and_nothing_is_compared() {
        let verdict = Verdict::new(0.998, reading(4, 7)).unwrap().with_no_digit([0.0, 0.9]).unwrap();
        let verdict = verdict.with_several([Some([4, 2]), None]);
        assert!(!verdict.is_answered());
        assert_eq!((verdict.shows_several(), verdict.shows_no_digit()), ([true, false], [false, true]));
        let said = "the first is more than one digit, 4 and 2: cut one out, or compare the two with --split, \
                    the second is no digit (looks most like 7)";
        assert_eq!(verdict.sentence(), said);
    }

    #[test]
    fn a_network_that_does_not_tell_never_refuses() {
        let verdict = Verdict::new(0.9, reading(1, 2)).unwrap();
        assert_eq!(
            (verdict.no_digit(), verdict.shows_no_digit(), verdict.refusals()),
            (None, [false; 2], [None, None])
        );
        assert_eq!(verdict.with_no_digit([0.1, f32::NAN]).unwrap_err().output, "no_digit");
    }

    #[test]
    fn an_output_that_is_no_probability_is_refused() {
        assert!(Verdict::new(f32::NAN, None).is_err());
        assert!(Verdict::new(1.5, None).is_err());
        let mut probabilities = reading(1, 2);
        probabilities.as_mut().unwrap()[1][3] = f32::INFINITY;
        assert_eq!(Verdict::new(0.5, probabilities).unwrap_err().output, "digit_probs");
    }

    #[test]
    fn the_runner_up_follows_the_most_likely_digit() {
        let mut probabilities = reading(4, 5).unwrap();
        probabilities[0][9] = 0.5;
        let guesses = Verdict::new(0.9, Some(probabilities)).unwrap().guesses().unwrap();
        assert_eq!((guesses[0][0].digit, guesses[0][1].digit, guesses[0][2].digit), (4, 9, 0));
    }
}
