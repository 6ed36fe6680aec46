//! A second look at a digit that the network is not sure about.
//!
//! Preparation guesses the frame of a picture: the same digit could lie half a cell of the 14x14 image to the side, or stand more
//! upright. So a digit that the network is not sure of is also shown to it moved and turned, and the outputs for all of these images
//! are averaged. A picture in MNIST's form was framed by its author, so it is not moved. A square picture that may show no digit is
//! also shown in [other ways](crate::other_ways); one in MNIST's form only if the network refuses it.

use crate::choice::{Judged, belief, choose};
use crate::contract::CLASSES;
use crate::framing::MnistPixels;
use crate::image::{DigitImage, MNIST_SIDE};
use crate::mnist_form::Route;
use crate::other_ways::{Remedy, Small};
use crate::prepare::{Candidate, Prepared};
use crate::verdict::{SURE, is_no_digit};

/// The digit moved by one pixel of its MNIST image to each side, and turned both ways.
pub(crate) const SHIFTED: usize = MOVES.len() + TURNS.len();

/// Pixels to the right and down.
const MOVES: [[isize; 2]; 4] = [[-1, 0], [1, 0], [0, -1], [0, 1]];
/// Degrees clockwise.
const TURNS: [f32; 2] = [-15.0, 15.0];

/// How a picture was seen for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// As it was prepared, once.
    #[default]
    Once,
    /// As it was prepared, which the network was not sure of: then moved, turned or with remedies, none of which made it surer.
    Again,
    /// With this remedy, which made the network surest.
    With(Remedy),
}

impl Sight {
    /// What was done to the picture before the network was sure, if anything was.
    pub fn remedy(self) -> Option<Remedy> {
        match self {
            Self::With(remedy) => Some(remedy),
            Self::Once | Self::Again => None,
        }
    }
}

impl Candidate {
    /// The digit as it was seen.
    pub fn seen(&self, sight: Sight) -> Prepared {
        let mnist = sight.remedy().and_then(|remedy| Some(small(self)?.with(remedy)));
        match mnist {
            Some(mnist) => {
                Prepared { image: DigitImage::from_mnist(&mnist), mnist: Some(mnist), ..self.prepared.clone() }
            }
            None => self.prepared.clone(),
        }
    }
}

/// Whether a reading is to be looked at again, after what the network said about the picture.
pub(crate) fn is_doubtful(reading: &Candidate, digits: &[f32; CLASSES], no_digit: f32) -> bool {
    let likeliest = digits.iter().copied().fold(0.0, f32::max);
    let is_in_doubt = if may_be_shifted(reading) { likeliest * (1.0 - no_digit) < SURE } else { is_no_digit(no_digit) };
    // A letter of a text is none by where it stands, whatever it looks like.
    reading.prepared.mnist.is_some() && !reading.in_crowd && is_in_doubt
}

/// Whether preparation chose the frame.
fn may_be_shifted(reading: &Candidate) -> bool {
    reading.prepared.route != Route::PassedThrough
}

/// Least probability of "no digit" at which the picture is seen in other ways too. Below it the network sees a digit, even if
/// perhaps the wrong one, and that needs no remedy.
const PERHAPS_NONE: f32 = 0.2;

/// What the network is to be asked about, after it told the probability that there is no digit: the digit moved and turned, where
/// preparation chose its frame, and a square picture in other ways. Empty where there is no MNIST image of the reading.
pub(crate) fn looks(reading: &Candidate, no_digit: f32) -> Vec<DigitImage> {
    let Some(pixels) = &reading.prepared.mnist else { return Vec::new() };
    let mut looks: Vec<MnistPixels> = Vec::new();
    if may_be_shifted(reading) {
        looks.extend(MOVES.map(|by| moved(pixels, by)));
        looks.extend(TURNS.map(|degrees| turned(pixels, degrees)));
    }
    if let Some(small) = small_of_none(reading, no_digit) {
        looks.extend(Remedy::ALL.map(|remedy| small.with(remedy)));
    }
    looks.iter().map(DigitImage::from_mnist).collect()
}

