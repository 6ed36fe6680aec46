//! Which of several readings of one picture is the digit: the shape's word and the network's word together.

use crate::contract::CLASSES;

/// What a network said about one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// How likely the candidate is the digit by its shape alone, all candidates of a picture adding up to 1.
    pub prior: f32,
    /// Probability of each class if it is a digit.
    pub digits: [f32; CLASSES],
    /// Probability that it is none, from a network that says so.
    pub no_digit: Option<f32>,
}

/// The candidate that won, and what is known about the picture's digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Place among the candidates.
    pub winner: usize,
    /// Its part of the belief, 0 to 1: how far it won.
    pub lead: f32,
    /// Probability of each class, where candidates that lost have their part.
    pub digits: [f32; CLASSES],
    /// Probability that the picture shows no digit: the winner's.
    pub no_digit: Option<f32>,
    /// Two digits of the picture where it shows more than one, from [`crate::choose_among`] and a network that tells "no digit".
    pub several: Option<[u8; 2]>,
}

/// How much a reading counts that the network is unsure about: its largest probability to this power. 4 leaves an even
/// doubt between two classes a sixteenth.
const SHARPNESS: i32 = 4;

/// Chooses among the readings of one picture. `None` without any.
///
/// A candidate's belief is its prior, times how much it looks like some digit. The classes' probabilities are averaged by
/// belief: so candidates that agree leave the winner as sure as it is, and one that disagrees takes its part away.
pub fn choose(candidates: &[Judged]) -> Option<Choice> {
    let beliefs: Vec<f32> = candidates.iter().map(belief).collect();
    let total: f32 = beliefs.iter().sum();
    let winner = (0..candidates.len()).reduce(|best, next| if beliefs[next] > beliefs[best] { next } else { best })?;
    let share = |at: usize| if total > 0.0 { beliefs[at] / total } else { f32::from(u8::from(at == winner)) };
    if candidates.len() == 1 {
        let only = &candidates[0];
        return Some(Choice { winner, lead: 1.0, digits: only.digits, no_digit: only.no_digit, several: None });
    }
    let mut digits = [0.0; CLASSES];
    for (at, candidate) in candidates.iter().enumerate() {
        digits.iter_mut().zip(&candidate.digits).for_each(|(sum, probability)| *sum += share(at) * probability);
    }
    Some(Choice { winner, lead: share(winner), digits, no_digit: candidates[winner].no_digit, several: None })
}

/// How much a candidate counts: its prior, times how much it looks like some digit.
pub(crate) fn belief(candidate: &Judged) -> f32 {
    let sharpest = candidate.digits.iter().copied().fold(0.0, f32::max);
    candidate.prior * sharpest.powi(SHARPNESS) * (1.0 - candidate.no_digit.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(prior: f32, digit: usize, probability: f32) -> Judged {
        let rest = (1.0 - probability) / 9.0;
        let digits = std::array::from_fn(|class| if class == digit { probability } else { rest });
        Judged { prior, digits, no_digit: None }
    }

    #[test]
    fn the_only_candidate_is_as_sure_as_the_network() {
        let only = judged(1.0, 3, 0.97);
        let choice = choose(&[only]).unwrap();
        assert_eq!((choice.winner, choice.lead, choice.digits), (0, 1.0, only.digits));
        assert_eq!(choose(&[]), None);
    }

    #[test]
    fn a_reading_that_looks_like_a_digit_beats_one_that_does_not() {
        let choice = choose(&[judged(0.6, 8, 0.4), judged(0.4, 2, 0.99)]).unwrap();
        assert_eq!(choice.winner, 1);
        assert!(choice.lead > 0.9, "{choice:?}");
    }

    #[test]
    fn candidates_that_disagree_leave_doubt_and_those_that_agree_none() {
        let disagreeing = choose(&[judged(0.6, 3, 0.99), judged(0.4, 8, 0.99)]).unwrap();
        assert!((disagreeing.digits[3] - 0.6).abs() < 0.02, "{disagreeing:?}");
        let agreeing = choose(&[judged(0.6, 3, 0.99), judged(0.4, 3, 0.99)]).unwrap();
        assert!(agreeing.digits[3] > 0.98, "{agreeing:?}");
    }

    #[test]
    fn a_candidate_that_is_no_digit_yields() {
        let none = Judged { no_digit: Some(0.99), ..judged(0.7, 1, 0.99) };
        let choice = choose(&[none, Judged { no_digit: Some(0.02), ..judged(0.3, 5, 0.9) }]).unwrap();
        assert_eq!((choice.winner, choice.no_digit), (1, Some(0.02)));
    }
}
