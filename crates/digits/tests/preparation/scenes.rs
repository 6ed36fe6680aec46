//! Digits are found on paper of every kind, whatever is around them.

use digits::scene::{SceneKind, Stage};
use digits::{
    Candidate, DigitImage, Picture, PrepareError, Prepared, Route, Split, SplitError, Verdict, candidates, prepare,
    split, steps,
};

use crate::support::{mnist, on_all_cores};

/// Distance of a reading to the digit as MNIST has it, as a fraction of the ink of both.
fn distance(reading: &Prepared, digit: &[u8; 784]) -> f32 {
    let wanted = DigitImage::from_mnist(digit);
    let pairs = reading.image.pixels().iter().zip(wanted.pixels());
    let (apart, ink) = pairs.fold((0.0, 0.0), |(apart, ink), (a, b)| (apart + (a - b).abs(), ink + a + b));
    apart / ink
}

/// That of the nearest of some readings.
fn nearest(readings: &[Candidate], digit: &[u8; 784]) -> f32 {
    readings.iter().map(|reading| distance(&reading.prepared, digit)).fold(1.0, f32::min)
}

#[test]
fn the_digit_is_found_whatever_is_around_it() {
    let digits = mnist("train");
    let kinds = [
        SceneKind::Lined,
        SceneKind::Squared,
        SceneKind::Dotted,
        SceneKind::Millimetre,
        SceneKind::Margin,
        SceneKind::BlackGrid,
        SceneKind::Boxed,
        SceneKind::Circled,
        SceneKind::StickyNote,
        SceneKind::Desk,
        SceneKind::Corner,
        SceneKind::ShadowEdge,
        SceneKind::Chalk,
        SceneKind::Punctuated,
    ];
    on_all_cores(&kinds, |kind| {
        for (number, digit) in digits.iter().enumerate().skip(50_000).take(2) {
            let photo = kind.draw(Stage::Development, &[&digit.pixels], number as u64);
            let readings = candidates(&Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap()).unwrap();
            let off = nearest(&readings, &digit.pixels);
            assert!(off < 0.6, "{}, digit {number}: {off}", kind.name());
            let priors: f32 = readings.iter().map(|reading| reading.prior).sum();
            assert!((priors - 1.0).abs() < 1e-4, "{priors}");
        }
    });
}

/// Boxes, circles and corners of tables that were once taken for a part of the digit, sheets taken for it, and noise and shadows
/// that hid it: kind, number of the digit, seed.
#[test]
fn no_box_circle_table_or_darkness_hides_the_digit() {
    let digits = mnist("train");
    let scenes = [
        (SceneKind::Boxed, 30_034, 69),
        (SceneKind::Boxed, 35, 70),
        (SceneKind::Boxed, 30, 60),
        (SceneKind::Circled, 30_014, 29),
        (SceneKind::Circled, 20, 40),
        (SceneKind::Noisy, 30_026, 53),
        (SceneKind::Corner, 19, 38),
        (SceneKind::Corner, 23, 46),
        (SceneKind::ShadowEdge, 22, 44),
        (SceneKind::ShadowEdge, 14, 28),
        (SceneKind::Phone, 26, 52),
        (SceneKind::Phone, 30_038, 77),
        // The lit part of a sheet was the only reading.
        (SceneKind::Phone, 122, 244),
        (SceneKind::Phone, 30_073, 147),
        (SceneKind::Phone, 30_121, 243),
        (SceneKind::Phone, 30_123, 247),
    ];
    on_all_cores(&scenes, |&(kind, number, seed)| {
        let digit = &digits[number].pixels;
        let photo = kind.draw(Stage::Development, &[digit], seed);
        let readings = candidates(&Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap()).unwrap();
        let off = nearest(&readings, digit);
        assert!(off < 0.6, "{}, digit {number}: {off}", kind.name());
    });
}

/// The lit part of a sheet was likelier than the digit.
#[test]
fn where_a_shadow_crosses_a_sheet_the_digit_is_the_likeliest_reading() {
    let digits = mnist("train");
    let scenes = [(51, 102), (122, 244), (30_073, 147), (30_099, 199), (30_121, 243), (30_135, 271)];
    on_all_cores(&scenes, |&(number, seed)| {
        let digit = &digits[number].pixels;
        let photo = SceneKind::Phone.draw(Stage::Development, &[digit], seed);
        let readings = candidates(&Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap()).unwrap();
        let off = distance(&readings[0].prepared, digit);
        assert!(off < 0.65, "digit {number}: {off}");
    });
}

