//! What is made of digits and is none: several in one picture, pieces put together, digits lying or mirrored.

use super::Digits;
use super::canvas::{Canvas, SHEET};
use super::random::Random;
use crate::image::SIDE;

type Image = [f32; SIDE * SIDE];

/// A digit, and where on the sheet its image goes.
#[derive(Debug, Clone, Copy)]
struct Placed<'a> {
    image: &'a Image,
    /// Middle of the image on the sheet.
    centre: [f32; 2],
    /// Side of the image on the sheet.
    side: f32,
    /// From an offset on the sheet to one in the image, before it is scaled: [xx, xy, yx, yy].
    matrix: [f32; 4],
}

const UPRIGHT: [f32; 4] = [1.0, 0.0, 0.0, 1.0];

impl Placed<'_> {
    fn canvas(&self) -> Canvas {
        let scale = SIDE as f32 / self.side;
        let [xx, xy, yx, yy] = self.matrix;
        Canvas::covered(|x, y| {
            let (x, y) = ((x - self.centre[0]) * scale, (y - self.centre[1]) * scale);
            ink(self.image, xx * x + xy * y + 6.5, yx * x + yy * y + 6.5)
        })
    }
}

/// Ink between four pixels, 0 to 1; none outside.
fn ink(image: &Image, x: f32, y: f32) -> f32 {
    let at = |column: f32, row: f32| {
        let inside = |place: f32| (0.0..SIDE as f32).contains(&place);
        let pixel = || image[row as usize * SIDE + column as usize];
        if inside(column) && inside(row) { pixel() / 255.0 } else { 0.0 }
    };
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let row = |row: f32| at(left, row) * (1.0 - across) + at(left + 1.0, row) * across;
    row(top) * (1.0 - down) + row(top + 1.0) * down
}

fn any<'a>(digits: &Digits<'a>, random: &mut Random) -> &'a Image {
    &digits.images[random.whole(0, digits.images.len() - 1)]
}

/// A digit of one of these classes.
fn one_of<'a>(digits: &Digits<'a>, classes: &[u8], random: &mut Random) -> &'a Image {
    for _ in 0..200 {
        let at = random.whole(0, digits.images.len() - 1);
        if classes.contains(&digits.labels[at]) {
            return &digits.images[at];
        }
    }
    any(digits, random)
}

fn in_a_row(count: usize, digits: &Digits, random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let side = 96.0 / count as f32 * random.within(1.0, 1.25);
    let step = side * random.within(0.6, 0.78);
    for number in 0..count {
        let across = 48.0 + step * (number as f32 - (count - 1) as f32 / 2.0);
        let placed = Placed {
            image: any(digits, random),
            centre: [across, 48.0 + random.about(0.08 * side)],
            side: side * random.within(0.9, 1.1),
            matrix: UPRIGHT,
        };
        canvas.add(&placed.canvas(), 1.0);
    }
    canvas
}

pub(super) fn two_digits(digits: &Digits, random: &mut Random) -> Canvas {
    in_a_row(2, digits, random)
}

pub(super) fn more_digits(digits: &Digits, random: &mut Random) -> Canvas {
    let count = random.whole(3, 5);
    in_a_row(count, digits, random)
}

/// Two digits above each other.
pub(super) fn stacked_digits(digits: &Digits, random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    for down in [28.0, 68.0] {
        let centre = [48.0 + random.about(6.0), down];
        let side = random.within(44.0, 54.0);
        canvas.add(&Placed { image: any(digits, random), centre, side, matrix: UPRIGHT }.canvas(), 1.0);
    }
    canvas
}

/// Two different digits on top of each other, one a little aside.
pub(super) fn overlapping_digits(digits: &Digits, random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let groups: [&[u8]; 5] = [&[4], &[2, 3], &[5], &[7, 1], &[0, 6]];
    let first = random.whole(0, groups.len() - 1);
    let second = (first + random.whole(1, groups.len() - 1)) % groups.len();
    let aside = random.within(8.0, 20.0);
    for (group, across) in [(first, 48.0 - aside), (second, 48.0 + aside)] {
        let (image, centre) = (one_of(digits, groups[group], random), [across, 48.0 + random.about(10.0)]);
        canvas.add(&Placed { image, centre, side: random.within(60.0, 76.0), matrix: UPRIGHT }.canvas(), 1.0);
    }
    canvas
}

/// A digit cut into three level bands that come in another order.
pub(super) fn shuffled_bands(digits: &Digits, random: &mut Random) -> Canvas {
    let image = one_of(digits, &[0, 2, 3, 4, 5, 6, 8, 9], random);
    let placed = Placed { image, centre: [48.0; 2], side: 134.0, matrix: UPRIGHT }.canvas();
    let order = random.one_of(&[[2, 0, 1], [1, 2, 0], [2, 1, 0], [1, 0, 2]]);
    let band = SHEET / 3;
    let moved = |down: usize| order[down / band] * band + down % band;
    Canvas::covered(|x, y| placed.ink[moved(y as usize) * SHEET + x as usize])
}

/// A digit lying on its side.
pub(super) fn lying_digit(digits: &Digits, random: &mut Random) -> Canvas {
    let matrix = random.one_of(&[[0.0, 1.0, -1.0, 0.0], [0.0, -1.0, 1.0, 0.0]]);
    let image = one_of(digits, &[3, 4, 5, 7], random);
    Placed { image, centre: [48.0; 2], side: random.within(80.0, 110.0), matrix }.canvas()
}

/// A digit as a mirror shows it, of those that are none then.
pub(super) fn mirrored_digit(digits: &Digits, random: &mut Random) -> Canvas {
    let image = one_of(digits, &[3, 7], random);
    Placed { image, centre: [48.0; 2], side: random.within(80.0, 110.0), matrix: [-1.0, 0.0, 0.0, 1.0] }.canvas()
}

/// A digit crossed out by many strokes.
pub(super) fn crossed_out_digit(digits: &Digits, random: &mut Random) -> Canvas {
    let side = random.within(70.0, 90.0);
    let mut canvas = Placed { image: any(digits, random), centre: [48.0; 2], side, matrix: UPRIGHT }.canvas();
    let (strokes, radius) = (random.whole(4, 7), random.within(2.0, 4.0));
    for stroke in 0..strokes {
        let down = 18.0 + 60.0 * stroke as f32 / (strokes - 1) as f32;
        let tilt = random.within(-22.0, 22.0);
        canvas.stroke(&[[random.within(10.0, 22.0), down - tilt], [random.within(74.0, 86.0), down + tilt]], radius);
    }
    canvas
}
