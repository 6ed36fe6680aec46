//! Training digits that were cut out close to their ink, as scans are and people do, read by the model inside the program.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use digits::{Candidate, Picture, candidates};
use infer::{Engine, Model, engine, reading};
use mnist::{Mnist, Split, default_folder};

const DIGITS: usize = 200;

/// A grey picture: its width, and its pixels row by row.
type Grey = (usize, Vec<u8>);

/// What a digit's ink spans, left, top, right and bottom.
fn ink_box(digit: &[u8; 784]) -> [usize; 4] {
    let inked = |at: &usize| digit[*at] > 60;
    let rows: Vec<usize> = (0..784).filter(inked).map(|at| at / 28).collect();
    let columns: Vec<usize> = (0..784).filter(inked).map(|at| at % 28).collect();
    let range = |of: &[usize]| [*of.iter().min().unwrap(), *of.iter().max().unwrap() + 1];
    let ([top, bottom], [left, right]) = (range(&rows), range(&columns));
    [left, top, right, bottom]
}

/// The ink in its box, `width` by `height` pixels, by linear interpolation.
fn resized(digit: &[u8; 784], width: usize, height: usize) -> Grey {
    let [left, top, right, bottom] = ink_box(digit);
    let source = |at: usize, to: usize, from: usize, until: usize| {
        let place = (at as f32 + 0.5) * (until - from) as f32 / to as f32 - 0.5;
        let place = place.clamp(0.0, (until - from - 1) as f32);
        (from + place as usize, place.fract())
    };
    let value = |column: usize, row: usize| {
        let ((x, right_share), (y, lower_share)) =
            (source(column, width, left, right), source(row, height, top, bottom));
        let ink = |x: usize, y: usize| f32::from(digit[y.min(27) * 28 + x.min(27)]);
        let line = |y: usize| ink(x, y) * (1.0 - right_share) + ink(x + 1, y) * right_share;
        (line(y) * (1.0 - lower_share) + line(y + 1) * lower_share).round() as u8
    };
    (width, (0..width * height).map(|at| value(at % width, at / width)).collect())
}

/// A square scan of `side` pixels that the digit's longer side fills, light on dark.
fn scan(digit: &[u8; 784], side: usize) -> Grey {
    let [left, top, right, bottom] = ink_box(digit);
    let longer = (right - left).max(bottom - top);
    let along = |length: usize| (length * side / longer).max(1);
    let (width, ink) = resized(digit, along(right - left), along(bottom - top));
    let (height, mut scan) = (ink.len() / width, vec![0; side * side]);
    let (first_column, first_row) = ((side - width) / 2, (side - height) / 2);
    for (at, value) in ink.into_iter().enumerate() {
        scan[(first_row + at / width) * side + first_column + at % width] = value;
    }
    (side, scan)
}

/// Digits read right of [`DIGITS`], in pictures that `draw` makes of them.
fn read_right(training: &Split, draw: impl Fn(&[u8; 784]) -> Grey) -> usize {
    let mut session = engine::open_one(&Model::built_in(), &Engine::leq()).unwrap();
    let readings = |number: usize| -> Vec<Candidate> {
        let (width, pixels) = draw(&training.images[number]);
        candidates(&Picture::luma(width, pixels.len() / width, &pixels).unwrap()).unwrap_or_default()
    };
    let readable: Vec<(usize, Vec<Candidate>)> =
        (0..DIGITS).map(|number| (number, readings(number))).filter(|(_, found)| !found.is_empty()).collect();
    let pairs: Vec<_> = readable.iter().map(|(_, found)| [found.clone(), found.clone()]).collect();
    let answers = reading::ask(session.as_mut(), &pairs).unwrap();
    let is_right = |number: usize, answered: &digits::Answered| {
        let read = answered.verdict.digits().unwrap()[0].digit;
        answered.verdict.refusals()[0].is_none() && read == training.labels[number]
    };
    readable.iter().zip(&answers).filter(|((number, _), answered)| is_right(*number, answered)).count()
}

#[test]
fn a_digit_that_reaches_the_sides_of_its_picture_is_read_as_one_with_paper_around_it() {
    let training = Mnist::load(&default_folder()).unwrap().training;
    let negative = |(width, pixels): Grey| (width, pixels.into_iter().map(|ink| 255 - ink).collect::<Vec<u8>>());
    let two_toned = |(width, pixels): Grey| {
        (width, pixels.into_iter().map(|ink| if ink > 100 { 255 } else { 0 }).collect::<Vec<u8>>())
    };
    let enlarged = |digit: &[u8; 784]| {
        let [left, top, right, bottom] = ink_box(digit);
        resized(digit, 8 * (right - left), 8 * (bottom - top))
    };
    let (of_scans, of_crops) = (19 * DIGITS / 20, 9 * DIGITS / 10);
    for (name, right, least) in [
        ("a scan of 16 pixels", read_right(&training, |digit| scan(digit, 16)), of_scans),
        ("the same, dark on light", read_right(&training, |digit| negative(scan(digit, 16))), of_scans),
        ("the same in black and white", read_right(&training, |digit| two_toned(scan(digit, 16))), of_scans),
        ("a scan of 12 pixels", read_right(&training, |digit| scan(digit, 12)), of_scans),
        ("cut out, dark on light", read_right(&training, |digit| negative(enlarged(digit))), of_crops),
        ("cut out in black and white", read_right(&training, |digit| two_toned(enlarged(digit))), of_crops),
    ] {
        assert!(right >= least, "{name}: {right} of {DIGITS}, {least} wanted");
    }
}
