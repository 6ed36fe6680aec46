//! Digits in forms that MNIST hardly has.

use super::canvas::Canvas;
use super::pen::Pen;
use super::random::Random;
use crate::image::DigitImage;

/// Forms of digits, as in [`super::glyphs`]. Ones, sevens and noughts come most often.
const FORMS: &[(u8, &str)] = &[
    (1, "23 40 48|28 68"),                  // flag and foot
    (1, "32 50 58|38 78"),                  // flag and foot
    (1, "14 50 58"),                        // long flag
    (1, "24 50 58"),                        // flag
    (1, "40 48|28 68"),                     // foot
    (1, "~24 42 50|50 58|38 78"),           // bent flag and foot
    (1, "31 40 48"),                        // short flag
    (1, "31 40 48|38 58"),                  // short flag and foot
    (1, "40 48|38 58"),                     // short foot
    (1, "~31 40 43 38|38 57"),              // bent
    (7, "00 80 38|24 74"),                  // barred
    (7, "01 70 28|13 64"),                  // barred, slanted
    (7, "02 00 80 38|24 74"),               // serif and bar
    (7, "02 00 80 48"),                     // serif
    (7, "~01 20 50 80|~80 55 38|24 74"),    // bent and barred
    (0, "~40 13 05 48 75 73 40|18 70"),     // slashed
    (0, "~40 13 05 48 75 73 40|71 17"),     // slashed inside
    (4, "20 14 74|62 68"),                  // open
    (4, "~10 02 14 44 80|80 68"),           // open, one stroke
    (4, "50 05 85|60 68"),                  // closed
    (2, "~12 30 61 52 17|~17 05 27 57 87"), // looped
    (2, "~12 30 60 72 18|18 78"),           // flat foot
    (9, "~71 40 12 34 72|72 48"),           // slanted leg
    (9, "~71 40 12 34 72|~72 76 48 17"),    // curled leg
    (3, "10 70 43|~43 73 76 47 16"),        // flat top
    (5, "70 20 14|~14 43 74 76 48 07"),     // angular
    (6, "~60 23 15 38 67 65 34 15"),        // straight back
];

/// How often the pen is broader than other drawings have it, and how much at most.
const BROAD_CHANCE: f32 = 0.3;
const BROADEST: f32 = 1.8;

/// A digit in such a form.
#[derive(Debug, Clone)]
pub struct DigitForm {
    digit: u8,
    canvas: Canvas,
}

impl DigitForm {
    /// Draws one from `seed`.
    pub fn draw(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (digit, glyph) = random.one_of(FORMS);
        let mut canvas = Canvas::blank();
        let mut pen = Pen::any(&mut random);
        if random.chance(BROAD_CHANCE) {
            pen.radius *= random.within(1.2, BROADEST);
        }
        pen.glyph(&mut canvas, glyph, &mut random);
        Self { digit, canvas }
    }

    /// The digit that it shows, 0 to 9.
    pub fn digit(&self) -> u8 {
        self.digit
    }

    /// The drawing framed as preparation frames a digit.
    pub fn image(&self) -> DigitImage {
        self.canvas.framed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_drawn_of_most_digits_and_the_same_from_the_same_seed() {
        let drawn: Vec<DigitForm> = (0..200).map(DigitForm::draw).collect();
        let with = |digit: u8| drawn.iter().filter(|form| form.digit() == digit).count();
        assert!([0, 1, 2, 3, 4, 5, 6, 7, 9].iter().all(|&digit| with(digit) > 0) && with(1) > 40);
        assert_eq!(DigitForm::draw(7).image(), drawn[7].image());
    }
}