/// How many [`looks`] there are.
pub(crate) fn count(reading: &Candidate, no_digit: f32) -> usize {
    let shifted = if may_be_shifted(reading) { SHIFTED } else { 0 };
    let ways = if small_of_none(reading, no_digit).is_some() { Remedy::ALL.len() } else { 0 };
    if reading.prepared.mnist.is_some() { shifted + ways } else { 0 }
}

/// The picture that is to be seen in other ways, if it is.
fn small_of_none(reading: &Candidate, no_digit: f32) -> Option<Small> {
    if no_digit < PERHAPS_NONE { None } else { small(reading) }
}

/// The picture at MNIST's size.
fn small(reading: &Candidate) -> Option<Small> {
    match may_be_shifted(reading) {
        true => reading.small.as_ref().and_then(Small::of),
        false => reading.prepared.mnist.as_ref().and_then(Small::of_mnist),
    }
}

/// The outputs of the first look and of all [`looks`] together. Those that are moved and turned show the same reading: the
/// probabilities of the classes are averaged as those of several readings are ([`choose`]), so surer looks count more, and that of
/// "no digit" is the mean. If that mean is low, the answer is found. Otherwise the surest of the other ways wins, since at most one
/// of them is right; ways that disagree make the answer less sure. Also says how the picture was seen.
pub(crate) fn after(first: Judged, reading: &Candidate, others: &[Judged]) -> (Judged, Sight) {
    let first = Judged { prior: 1.0, ..first };
    let (shifted, ways) = others.split_at(if may_be_shifted(reading) { SHIFTED.min(others.len()) } else { 0 });
    let same: Vec<Judged> = [first].iter().chain(shifted).copied().collect();
    let as_it_is = averaged(&same);
    if ways.is_empty() || as_it_is.no_digit.is_some_and(|none| none < PERHAPS_NONE) {
        return (as_it_is, Sight::Again);
    }
    let mut winner = (as_it_is, Sight::Again);
    for (way, remedy) in ways.iter().zip(Remedy::ALL) {
        if belief(way) > belief(&winner.0) {
            winner = (*way, Sight::With(remedy));
        }
    }
    let (winner, sight) = winner;
    let all: Vec<Judged> = [as_it_is].iter().chain(ways).copied().collect();
    let together = averaged(&all);
    let mixed = |winner: f32, together: f32| WINNER * winner + (1.0 - WINNER) * together;
    let answer = Judged {
        digits: std::array::from_fn(|class| mixed(winner.digits[class], together.digits[class])),
        no_digit: winner.no_digit.zip(together.no_digit).map(|(winner, together)| mixed(winner, together)),
        ..first
    };
    (answer, sight)
}

/// How much the surest way counts beside the mean of all.
const WINNER: f32 = 0.9;

/// Classes averaged by belief, and the mean probability that it is none.
fn averaged(all: &[Judged]) -> Judged {
    let digits = choose(all).map_or([0.0; CLASSES], |choice| choice.digits);
    let total: Option<f32> = all.iter().map(|look| look.no_digit).sum();
    Judged { prior: 1.0, digits, no_digit: total.map(|total| total / all.len() as f32) }
}

fn moved(pixels: &MnistPixels, [right, down]: [isize; 2]) -> MnistPixels {
    let side = MNIST_SIDE as isize;
    std::array::from_fn(|at| {
        let (column, row) = ((at % MNIST_SIDE) as isize - right, (at / MNIST_SIDE) as isize - down);
        let is_inside = (0..side).contains(&column) && (0..side).contains(&row);
        if is_inside { pixels[(row * side + column) as usize] } else { 0 }
    })
}

/// Turns a digit about its centre of mass, interpolating between four pixels.
fn turned(pixels: &MnistPixels, degrees: f32) -> MnistPixels {
    let [across, down] = centre(pixels);
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let ink = |column: f32, row: f32| {
        let side = MNIST_SIDE as f32;
        let is_inside = (0.0..side).contains(&column) && (0.0..side).contains(&row);
        if is_inside { f32::from(pixels[row as usize * MNIST_SIDE + column as usize]) } else { 0.0 }
    };
    std::array::from_fn(|at| {
        let (x, y) = ((at % MNIST_SIDE) as f32 - across, (at / MNIST_SIDE) as f32 - down);
        let (x, y) = (across + cosine * x + sine * y, down + cosine * y - sine * x);
        let (left, top) = (x.floor(), y.floor());
        let (right_share, lower_share) = (x - left, y - top);
        let between = |row: f32| ink(left, row) * (1.0 - right_share) + ink(left + 1.0, row) * right_share;
        (between(top) * (1.0 - lower_share) + between(top + 1.0) * lower_share).round() as u8
    })
}