#[test]
fn a_digit_alone_on_clean_paper_has_one_reading_and_no_search() {
    let digits = mnist("train");
    let photo = SceneKind::Plain.draw(Stage::Development, &[&digits[50_000].pixels], 1);
    let readings = candidates(&Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap()).unwrap();
    assert_eq!(readings.iter().map(|reading| reading.prepared.route).collect::<Vec<_>>(), [Route::Framed]);
}

#[test]
fn the_steps_of_a_search_are_pictures_of_one_size() {
    let digits = mnist("train");
    let photo = SceneKind::Squared.draw(Stage::Development, &[&digits[50_000].pixels], 2);
    let picture = Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap();
    let (steps, found) = steps(&picture);
    assert_eq!(found, candidates(&picture));
    assert!(steps.iter().all(|step| step.grey.len() == photo.width * photo.height), "{}", steps.len());
    assert_eq!(steps[0].name, "picture");
}

#[test]
fn the_same_seed_draws_the_same_scene_and_test_differs_from_development() {
    let digits = mnist("train");
    let draw = |stage: Stage, seed: u64| SceneKind::Phone.draw(stage, &[&digits[7].pixels], seed).rgba;
    assert_eq!(draw(Stage::Test, 5), draw(Stage::Test, 5));
    assert_ne!(draw(Stage::Test, 5), draw(Stage::Development, 5));
}

#[test]
fn two_digits_are_told_apart_on_any_paper() {
    let digits = mnist("train");
    on_all_cores(&[SceneKind::Two, SceneKind::Slanted, SceneKind::TwoSquared, SceneKind::TwoDesk], |kind| {
        for number in 50_000..50_002 {
            let pair = [&digits[number].pixels, &digits[number + 3_000].pixels];
            let photo = kind.draw(Stage::Development, &pair, number as u64);
            let parts = split(&Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap());
            let parts = parts.unwrap_or_else(|error| panic!("{}, pair {number}: {error}", kind.name()));
            for (part, digit) in parts.iter().zip(pair) {
                let off = distance(part, digit);
                assert!(off < 0.65, "{}, pair {number}: {off}", kind.name());
            }
        }
    });
}

/// What a network says that is so sure of a 3, and of "no digit".
fn said(sure: f32, no_digit: f32) -> Verdict {
    let digits = std::array::from_fn(|class| if class == 3 { sure } else { (1.0 - sure) / 9.0 });
    Verdict::new(0.9, Some([digits; 2])).unwrap().with_no_digit([no_digit; 2]).unwrap()
}

/// Ways to see two digits in a scene of two training digits, and the digits.
fn ways(kind: SceneKind, numbers: [usize; 2], seed: u64) -> (Split, Result<[Prepared; 2], SplitError>, [[u8; 784]; 2]) {
    let digits = mnist("train");
    let pair = numbers.map(|number| digits[number].pixels);
    let photo = kind.draw(Stage::Development, &pair.each_ref(), seed);
    let picture = Picture::rgba(photo.width, photo.height, &photo.rgba).unwrap();
    (Split::of(&picture).unwrap(), split(&picture), pair)
}

/// What a network says that knows nothing but these two digits, nearly as well as any reading shows them.
fn judged(ways: &Split, digits: &[[u8; 784]; 2]) -> Vec<Verdict> {
    let nearest = digits.each_ref().map(|digit| nearest(ways.readings(), digit));
    let is_digit = |reading: &Candidate| {
        digits.iter().zip(nearest).any(|(digit, nearest)| distance(&reading.prepared, digit) <= nearest + 0.1)
    };
    ways.readings().iter().map(|reading| if is_digit(reading) { said(0.99, 0.01) } else { said(0.5, 0.9) }).collect()
}

