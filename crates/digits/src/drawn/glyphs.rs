//! Letters and signs as strokes. What a hand may write like a digit (O, l, S, Z, B, q and so on) is left out.
//!
//! Strokes are apart by `|`; a point is its place across and down, 0 to 8; `~` begins a curve.

use super::canvas::Canvas;
use super::pen::Pen;
use super::random::Random;

/// Capital letters.
const CAPITALS: &[&str] = &[
    "08 40 88|25 65",              // A
    "80 00 08 88|04 64",           // E
    "80 00 08|04 64",              // F
    "00 08|80 88|04 84",           // H
    "00 08|80 04 88",              // K
    "10 18 78",                    // L
    "08 00 45 80 88",              // M
    "08 00 88 80",                 // N
    "10 18|~10 50 72 54 14",       // P
    "10 18|~10 50 72 54 14|44 78", // R
    "10 18|~10 50 72 54 14|14 78", // R, its leg from the stem
    "10 40 62 44 14|10 18|14 68",  // R, angular
    "00 80|40 48",                 // T
    "00 48 80",                    // V
    "00 28 43 68 80",              // W
    "00 88|80 08",                 // X
];

/// Small letters.
const SMALL: &[&str] = &[
    "~71 42 22 15 27 47 72|72 78",     // a
    "~14 74 62 42 15 27 58 77",        // e
    "~71 50 42 48|24 64",              // f
    "10 18|~14 43 64 68",              // h
    "10 18|62 15 68",                  // k
    "02 08|~03 22 34 38|~34 52 74 78", // m
    "12 18|~14 42 64 68",              // n
    "22 28|~24 42 62",                 // r
    "40 48|22 62",                     // t
    "02 28 44 68 82",                  // w
    "12 78|72 18",                     // x
    "12 48 72",                        // v
];

/// Letters of other scripts.
const OTHER_LETTERS: &[&str] = &[
    "80 00 44 08 88",               // Sigma
    "08 00 80 88",                  // Pi
    "08 40 88 08",                  // Delta
    "08 40 88",                     // Lambda
    "40 48|~00 04 46 84 80",        // Psi
    "00 08 88 80|40 48",            // Sha
    "00 88|80 08|40 48",            // Zhe
    "00 08 80 88",                  // I
    "08 20 60 68|07 87",            // De
    "10 17 67 60|67 88",            // Tse
    "~08 38 16 02 40 72 76 58 88",  // Omega
    "~02 11 81|31 38|~61 56 78",    // pi
    "00 80|00 08",                  // Gamma
    "00 08|~80 74 44 04|~44 76 88", // Ka
    "00 08 20|60 88 80",            // two strokes
    "01 81|08 30|50 88",            // under a roof
];

/// Signs of arithmetic.
const SIGNS: &[&str] = &[
    "40 48|04 84",
    "40 48|14 74",
    "40 48|24 64",
    "40 48|23 63",
    "11 77|71 17",
    "03 83|05 85",
    "04 84",
    "04 84|41 41|47 47",
    "40 46|03 83|08 88",
    "02 82|06 86|62 26",
    "04 14 38 50 80",
    "~44 62 84 66 44 22 04 26 44",
    "70 14 78",
    "10 74 18",
    "~03 22 44 65 83|~06 25 47 68 86",
    "~05 23 45 65 83",
    "21 21|67 67|70 18",
    "26 26|66 66|42 42",
    "04 40 84",
    "02 82|04 84|06 86",
];

/// Signs between words.
const PUNCTUATION: &[&str] = &[
    "40 45|48 48",
    "41 41|47 47",
    "43 43|~47 48 39",
    "20 23|60 63",
    "40 48|11 77|71 17",
    "20 28|60 68|02 82|06 86",
    "~82 50 14 38 87|03 63|05 65",
    "60 20 28 68",
    "20 60 68 28",
    "~56 35 33 53 56 76 83 61 31 03 06 38 68",
    "15 15|45 45|75 75",
    "14 41 74",
    "02 22|42 62|05 25|45 65",
];

/// Letters and syllables that look like nothing in particular: short strokes along a square.
fn strokes_of_a_character(random: &mut Random) -> Vec<[[f32; 2]; 2]> {
    let strokes = random.whole(4, 7);
    let stroke = |random: &mut Random, level: bool| {
        let (from, to, at) = (random.within(0.0, 2.5), random.within(5.5, 8.0), random.within(0.5, 7.5));
        if level { [[from, at], [to, at]] } else { [[at, from], [at, to]] }
    };
    (0..strokes)
        .map(|number| {
            if random.chance(0.2) {
                [[random.within(0.0, 8.0), random.within(0.0, 4.0)], [random.within(0.0, 8.0), random.within(4.0, 8.0)]]
            } else {
                stroke(random, number % 2 == 0)
            }
        })
        .collect()
}

fn one(table: &[&str], random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let glyph = random.one_of(table);
    Pen::any(random).glyph(&mut canvas, glyph, random);
    canvas
}

pub(super) fn capital(random: &mut Random) -> Canvas {
    one(CAPITALS, random)
}

pub(super) fn small_letter(random: &mut Random) -> Canvas {
    one(SMALL, random)
}

pub(super) fn other_letter(random: &mut Random) -> Canvas {
    one(OTHER_LETTERS, random)
}

pub(super) fn sign(random: &mut Random) -> Canvas {
    one(SIGNS, random)
}

pub(super) fn punctuation(random: &mut Random) -> Canvas {
    one(PUNCTUATION, random)
}

pub(super) fn character(random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let pen = Pen::any(random);
    for stroke in strokes_of_a_character(random) {
        pen.straight(&mut canvas, &stroke, random);
    }
    canvas
}

/// Two to five letters in a row.
pub(super) fn word(random: &mut Random) -> Canvas {
    let letters = random.whole(2, 5);
    line_of_letters(letters, 48.0, random)
}

/// Three to six lines of letters.
pub(super) fn text(random: &mut Random) -> Canvas {
    let (lines, letters) = (random.whole(3, 6), random.whole(4, 8));
    let mut canvas = Canvas::blank();
    for line in 0..lines {
        let down = 96.0 * (line as f32 + 0.5) / lines as f32;
        canvas.add(&line_of_letters(letters, down, random), 1.0);
    }
    canvas
}

fn line_of_letters(letters: usize, down: f32, random: &mut Random) -> Canvas {
    let mut canvas = Canvas::blank();
    let room = 90.0 / letters as f32;
    let height = (room * random.within(0.9, 1.3)).min(60.0);
    let capitals = random.chance(0.4);
    for letter in 0..letters {
        let centre = [3.0 + room * (letter as f32 + 0.5), down];
        let glyph = random.one_of(if capitals { CAPITALS } else { SMALL });
        Pen::sized(random, centre, height * 0.8).glyph(&mut canvas, glyph, random);
    }
    canvas
}
