//! More than one digit in a picture that should show one: the network's word about readings of the same ink that lie beside
//! each other.

use crate::choice::{Choice, Judged, choose};
use crate::prepare::{Candidate, TightBox};

/// A reading is taken for a digit of its own from this probability on.
pub(crate) const SURELY: f32 = 0.8;
/// The same for a 1: so do the edges of sheets and shadows look.
const SURELY_ONE: f32 = 0.9;

/// Of two digits, the smaller is at least this fraction of the larger, by their longer sides.
const LEAST_SIZE: f32 = 0.55;

/// A reading so much less likely by its shape than the winner is what lies around a digit.
const LEAST_PRIOR: f32 = 0.4;

/// Boxes of two digits have at most this fraction of the shorter side in common, across or down: digits lean.
const COMMON: f32 = 0.15;

/// As [`choose`], among readings whose places in the picture are known: two digits beside each other are told, and one of three or
/// more like marks is no digit, whatever the network says about it alone.
pub fn choose_among(candidates: &[Candidate], judged: &[Judged]) -> Option<Choice> {
    let beside_others = |(candidate, judged): (&Candidate, &Judged)| {
        let no_digit = judged.no_digit.map(|probability| if candidate.in_crowd { 1.0 } else { probability });
        Judged { no_digit, ..*judged }
    };
    let choice = choose(&candidates.iter().zip(judged).map(beside_others).collect::<Vec<_>>())?;
    Some(Choice { several: several(candidates, judged, choose(judged)?.winner), ..choice })
}

/// The digits of two readings that the network takes for digits and that lie beside each other, from left to right or from
/// top to bottom: the winner and the next. `None` where there is one digit, or a network that does not tell "no digit".
fn several(candidates: &[Candidate], judged: &[Judged], winner: usize) -> Option<[u8; 2]> {
    let main = (candidates.get(winner)?, digit(judged.get(winner)?)?);
    let others = candidates.iter().zip(judged).filter(|(candidate, _)| candidate.prior >= LEAST_PRIOR * main.0.prior);
    let same_ink = |other: &Candidate| other.prepared.polarity == main.0.prepared.polarity;
    let others = others.filter(|(candidate, _)| same_ink(candidate));
    others.filter_map(|(candidate, judged)| Some((candidate, digit(judged)?))).find_map(|other| {
        let is_first = comes_first(&main.0.prepared.tight_box, &other.0.prepared.tight_box)?;
        Some(if is_first { [main.1, other.1] } else { [other.1, main.1] })
    })
}

/// What a reading shows, if that is surely a digit.
fn digit(judged: &Judged) -> Option<u8> {
    let (digit, probability) =
        (0..).zip(judged.digits).reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let least = if digit == 1 { SURELY_ONE } else { SURELY };
    (probability * (1.0 - judged.no_digit?) >= least).then_some(digit)
}

/// Whether the first box lies on the left of the second, or above it; `None` where they are not beside each other, or too
/// unlike in size to be two digits of one hand.
fn comes_first(first: &TightBox, second: &TightBox) -> Option<bool> {
    let [larger, smaller] = [first, second].map(|it| it.width.max(it.height) as f32);
    if smaller.min(larger) < LEAST_SIZE * larger.max(smaller) {
        return None;
    }
    let across = [(first.left, first.width), (second.left, second.width)];
    let down = [(first.top, first.height), (second.top, second.height)];
    [across, down].into_iter().find_map(is_before)
}