#[test]
fn digits_that_touch_are_told_apart_by_a_network_that_knows_them() {
    let (ways, by_shape, digits) = ways(SceneKind::Touching, [6, 30_006], 6);
    assert_eq!(by_shape.err(), Some(SplitError::NotTwo));
    let parts = ways.chosen(&judged(&ways, &digits)).unwrap();
    for (part, digit) in parts.iter().zip(&digits) {
        let off = distance(&part.prepared, digit);
        assert!(off < 0.65, "{off}");
    }
    assert!(parts[0].prepared.tight_box.left < parts[1].prepared.tight_box.left);
}

#[test]
fn parts_are_digits_where_they_are_surer_ones_than_the_whole() {
    let (ways, ..) = ways(SceneKind::Touching, [6, 30_006], 6);
    let widest = ways.readings().iter().map(|reading| reading.prepared.tight_box.width).max().unwrap();
    let chosen = |parts: &Verdict, whole: &Verdict| {
        let is_whole = |reading: &Candidate| reading.prepared.tight_box.width > widest - widest / 20;
        let verdicts = ways.readings().iter().map(|reading| if is_whole(reading) { *whole } else { *parts });
        ways.chosen(&verdicts.collect::<Vec<_>>()).map(|_| ())
    };
    assert_eq!(chosen(&said(0.99, 0.01), &said(0.8, 0.1)), Ok(()));
    assert_eq!(chosen(&said(0.99, 0.01), &said(0.99, 0.9)), Ok(()));
    assert_eq!(chosen(&said(0.9, 0.01), &said(0.99, 0.01)), Err(SplitError::NotTwo));
    assert_eq!(chosen(&said(0.7, 0.1), &said(0.2, 0.9)), Err(SplitError::NotTwo));
    let silent = Verdict::new(0.9, None).unwrap();
    assert_eq!(chosen(&silent, &silent), Err(SplitError::NotTwo));
}

#[test]
fn a_sheets_edge_beside_two_digits_is_no_third() {
    for number in [7, 12] {
        let (ways, by_shape, digits) = ways(SceneKind::TwoDesk, [number, 30_000 + number], number as u64);
        assert!(matches!(by_shape, Err(SplitError::Several { .. })), "pair {number}: {by_shape:?}");
        let parts = ways.chosen(&judged(&ways, &digits)).unwrap();
        for (part, digit) in parts.iter().zip(&digits) {
            assert!(distance(&part.prepared, digit) < 0.65, "pair {number}");
        }
    }
    // Not even to a network that takes every upright line for a 1.
    let (ways, _, digits) = ways(SceneKind::TwoDesk, [93, 30_093], 93);
    let is_upright = |reading: &Candidate| reading.prepared.tight_box.height > 5 * reading.prepared.tight_box.width;
    let verdicts = ways.readings().iter().zip(judged(&ways, &digits));
    let verdicts: Vec<Verdict> =
        verdicts.map(|(reading, verdict)| if is_upright(reading) { said(0.99, 0.01) } else { verdict }).collect();
    let parts = ways.chosen(&verdicts).unwrap();
    for (part, digit) in parts.iter().zip(&digits) {
        assert!(distance(&part.prepared, digit) < 0.65);
    }
}

/// Kinds of scenes, and numbers of pairs.
#[test]
fn two_digits_are_two_where_one_leans_over_the_other_is_broken_or_half_in_the_shadow() {
    let scenes = [
        (SceneKind::Slanted, 40),
        (SceneKind::TwoSquared, 11),
        (SceneKind::TwoDesk, 11),
        (SceneKind::TwoDesk, 4),
        (SceneKind::TwoDesk, 21),
    ];
    on_all_cores(&scenes, |&(kind, number)| {
        let (ways, _, digits) = ways(kind, [number, 30_000 + number], number as u64);
        let parts = ways.chosen(&judged(&ways, &digits));
        let parts = parts.unwrap_or_else(|error| panic!("{}, pair {number}: {error}", kind.name()));
        for (part, digit) in parts.iter().zip(&digits) {
            let off = distance(&part.prepared, digit);
            assert!(off < 0.65, "{}, pair {number}: {off}", kind.name());
        }
    });
}

