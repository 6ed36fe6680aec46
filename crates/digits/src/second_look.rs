//! A second look at a digit that the network is not sure about.
//!
//! Preparation guesses the frame of a picture: the same digit could lie half a cell of the 14x14 image to the side, or stand more
//! upright. So a digit that the network is not sure of is also shown to it moved and turned, and the outputs for all of these images
//! are averaged. A picture in MNIST's form was framed by its author, so it is looked at once.

use crate::choice::{Judged, choose};
use crate::contract::CLASSES;
use crate::framing::MnistPixels;
use crate::image::{DigitImage, MNIST_SIDE};
use crate::mnist_form::Route;
use crate::prepare::Candidate;
use crate::verdict::SURE;

/// The digit moved by one pixel of its MNIST image to each side, and turned both ways.
pub(crate) const LOOKS: usize = MOVES.len() + TURNS.len();

/// Pixels to the right and down.
const MOVES: [[isize; 2]; 4] = [[-1, 0], [1, 0], [0, -1], [0, 1]];
/// Degrees clockwise.
const TURNS: [f32; 2] = [-15.0, 15.0];

/// Whether a reading is to be looked at again, after what the network said about the picture.
pub(crate) fn is_doubtful(reading: &Candidate, digits: &[f32; CLASSES], no_digit: f32) -> bool {
    let likeliest = digits.iter().copied().fold(0.0, f32::max);
    let is_framed = reading.prepared.route != Route::PassedThrough && reading.prepared.mnist.is_some();
    // A letter of a text is none by where it stands, whatever it looks like.
    is_framed && !reading.in_crowd && likeliest * (1.0 - no_digit) < SURE
}

/// What the network is to be asked about; `None` where there is no MNIST image of the reading.
pub(crate) fn looks(reading: &Candidate) -> Option<[DigitImage; LOOKS]> {
    let pixels = reading.prepared.mnist.as_ref()?;
    let [left, right, up, down] = MOVES.map(|by| moved(pixels, by));
    let [anticlockwise, clockwise] = TURNS.map(|degrees| turned(pixels, degrees));
    Some([left, right, up, down, anticlockwise, clockwise].map(|look| DigitImage::from_mnist(&look)))
}

/// The outputs of the first look and of all others together. The probabilities of the classes are averaged as those of several
/// readings are ([`choose`]), so surer looks count more; that of "no digit" is the mean.
pub(crate) fn after(first: Judged, others: &[Judged]) -> Judged {
    let all: Vec<Judged> = [first].iter().chain(others).map(|look| Judged { prior: 1.0, ..*look }).collect();
    let digits = choose(&all).map_or(first.digits, |choice| choice.digits);
    let total: Option<f32> = all.iter().map(|look| look.no_digit).sum();
    Judged { digits, no_digit: total.map(|total| total / all.len() as f32), ..first }
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

    #[test]
    fn looks_that_agree_make_a_doubt_smaller_and_none_is_a_mean() {
        let judged = |digit: usize, probability: f32, none: f32| {
            let rest = (1.0 - probability) / 9.0;
            let digits = std::array::from_fn(|class| if class == digit { probability } else { rest });
            Judged { prior: 0.5, digits, no_digit: Some(none) }
        };
        let first = judged(4, 0.5, 0.6);
        let seen = after(first, &[judged(9, 0.98, 0.0); LOOKS]);
        assert!(seen.digits[9] > 0.95, "{seen:?}");
        assert!((seen.no_digit.unwrap() - 0.6 / 7.0).abs() < 1e-6, "{seen:?}");
        assert_eq!(after(first, &[]).digits, first.digits);
        assert_eq!(after(Judged { no_digit: None, ..first }, &[Judged { no_digit: None, ..first }]).no_digit, None);
    }
}
