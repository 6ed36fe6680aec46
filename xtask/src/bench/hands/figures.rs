//! What of the answers is right, refused, and sure.

use anyhow::{Result, ensure};
use metrics::Accuracy;

use super::answers::{LabelledPair, PairAnswer};

/// An answer of so much confidence is a sure one.
const SURE: f64 = 0.95;
/// From this probability on, a picture is said to show no digit: `digits::NO_DIGIT`.
const NO_DIGIT: f64 = 0.5;
/// Most digits that may be called no digit, in percent.
pub const MOST_NO_DIGIT: f64 = 1.5;

/// Counts; one that does not exist for a model has no cases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Pairs answered right; one that is refused or unreadable is not.
    pub pairs: Accuracy,
    /// Digits read right, and not called no digit, by a model that reads digits.
    pub digits: Accuracy,
    /// Digits called no digit, by a model that tells.
    pub no_digit: Accuracy,
    /// Digits whose pictures cannot be read, or in which no ink is found.
    pub unreadable: Accuracy,
    /// Pairs whose answers are at least 95 % sure.
    pub sure: Accuracy,
    /// Right ones of the sure answers.
    pub sure_and_right: Accuracy,
}

impl Figures {
    /// Counts the answers.
    ///
    /// # Errors
    /// Answers that are not those of the pairs, in their order.
    pub fn of(pairs: &[LabelledPair], answers: &[PairAnswer]) -> Result<Self> {
        ensure!(pairs.len() == answers.len(), "{} pairs have {} answers", pairs.len(), answers.len());
        let reads_digits = answers.iter().any(|answer| answer.digits() != [None; 2]);
        let mut figures = Self::default();
        for (pair, answer) in pairs.iter().zip(answers) {
            ensure!(pair.pictures == answer.pictures(), "{:?} are answered as {:?}", pair.pictures, answer.pictures());
            figures.add(pair, answer, reads_digits);
        }
        Ok(figures)
    }

    fn add(&mut self, pair: &LabelledPair, answer: &PairAnswer, reads_digits: bool) {
        let is_right = answer.leq == Some(pair.digits[0] <= pair.digits[1]);
        self.pairs.add(is_right);
        let is_sure = answer.confidence().is_some_and(|confidence| confidence >= SURE);
        self.sure.add(is_sure);
        if is_sure {
            self.sure_and_right.add(is_right);
        }
        for (side, digit) in pair.digits.into_iter().enumerate() {
            let none = answer.no_digit()[side];
            let is_refused = none.is_some_and(|none| none >= NO_DIGIT);
            if none.is_some() {
                self.no_digit.add(is_refused);
            }
            if reads_digits {
                self.digits.add(!is_refused && answer.digits()[side] == Some(digit));
            }
            self.unreadable.add(answer.is_unreadable(side));
        }
    }

    /// Whether no more digits than asked for are called no digit.
    pub fn are_good(&self) -> bool {
        self.no_digit.all == 0 || 100.0 * self.no_digit.value() <= MOST_NO_DIGIT
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn pairs(digits: &[[u8; 2]]) -> Vec<LabelledPair> {
        let pair = |(at, digits): (usize, &[u8; 2])| LabelledPair {
            pictures: [format!("{at}-left.png"), format!("{at}-right.png")],
            digits: *digits,
        };
        digits.iter().enumerate().map(pair).collect()
    }

    pub fn answers(fields: &[&str]) -> Vec<PairAnswer> {
        let line = |(at, fields): (usize, &&str)| {
            format!("{{\"left\":\"{at}-left.png\",\"right\":\"{at}-right.png\",{fields}}}\n")
        };
        PairAnswer::all(&fields.iter().enumerate().map(line).collect::<String>()).unwrap()
    }

    #[test]
    fn right_sure_and_refused_answers_are_counted() {
        let pairs = pairs(&[[3, 7], [9, 2], [4, 4], [1, 0]]);
        let answers = answers(&[
            r#""leq":true,"p_leq":0.99,"left_digit":3,"right_digit":7,"left_no_digit":0.01,"right_no_digit":0.0"#,
            r#""leq":true,"p_leq":0.98,"left_digit":1,"right_digit":2,"left_no_digit":0.0,"right_no_digit":0.02"#,
            r#""left_digit":4,"right_digit":4,"left_no_digit":0.6,"right_no_digit":0.3,"error":"2-left.png: no digit""#,
            r#""error":"3-right.png: no ink""#,
        ]);
        let figures = Figures::of(&pairs, &answers).unwrap();
        let wanted = Figures {
            pairs: Accuracy { right: 1, all: 4 },
            digits: Accuracy { right: 4, all: 8 },
            no_digit: Accuracy { right: 1, all: 6 },
            unreadable: Accuracy { right: 1, all: 8 },
            sure: Accuracy { right: 2, all: 4 },
            sure_and_right: Accuracy { right: 1, all: 2 },
        };
        assert_eq!(figures, wanted);
        assert!(!figures.are_good());
    }

    #[test]
    fn a_model_without_digits_and_without_no_digit_is_measured_all_the_same() {
        let answers = answers(&[r#""leq":true,"p_leq":0.96"#]);
        let figures = Figures::of(&pairs(&[[5, 8]]), &answers).unwrap();
        assert_eq!((figures.digits.all, figures.no_digit.all), (0, 0));
        assert_eq!((figures.pairs.right, figures.sure.right, figures.sure_and_right.right), (1, 1, 1));
        assert!(figures.are_good());
    }

    #[test]
    fn answers_of_other_pairs_are_refused() {
        let (two, one) = (pairs(&[[1, 2], [3, 4]]), answers(&[r#""leq":true"#]));
        assert_eq!(Figures::of(&two, &one).unwrap_err().to_string(), "2 pairs have 1 answers");
        assert!(Figures::of(&two[1..], &one).unwrap_err().to_string().contains("are answered as"));
    }
}