/// Whether the first stretch, a start and a length, ends where the second begins, or the other way round; `None` where they
/// have more in common.
fn is_before([(first, length), (second, other_length)]: [(usize, usize); 2]) -> Option<bool> {
    let common = (first + length).min(second + other_length) as f32 - first.max(second) as f32;
    (common <= COMMON * length.min(other_length) as f32).then_some(first < second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DigitImage, Polarity, Prepared, Route, SIDE};

    fn at(left: usize, top: usize, height: usize, prior: f32) -> Candidate {
        let image = DigitImage::new([0.0; SIDE * SIDE]);
        let tight_box = TightBox { left, top, width: height * 2 / 3, height };
        let polarity = Polarity::DarkOnLight;
        let prepared = Prepared { image, mnist: None, polarity, tight_box, route: Route::Searched };
        Candidate { prior, ..Candidate::only(prepared) }
    }

    fn shows(digit: usize, no_digit: f32) -> Judged {
        let digits = std::array::from_fn(|class| if class == digit { 0.973 } else { 0.003 });
        Judged { prior: 1.0, digits, no_digit: Some(no_digit) }
    }

    #[test]
    fn two_digits_side_by_side_or_above_each_other_are_read_in_their_order() {
        let judged = [shows(2, 0.01), shows(4, 0.01)];
        assert_eq!(several(&[at(100, 20, 60, 0.5), at(30, 22, 55, 0.4)], &judged, 0), Some([4, 2]));
        assert_eq!(several(&[at(100, 20, 60, 0.5), at(101, 90, 55, 0.4)], &judged, 0), Some([2, 4]));
    }

    #[test]
    fn one_digit_read_twice_or_beside_something_else_is_one() {
        let digits = [shows(2, 0.01), shows(4, 0.01)];
        // The same place, much smaller, much less likely, and what is no digit.
        assert_eq!(several(&[at(100, 20, 60, 0.5), at(104, 20, 55, 0.4)], &digits, 0), None);
        assert_eq!(several(&[at(100, 20, 60, 0.5), at(30, 20, 20, 0.4)], &digits, 0), None);
        assert_eq!(several(&[at(100, 20, 60, 0.9), at(30, 20, 60, 0.02)], &digits, 0), None);
        let mut candidates = [at(100, 20, 60, 0.5), at(30, 20, 60, 0.4)];
        assert_eq!(several(&candidates, &[shows(2, 0.01), shows(4, 0.6)], 0), None);
        // A gap of light between table and shadow beside dark ink.
        assert_eq!(several(&candidates, &digits, 0), Some([4, 2]));
        candidates[1].prepared.polarity = Polarity::LightOnDark;
        assert_eq!(several(&candidates, &digits, 0), None);
        assert_eq!(several(&candidates[..1], &digits, 0), None);
    }

    #[test]
    fn a_1_is_told_where_the_network_is_surer_of_it_than_of_others() {
        for (digits, no_digit, expected) in
            [([2, 4], 0.12, Some([4, 2])), ([2, 1], 0.12, None), ([2, 1], 0.05, Some([1, 2]))]
        {
            let judged = digits.map(|digit| shows(digit, no_digit));
            assert_eq!(
                several(&[at(100, 20, 60, 0.5), at(30, 20, 60, 0.4)], &judged, 0),
                expected,
                "{digits:?} {no_digit}"
            );
        }
    }

    #[test]
    fn one_of_many_marks_is_no_digit_and_two_digits_among_them_are_told() {
        let in_crowd = |left: usize| Candidate { in_crowd: true, ..at(left, 20, 60, 0.5) };
        let letters = choose_among(&[in_crowd(100)], &[shows(2, 0.01)]).unwrap();
        assert_eq!((letters.no_digit, letters.several), (Some(1.0), None));
        let alone = choose_among(&[in_crowd(100), at(20, 90, 200, 0.1)], &[shows(2, 0.01), shows(4, 0.02)]).unwrap();
        assert_eq!((alone.winner, alone.no_digit), (1, Some(0.02)));
        let digits = choose_among(&[in_crowd(100), in_crowd(30)], &[shows(2, 0.01), shows(4, 0.01)]).unwrap();
        assert_eq!(digits.several, Some([4, 2]));
        let silent = Judged { no_digit: None, ..shows(2, 0.0) };
        assert_eq!(choose_among(&[in_crowd(100)], &[silent]).unwrap().no_digit, None);
    }

    #[test]
    fn a_network_that_tells_no_digit_is_needed_to_tell_two() {
        let silent = [Judged { no_digit: None, ..shows(2, 0.0) }, Judged { no_digit: None, ..shows(4, 0.0) }];
        assert_eq!(several(&[at(100, 20, 60, 0.5), at(30, 20, 60, 0.4)], &silent, 0), None);
    }
}