/// Centre of mass, across and down, in pixel indices; the image's own without ink.
fn centre(pixels: &MnistPixels) -> [f32; 2] {
    let mass: f32 = pixels.iter().map(|&ink| f32::from(ink)).sum();
    let moment = |of: fn(usize) -> usize| -> f32 {
        pixels.iter().enumerate().map(|(at, &ink)| f32::from(ink) * of(at) as f32).sum()
    };
    match mass > 0.0 {
        true => [moment(|at| at % MNIST_SIDE), moment(|at| at / MNIST_SIDE)].map(|moment| moment / mass),
        false => [(MNIST_SIDE - 1) as f32 / 2.0; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use crate::prepare::candidates;

    /// A slash from (10, 20) to (18, 6), `wide` pixels wide.
    fn slash() -> MnistPixels {
        std::array::from_fn(|at| {
            let (column, row) = ((at % MNIST_SIDE) as f32, (at / MNIST_SIDE) as f32);
            let middle = 18.0 - 8.0 * (row - 6.0) / 14.0;
            if (6.0..=20.0).contains(&row) && (column - middle).abs() < 1.5 { 250 } else { 0 }
        })
    }

    /// Columns that a line leans to the right over all its rows, by its second moments.
    fn lean(pixels: &MnistPixels) -> f32 {
        let [across, down] = centre(pixels);
        let (mut together, mut upright) = (0.0, 0.0);
        for (at, &ink) in pixels.iter().enumerate() {
            let (x, y) = ((at % MNIST_SIDE) as f32 - across, (at / MNIST_SIDE) as f32 - down);
            together += f32::from(ink) * x * y;
            upright += f32::from(ink) * y * y;
        }
        (-together / upright).atan().to_degrees()
    }

    #[test]
    fn a_moved_digit_is_the_same_elsewhere() {
        let slash = slash();
        for by in MOVES {
            let back = moved(&moved(&slash, by), by.map(|pixels| -pixels));
            assert_eq!(back, slash);
            let [from, to] = [centre(&slash), centre(&moved(&slash, by))];
            assert!((to[0] - from[0] - by[0] as f32).abs() < 1e-3 && (to[1] - from[1] - by[1] as f32).abs() < 1e-3);
        }
        let at_the_edge: MnistPixels = std::array::from_fn(|at| if at % MNIST_SIDE == 27 { 200 } else { 0 });
        assert_eq!(moved(&at_the_edge, [1, 0]), [0; 784], "what leaves does not come back on the other side");
    }

    #[test]
    fn a_turned_digit_keeps_its_place_and_leans_by_so_many_degrees() {
        let slash = slash();
        for degrees in TURNS {
            let turned = turned(&slash, degrees);
            let [from, to] = [centre(&slash), centre(&turned)];
            assert!((to[0] - from[0]).abs() < 0.2 && (to[1] - from[1]).abs() < 0.2, "{from:?} {to:?}");
            assert!((lean(&turned) - lean(&slash) - degrees).abs() < 2.0, "{} {}", lean(&slash), lean(&turned));
        }
        assert_eq!(turned(&slash, 0.0), slash);
        assert_eq!(turned(&[0; 784], 15.0), [0; 784]);
    }

    fn judged(digit: usize, probability: f32, none: f32) -> Judged {
        let rest = (1.0 - probability) / 9.0;
        let digits = std::array::from_fn(|class| if class == digit { probability } else { rest });
        Judged { prior: 0.5, digits, no_digit: Some(none) }
    }

    /// The readings of a slash on a picture of `side` pixels.
    fn reading(side: usize) -> Candidate {
        let slash = slash();
        let mut paper = vec![255; side * side];
        for (at, ink) in slash.iter().enumerate() {
            paper[at / MNIST_SIDE * side + at % MNIST_SIDE] -= ink / 2;
        }
        candidates(&Picture::luma(side, side, &paper).unwrap()).unwrap().remove(0)
    }

    #[test]
    fn looks_that_agree_make_a_doubt_smaller_and_none_is_a_mean() {
        let reading = reading(40);
        assert_eq!(looks(&reading, 0.1).len(), SHIFTED);
        let first = judged(4, 0.5, 0.6);
        let (seen, sight) = after(first, &reading, &[judged(9, 0.98, 0.0); SHIFTED]);
        assert_eq!((sight, reading.seen(sight)), (Sight::Again, reading.prepared.clone()));
        assert!(seen.digits[9] > 0.95, "{seen:?}");
        assert!((seen.no_digit.unwrap() - 0.6 / 7.0).abs() < 1e-6, "{seen:?}");
        assert_eq!(after(first, &reading, &[]).0.digits, first.digits);
        let silent = Judged { no_digit: None, ..first };
        assert_eq!(after(silent, &reading, &[silent]).0.no_digit, None);
    }

    #[test]
    fn of_other_ways_to_see_a_small_picture_the_surest_wins_and_is_doubted_where_others_see_something_else() {
        let reading = reading(MNIST_SIDE);
        assert_eq!([0.1, 0.97].map(|none| looks(&reading, none).len()), [SHIFTED, SHIFTED + Remedy::ALL.len()]);
        assert_eq!([0.1, 0.97].map(|none| count(&reading, none)), [SHIFTED, SHIFTED + Remedy::ALL.len()]);
        let refused = judged(4, 0.5, 0.97);
        let mut others = [refused; SHIFTED + Remedy::ALL.len()];
        others[SHIFTED + 4] = judged(7, 0.99, 0.01);
        let (one, sight) = after(refused, &reading, &others);
        assert_eq!(sight, Sight::With(Remedy::Columns));
        let (seen, looks) = (reading.seen(sight), looks(&reading, 0.97));
        assert_eq!((seen.image, seen.tight_box), (looks[SHIFTED + 4], reading.prepared.tight_box));
        assert_ne!(seen.image, reading.prepared.image);
        assert_eq!(seen.mnist.map(|mnist| DigitImage::from_mnist(&mnist)), Some(seen.image));
        assert!(one.digits[7] > 0.9 && one.no_digit.unwrap() < 0.15, "{one:?}");
        others[SHIFTED..].fill(judged(7, 0.99, 0.01));
        let (all, _) = after(refused, &reading, &others);
        assert!(all.digits[7] > one.digits[7] && all.no_digit.unwrap() < one.no_digit.unwrap(), "{all:?}");
        // A digit that was only turned or moved needs no remedy.
        others[..SHIFTED].fill(judged(1, 0.9, 0.1));
        let (turned, sight) = after(judged(1, 0.9, 0.4), &reading, &others);
        assert_eq!(sight, Sight::Again);
        assert!(turned.digits[1] > 0.85 && turned.digits[7] < 0.05, "{turned:?}");
    }

    #[test]
    fn what_came_in_mnist_s_form_is_seen_in_other_ways_only_when_it_is_refused() {
        let is_ink = |at: usize| (13..16).contains(&(at % MNIST_SIDE)) && (4..24).contains(&(at / MNIST_SIDE));
        let form: MnistPixels = std::array::from_fn(|at| if is_ink(at) { 255 } else { 0 });
        let passed = candidates(&Picture::luma(MNIST_SIDE, MNIST_SIDE, &form).unwrap()).unwrap().remove(0);
        assert_eq!(passed.prepared.route, Route::PassedThrough);
        let is_doubtful =
            |probability: f32, none: f32| is_doubtful(&passed, &judged(1, probability, none).digits, none);
        assert_eq!([is_doubtful(0.5, 0.1), is_doubtful(0.99, 0.6)], [false, true]);
        assert_eq!(
            [looks(&passed, 0.6).len(), count(&passed, 0.6), count(&passed, 0.1)],
            [Remedy::ALL.len(), Remedy::ALL.len(), 0]
        );
    }
}