#[test]
fn a_row_of_many_marks_is_refused_before_a_network_is_asked() {
    let mut paper = vec![255u8; 320 * 60];
    for left in (15..).step_by(20).take(8) {
        (10..50).for_each(|row| paper[row * 320 + left..row * 320 + left + 5].fill(0));
    }
    let refused = Split::of(&Picture::luma(320, 60, &paper).unwrap());
    assert_eq!(refused.err(), Some(SplitError::Several { found: 8 }));
}

#[test]
fn three_digits_are_counted_and_refused() {
    let digits = mnist("train");
    let mut paper = vec![255u8; 330 * 140];
    for (index, number) in [50_000, 50_001, 50_002].into_iter().enumerate() {
        for (at, &ink) in digits[number].pixels.iter().enumerate() {
            for row in 0..3 {
                for column in 0..3 {
                    paper[(28 + 3 * (at / 28) + row) * 330 + 15 + 100 * index + 3 * (at % 28) + column] = 255 - ink;
                }
            }
        }
    }
    let picture = Picture::luma(330, 140, &paper).unwrap();
    assert_eq!(split(&picture).err(), Some(SplitError::Several { found: 3 }));
    let ways = Split::of(&picture).unwrap();
    let verdicts = vec![said(0.99, 0.01); ways.readings().len()];
    assert_eq!(ways.chosen(&verdicts).err(), Some(SplitError::Several { found: 3 }));
}

/// A light disc or square on black, its border grey for a pixel, `side` wide in a picture of 140x140.
fn light_shape(side: f32, round: bool) -> Vec<u8> {
    let inside = |at: usize| {
        let [across, down] = [at % 140, at / 140].map(|place| (place as f32 - 69.5).abs());
        let far = if round { across.hypot(down) } else { across.max(down) };
        (255.0 * (side / 2.0 - far + 0.5).clamp(0.0, 1.0)) as u8
    };
    (0..140 * 140).map(inside).collect()
}

#[test]
fn the_border_of_a_blot_is_no_digit_and_a_dot_is_none() {
    for (side, round) in [(60.0, true), (92.0, true), (60.0, false), (92.0, false)] {
        let blot = light_shape(side, round);
        let inverted: Vec<u8> = blot.iter().map(|value| 255 - value).collect();
        for picture in [blot, inverted] {
            let found = candidates(&Picture::luma(140, 140, &picture).unwrap()).unwrap();
            for candidate in &found {
                let filled = candidate.prepared.image.pixels().iter().filter(|&&ink| ink > 200.0).count();
                assert!(filled > 50, "{side} {round}: {filled} of 196 in {:?}", candidate.prepared.tight_box);
            }
        }
    }
    for side in [3.0, 4.0] {
        let dot = light_shape(side, true);
        assert_eq!(prepare(&Picture::luma(140, 140, &dot).unwrap()), Err(PrepareError::NoInk));
    }
}

/// White paper with a digit at each place, `scale` pixels for each of MNIST's.
fn written(width: usize, height: usize, digits: &[(&[u8; 784], [usize; 2], usize)]) -> Vec<u8> {
    let mut paper = vec![255u8; width * height];
    for (pixels, [left, top], scale) in digits {
        for (at, &ink) in pixels.iter().enumerate() {
            for (row, column) in (0..scale * scale).map(|cell| (cell / scale, cell % scale)) {
                let place = (top + scale * (at / 28) + row) * width + left + scale * (at % 28) + column;
                paper[place] = paper[place].min(255 - ink);
            }
        }
    }
    paper
}

#[test]
fn one_mark_of_many_is_no_digit_and_a_larger_one_beside_them_is() {
    let digits = mnist("train");
    let line = |number: usize| (&digits[50_000 + number].pixels, [30 * (number % 18) + 20, 30 * (number / 18) + 20], 1);
    let text: Vec<_> = (0..180).map(line).collect();
    let read = |written: &[u8]| candidates(&Picture::luma(600, 600, written).unwrap()).unwrap();
    let page = read(&written(600, 600, &text));
    for reading in &page {
        assert!(reading.in_crowd, "{:?} of {}", reading.prepared.tight_box, page.len());
    }
    let mut beside = text;
    beside.push((&digits[50_000].pixels, [150, 340], 8));
    let found = read(&written(600, 600, &beside));
    let largest = found[0].prepared.tight_box;
    assert!(!found[0].in_crowd && largest.height > 100, "{largest:?}");
}
