//! Two digits in one picture are found and told apart.

use digits::scene::Scene;
use digits::{Picture, PrepareError, SplitError, prepare, split};

use crate::support::mnist;

/// Two digits on one paper, each in a square of `side`, the second one right of or below the first.
fn together(first: usize, second: usize, side: usize, gap: usize, below: bool) -> (usize, usize, Vec<u8>) {
    let digits = mnist("t10k");
    let scene = Scene { width: side, height: side, side: side as f32, ..Scene::default() };
    let drawn = [first, second].map(|number| scene.draw(&digits[number].pixels, 1));
    let (width, height) = if below { (side, 2 * side + gap) } else { (2 * side + gap, side) };
    let mut paper = vec![255; width * height];
    for (number, drawn) in drawn.iter().enumerate() {
        let (left, top) = if below { (0, number * (side + gap)) } else { (number * (side + gap), 0) };
        for (at, value) in drawn.iter().enumerate() {
            paper[(top + at / side) * width + left + at % side] = *value;
        }
    }
    (width, height, paper)
}

/// How far the prepared cuts are from the prepared digits, in levels a pixel.
fn distance(first: usize, second: usize, below: bool) -> f32 {
    let (width, height, paper) = together(first, second, 140, 20, below);
    let parts = split(&Picture::luma(width, height, &paper).unwrap()).unwrap();
    let digits = mnist("t10k");
    let mut sum = 0.0;
    for (part, number) in parts.iter().zip([first, second]) {
        let seen = part.image;
        let scene = Scene { width: 140, height: 140, side: 140.0, ..Scene::default() };
        let alone = scene.draw(&digits[number].pixels, 1);
        let wanted = prepare(&Picture::luma(140, 140, &alone).unwrap()).unwrap().image;
        sum += seen.pixels().iter().zip(wanted.pixels()).map(|(a, b)| (a - b).abs()).sum::<f32>() / 196.0;
    }
    sum / 2.0
}

#[test]
fn digits_beside_and_above_each_other_are_cut_apart_in_reading_order() {
    for pair in 0..20 {
        for below in [false, true] {
            let (first, second) = (2 * pair, 2 * pair + 1);
            let off = distance(first, second, below);
            assert!(off < 6.0, "{first} and {second}, below: {below}: {off} levels");
        }
    }
}

#[test]
fn digits_that_touch_are_cut_where_there_is_least_ink() {
    let (width, height, mut paper) = together(0, 1, 140, 0, false);
    for column in 60..220 {
        paper[70 * width + column] = 0;
    }
    let parts = split(&Picture::luma(width, height, &paper).unwrap()).unwrap();
    let [first, second] = parts.map(|part| part.tight_box);
    assert!(first.left + first.width <= second.left + 1 && (100..180).contains(&second.left), "{first:?} {second:?}");
}

#[test]
fn one_digit_or_none_is_not_two() {
    let digits = mnist("t10k");
    for digit in &digits[..30] {
        let alone = Scene::default().draw(&digit.pixels, 1);
        let parts = split(&Picture::luma(280, 280, &alone).unwrap());
        assert_eq!(parts.err(), Some(SplitError::NotTwo), "a {}", digit.label);
    }
    let blank = split(&Picture::luma(28, 28, &[255; 784]).unwrap());
    assert_eq!(blank.err(), Some(SplitError::Unprepared(PrepareError::NoInk)));
    let empty = split(&Picture::luma(0, 0, &[]).unwrap());
    assert!(matches!(empty, Err(SplitError::Unprepared(PrepareError::Empty { .. }))));
}
