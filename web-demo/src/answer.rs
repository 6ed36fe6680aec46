//! What a network says about a pair, with the logits behind it.

use digits::contract::CLASSES;
use digits::{SIDE, Verdict};

use crate::network::Pair;

/// A drawing for which no digit has an even chance does not look like one.
const EVEN_CHANCE: f32 = 0.5;

/// Share of an image that ink covers, above which it is none of a digit: of MNIST's 70,000, the fullest has 0.398. A network
/// may well be sure of a blot.
const MOST_INK: f32 = 0.4;

/// A verdict and its logits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    verdict: Verdict,
    /// For either image, whether it holds more ink than a digit.
    is_blot: [bool; 2],
    leq_logit: f32,
    digit_logits: Option<[[f32; CLASSES]; 2]>,
}

/// How an answer is to be taken, most doubtful first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The first image, the second, or both show no digit: the network says so, or, where it does not tell, no digit has an
    /// even chance or there is more ink than in any digit. The answer means little.
    NotADigit {
        /// Whether it is so for the first.
        first: bool,
        /// Whether it is so for the second.
        second: bool,
    },
    /// The digits as read contradict the comparison.
    HeadsDisagree,
    /// The comparison is close to an even chance.
    NotSure,
    /// Nothing speaks against the answer.
    Sure,
}

impl Reading {
    /// The name under which the page knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotADigit { first: true, second: true } => "neither-is-a-digit",
            Self::NotADigit { first: true, .. } => "first-is-no-digit",
            Self::NotADigit { .. } => "second-is-no-digit",
            Self::HeadsDisagree => "heads-disagree",
            Self::NotSure => "not-sure",
            Self::Sure => "sure",
        }
    }
}

impl Answer {
    /// Puts a verdict about `pair` and the logits that it comes from together.
    pub fn new(pair: &Pair, verdict: Verdict, leq_logit: f32, digit_logits: Option<[[f32; CLASSES]; 2]>) -> Self {
        let ink = |side: usize| pair[side].pixels().iter().sum::<f32>() / (255 * SIDE * SIDE) as f32;
        Self { verdict, is_blot: [0, 1].map(|side| ink(side) > MOST_INK), leq_logit, digit_logits }
    }

    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The logit of `p_leq`.
    pub fn leq_logit(&self) -> f32 {
        self.leq_logit
    }

    /// The logits of the digit classes of the first and the second image, from a network with digit heads.
    pub fn digit_logits(&self) -> Option<&[[f32; CLASSES]; 2]> {
        self.digit_logits.as_ref()
    }

    /// Whether the first and the second image show no digit: what the verdict says from a network that tells, else a guess
    /// from the digits' probabilities and the ink.
    pub fn shows_no_digit(&self) -> [bool; 2] {
        if self.verdict.no_digit().is_some() {
            return self.verdict.shows_no_digit();
        }
        let unlikely = self.verdict.digits().map_or([false; 2], |digits| digits.map(|it| it.probability < EVEN_CHANCE));
        [0, 1].map(|side| unlikely[side] || self.is_blot[side])
    }

    /// How the answer is to be taken.
    pub fn reading(&self) -> Reading {
        let [first, second] = self.shows_no_digit();
        if first || second {
            return Reading::NotADigit { first, second };
        }
        match self.verdict.digits_agree() {
            Some(false) => Reading::HeadsDisagree,
            _ if !self.verdict.is_sure() => Reading::NotSure,
            _ => Reading::Sure,
        }
    }

    /// The probability of every pair of digits, row i for the first, column j for the second: `p_a(i) p_b(j)`, as if
    /// the two were read apart. `None` from a network without digit heads.
    pub fn product_table(&self) -> Option<[[f32; CLASSES]; CLASSES]> {
        let [first, second] = self.verdict.digit_probs()?;
        Some(first.map(|p| second.map(|q| p * q)))
    }

