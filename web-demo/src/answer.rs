//! What a network says about a pair, with the logits behind it.

use digits::contract::CLASSES;
use digits::{SideReading, Trust, Verdict};

use crate::network::Pair;

/// A verdict and its logits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    verdict: Verdict,
    trust: Trust,
    sides: [SideReading; 2],
    leq_logit: f32,
    digit_logits: Option<[[f32; CLASSES]; 2]>,
}

impl Answer {
    /// Puts a verdict about `pair` and the logits that it comes from together.
    pub fn new(pair: &Pair, verdict: Verdict, leq_logit: f32, digit_logits: Option<[[f32; CLASSES]; 2]>) -> Self {
        let (trust, sides) = Trust::of_pair(pair, &verdict);
        Self { verdict, trust, sides, leq_logit, digit_logits }
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

    /// How the first and the second image are read.
    pub fn sides(&self) -> [SideReading; 2] {
        self.sides
    }

    /// How far to trust the answer.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// The verdict's sentence as the page writes it: with "≤", and a capital where it begins with a word.
    pub fn sentence(&self) -> String {
        let sentence = self.verdict.sentence().replace("<=", "≤");
        match sentence.strip_prefix("the ") {
            Some(rest) => format!("The {rest}"),
            None => sentence,
        }
    }

    /// `p_leq` as precise as the sentence's percent: three decimals, and never rounded to a certainty that it is not.
    pub fn p_leq_in_words(&self) -> String {
        match self.verdict.p_leq() {
            p if p >= 0.999_5 => "p_leq > 0.999".to_owned(),
            p if p < 0.000_5 => "p_leq < 0.001".to_owned(),
            p => format!("p_leq = {p:.3}"),
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
    use digits::{DigitImage, SIDE};

    use super::*;

    fn pair() -> Pair {
        [DigitImage::new([30.0; SIDE * SIDE]); 2]
    }

    fn answer(p_leq: f32, first: (usize, f32), second: (usize, f32)) -> Answer {
        let probs = [first, second].map(|(digit, p)| {
            let rest = (1.0 - p) / (CLASSES - 1) as f32;
            std::array::from_fn(|class| if class == digit { p } else { rest })
        });
        Answer::new(&pair(), Verdict::new(p_leq, Some(probs)).unwrap(), 0.0, None)
    }

    #[test]
    fn an_answer_that_nothing_speaks_against_is_sure() {
        assert_eq!(answer(0.98, (3, 0.99), (7, 0.98)).trust(), Trust::Sure);
    }

    #[test]
    fn an_answer_near_an_even_chance_is_not_sure() {
        assert_eq!(answer(0.6, (3, 0.99), (7, 0.98)).trust(), Trust::NotSure);
    }

    #[test]
    fn a_digit_that_may_be_another_is_said() {
        assert_eq!(answer(0.98, (3, 0.59), (7, 0.98)).trust(), Trust::Unclear);
    }

    #[test]
    fn a_network_that_tells_no_digit_is_believed() {
        let told = |no_digit| {
            let verdict = *answer(0.98, (3, 0.95), (7, 0.98)).verdict();
            Answer::new(&pair(), verdict.with_no_digit(no_digit).unwrap(), 0.0, None).trust()
        };
        assert_eq!(told([0.1, 0.1]), Trust::Sure);
        assert_eq!(told([0.1, 0.6]).name(), "second-is-no-digit");
    }

    #[test]
    fn the_page_writes_the_sign_and_no_second_truth() {
        let sure = answer(0.999_99, (3, 0.99), (7, 0.98));
        assert_eq!(sure.sentence(), "3 ≤ 7, over 99.9 % sure");
        assert_eq!(sure.p_leq_in_words(), "p_leq > 0.999");
        let none = Verdict::new(0.9, None).unwrap().with_no_digit([0.9, 0.1]).unwrap();
        assert_eq!(Answer::new(&pair(), none, 2.2, None).sentence(), "The first is no digit");
        assert_eq!(answer(0.000_1, (7, 0.99), (3, 0.98)).p_leq_in_words(), "p_leq < 0.001");
        assert_eq!(answer(0.998, (3, 0.99), (7, 0.98)).p_leq_in_words(), "p_leq = 0.998");
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
        let answer = Answer::new(&pair(), Verdict::new(0.9, None).unwrap(), 2.2, None);
        assert_eq!((answer.product_table(), answer.p_leq_from_digits()), (None, None));
        assert_eq!(answer.trust(), Trust::SureUnnamed);
    }
}