    /// What the digits alone say about first <= second: the sum of [`Answer::product_table`] where i <= j.
    pub fn p_leq_from_digits(&self) -> Option<f32> {
        self.verdict.p_leq_from_digits()
    }
}

#[cfg(test)]
mod tests {
    use digits::DigitImage;

    use super::*;

    fn pair(ink: f32) -> Pair {
        [DigitImage::new([ink; SIDE * SIDE]); 2]
    }

    fn answer(p_leq: f32, first: (usize, f32), second: (usize, f32)) -> Answer {
        let probs = [first, second].map(|(digit, p)| {
            let rest = (1.0 - p) / (CLASSES - 1) as f32;
            std::array::from_fn(|class| if class == digit { p } else { rest })
        });
        Answer::new(&pair(30.0), Verdict::new(p_leq, Some(probs)).unwrap(), 0.0, None)
    }

    #[test]
    fn an_answer_that_nothing_speaks_against_is_sure() {
        assert_eq!(answer(0.98, (3, 0.99), (7, 0.98)).reading(), Reading::Sure);
    }

    #[test]
    fn an_answer_near_an_even_chance_is_not_sure() {
        assert_eq!(answer(0.6, (3, 0.99), (7, 0.98)).reading(), Reading::NotSure);
    }

    #[test]
    fn digits_that_contradict_the_comparison_are_said_before_doubt() {
        assert_eq!(answer(0.4, (3, 0.99), (7, 0.98)).reading(), Reading::HeadsDisagree);
    }

    #[test]
    fn a_drawing_that_looks_like_no_digit_is_said_before_all_else() {
        let names = [(0.3, 0.9), (0.9, 0.3), (0.3, 0.3)].map(|(p, q)| answer(0.4, (3, p), (7, q)).reading().name());
        assert_eq!(names, ["first-is-no-digit", "second-is-no-digit", "neither-is-a-digit"]);
    }

    #[test]
    fn a_network_that_tells_no_digit_is_believed() {
        let told = |no_digit| {
            let verdict = *answer(0.98, (3, 0.4), (7, 0.98)).verdict();
            Answer::new(&pair(250.0), verdict.with_no_digit(no_digit).unwrap(), 0.0, None).reading()
        };
        assert_eq!(told([0.1, 0.1]), Reading::Sure);
        assert_eq!(told([0.1, 0.6]).name(), "second-is-no-digit");
    }

    #[test]
    fn a_blot_is_no_digit_however_sure_the_network_is() {
        let [first, second] = [pair(250.0)[0], pair(30.0)[0]];
        let answer = Answer::new(&[first, second], Verdict::new(0.99, None).unwrap(), 4.6, None);
        assert_eq!(answer.reading().name(), "first-is-no-digit");
    }

    #[test]
    fn the_table_adds_up_to_one_and_its_upper_half_to_what_the_digits_say() {
        let answer = answer(0.98, (3, 0.7), (7, 0.6));
        let all: f32 = answer.product_table().unwrap().iter().flatten().sum();
        assert!((all - 1.0).abs() < 1e-5, "{all}");
        let (p, q) = (0.3f32 / 9.0, 0.4f32 / 9.0);
        let first = |i: usize| if i == 3 { 0.7 } else { p };
        let second = |j: usize| if j == 7 { 0.6 } else { q };
        let mut expected = 0.0;
        for i in 0..10 {
            for j in i..10 {
                expected += first(i) * second(j);
            }
        }
        assert!((answer.p_leq_from_digits().unwrap() - expected).abs() < 1e-5);
    }

    #[test]
    fn a_network_without_digit_heads_has_no_table() {
        let answer = Answer::new(&pair(30.0), Verdict::new(0.9, None).unwrap(), 2.2, None);
        assert_eq!((answer.product_table(), answer.p_leq_from_digits()), (None, None));
        assert_eq!(answer.reading(), Reading::Sure);
    }
}
