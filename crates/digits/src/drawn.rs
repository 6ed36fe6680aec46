//! Drawings by programs, each a function of its seed.
//!
//! * [`NonDigit`]: letters, signs, figures, several digits at once, paper without ink. A network learns on them to say "no
//!   digit", and is judged on others of the same kinds and of kinds that training leaves out ([`NonDigitKind::in_training`]).
//! * [`DigitForm`]: digits in forms that MNIST hardly has, such as a 1 with flag and foot or a barred 7.

mod canvas;
mod figures;
mod forms;
mod from_digits;
mod glyphs;
mod papers;
mod pen;
mod random;

use self::canvas::{Canvas, SHEET};
use self::random::Random;
use crate::image::{DigitImage, SIDE};
use crate::prepare::TightBox;

pub use self::forms::DigitForm;

/// Digits that some kinds are made of.
#[derive(Debug, Clone, Copy)]
pub struct Digits<'a> {
    /// Images of 14x14 pixels, ink 0..=255; at least one.
    pub images: &'a [[f32; SIDE * SIDE]],
    /// The digit that each shows.
    pub labels: &'a [u8],
}

/// How one kind is drawn.
#[derive(Debug, Clone, Copy)]
enum Draw {
    Alone(fn(&mut Random) -> Canvas),
    OfDigits(fn(&Digits, &mut Random) -> Canvas),
}

/// A kind of non-digit.
#[derive(Debug, Clone, Copy)]
pub struct NonDigitKind {
    /// Its name, as in results.
    pub name: &'static str,
    /// Whether trainings meet it that leave kinds out to measure how a network takes what it has never met.
    pub in_training: bool,
    /// Turns that a training gives it where most kinds have one.
    pub turns: usize,
    draw: Draw,
}

impl NonDigitKind {
    /// Whether it is made of digits.
    pub fn is_of_digits(&self) -> bool {
        matches!(self.draw, Draw::OfDigits(_))
    }

    /// It has two turns: of its drawings for development, `leq` took more than 4 % surely for digits when all had one.
    const fn hard(self) -> Self {
        Self { turns: 2, ..self }
    }
}

const fn alone(name: &'static str, draw: fn(&mut Random) -> Canvas) -> NonDigitKind {
    NonDigitKind { name, in_training: true, turns: 1, draw: Draw::Alone(draw) }
}

const fn unseen(name: &'static str, draw: fn(&mut Random) -> Canvas) -> NonDigitKind {
    NonDigitKind { name, in_training: false, turns: 1, draw: Draw::Alone(draw) }
}

const fn of_digits(name: &'static str, draw: fn(&Digits, &mut Random) -> Canvas) -> NonDigitKind {
    NonDigitKind { name, in_training: true, turns: 1, draw: Draw::OfDigits(draw) }
}

/// All kinds.
pub const KINDS: [NonDigitKind; 45] = [
    alone("capital letters", glyphs::capital),
    alone("small letters", glyphs::small_letter),
    alone("letters of other scripts", glyphs::other_letter),
    unseen("characters of short strokes", glyphs::character).hard(),
    alone("signs of arithmetic", glyphs::sign).hard(),
    alone("punctuation", glyphs::punctuation).hard(),
    alone("words", glyphs::word),
    alone("text", glyphs::text),
    alone("arrows", figures::arrow),
    unseen("hearts", figures::heart),
    alone("stars", figures::star),
    alone("polygons", figures::polygon),
    alone("blots", figures::blot).hard(),
    unseen("crescents", figures::crescent),
    alone("faces", figures::face),
    alone("stick figures", figures::stick_figure),
    alone("houses", figures::house),
    alone("plants", figures::plant),
    unseen("notes", figures::note),
    unseen("boats and cars", figures::boat),
    alone("ticks and crosses", figures::tick),
    alone("spirals", figures::spiral).hard(),
    alone("scribbles", figures::scribble).hard(),
    alone("waves", figures::wave),
    alone("zigzags", figures::zigzag),
    unseen("coils", figures::coil).hard(),
    alone("loose strokes", figures::loose_strokes).hard(),
    alone("ruled lines", papers::ruled_lines),
    alone("remains of boxes", papers::box_remains),
    alone("grids", papers::grid),
    unseen("bars", papers::bars),
    alone("dots", papers::dots),
    alone("stripes", papers::stripes).hard(),
    unseen("checkers", papers::checkers),
    alone("grain", papers::grain),
    alone("photographs", papers::photograph).hard(),
    alone("edges of light", papers::edge).hard(),
    of_digits("two digits", from_digits::two_digits).hard(),
    of_digits("three to five digits", from_digits::more_digits).hard(),
    of_digits("digits above each other", from_digits::stacked_digits),
    of_digits("overlapping digits", from_digits::overlapping_digits).hard(),
    of_digits("shuffled bands of a digit", from_digits::shuffled_bands).hard(),
    of_digits("lying digits", from_digits::lying_digit),
    of_digits("mirrored digits", from_digits::mirrored_digit),
    of_digits("digits crossed out", from_digits::crossed_out_digit),
];

/// First seed of the drawings that networks are chosen by; trainings draw their own from their streams.
pub const DEVELOPMENT_SEED: u64 = 1 << 40;

/// First seed of the drawings that networks are judged on.
pub const TEST_SEED: u64 = 2 << 40;

/// One drawing of what is no digit.
#[derive(Debug, Clone)]
pub struct NonDigit(Canvas);

impl NonDigit {
    /// Side of [`NonDigit::picture`], in pixels.
    pub const PICTURE_SIDE: usize = 2 * SHEET;

    /// Draws one of `kind` from `seed`.
    pub fn draw(kind: &NonDigitKind, digits: &Digits<'_>, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self(match kind.draw {
            Draw::Alone(draw) => draw(&mut random),
            Draw::OfDigits(draw) => draw(digits, &mut random),
        })
    }

    /// The drawing framed as a digit is: its longer side 20 of 28 pixels, its centre of mass in the middle. A sheet
    /// without strong ink is framed as a whole.
    pub fn image(&self) -> DigitImage {
        self.0.framed()
    }

    /// How much of the drawing's ink lies in a box of [`NonDigit::picture`], 0 to 1.
    pub fn share_in(&self, window: &TightBox) -> f32 {
        let margin = SHEET / 2;
        let inside = |at: usize| {
            let (column, row) = (at % SHEET + margin, at / SHEET + margin);
            (window.left..window.left + window.width).contains(&column)
                && (window.top..window.top + window.height).contains(&row)
        };
        let ink = |chosen: &dyn Fn(usize) -> bool| -> f32 {
            self.0.ink.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, ink)| ink).sum()
        };
        ink(&inside) / ink(&|_| true).max(f32::MIN_POSITIVE)
    }

    /// The drawing in dark ink in the middle of white paper twice as wide: grey bytes, `PICTURE_SIDE` each way, with noise
    /// of one grey level.
    pub fn picture(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        let (ink, paper) = (random.within(0.02, 0.3), random.within(0.8, 0.98));
        let margin = SHEET / 2;
        (0..Self::PICTURE_SIDE * Self::PICTURE_SIDE)
            .map(|at| {
                let inside = |place: usize| place.checked_sub(margin).filter(|&place| place < SHEET);
                let cell = inside(at % Self::PICTURE_SIDE).zip(inside(at / Self::PICTURE_SIDE));
                let stroke = cell.map_or(0.0, |(column, row)| self.0.ink[row * SHEET + column]);
                let noise = random.about(1.7);
                (255.0 * (paper + (ink - paper) * stroke) + noise).round().clamp(0.0, 255.0) as u8
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring and a bar, as 0 and 1.
    fn digits() -> ([[f32; SIDE * SIDE]; 2], [u8; 2]) {
        let place = |at: usize| ((at % SIDE) as f32 - 6.5, (at / SIDE) as f32 - 6.5);
        let ring = |at| if (place(at).0.hypot(place(at).1) - 3.5).abs() < 0.8 { 255.0 } else { 0.0 };
        let bar = |at| if place(at).0.abs() < 0.8 && place(at).1.abs() < 4.5 { 255.0 } else { 0.0 };
        ([std::array::from_fn(ring), std::array::from_fn(bar)], [0, 1])
    }

    fn drawn(kind: &NonDigitKind, seed: u64) -> NonDigit {
        let (images, labels) = digits();
        NonDigit::draw(kind, &Digits { images: &images, labels: &labels }, seed)
    }

    #[test]
    fn every_kind_draws_something_new_from_every_seed_and_the_same_from_the_same() {
        for kind in &KINDS {
            let images: Vec<DigitImage> = (0..8).map(|seed| drawn(kind, seed).image()).collect();
            for (seed, image) in images.iter().enumerate() {
                let ink: f32 = image.pixels().iter().sum::<f32>() / 255.0;
                assert!(
                    ink > 1.0 && image.pixels().iter().all(|it| (0.0..=255.0).contains(it)),
                    "{} {seed}",
                    kind.name
                );
            }
            assert_eq!(drawn(kind, 3).image(), images[3], "{}", kind.name);
            assert!(images[0] != images[1] || images[1] != images[2], "{}", kind.name);
        }
    }

    #[test]
    fn a_bar_of_a_fence_is_a_small_part_of_it() {
        let fence = drawn(KINDS.iter().find(|kind| kind.name == "bars").unwrap(), 1);
        let side = NonDigit::PICTURE_SIDE;
        let whole = TightBox { left: 0, top: 0, width: side, height: side };
        assert!((fence.share_in(&whole) - 1.0).abs() < 1e-6);
        let bar = TightBox { left: side / 2, width: 8, ..whole };
        assert!(fence.share_in(&bar) < 0.3, "{}", fence.share_in(&bar));
    }

    #[test]
    fn names_are_unique_and_at_least_thirty_kinds_are_trained_with_and_some_are_not() {
        let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
        let trained = KINDS.iter().filter(|kind| kind.in_training).count();
        assert!(trained >= 30 && trained < KINDS.len(), "{trained}");
    }

    #[test]
    fn a_picture_shows_the_drawing_dark_on_light() {
        let drawing = drawn(&KINDS[0], 5);
        let picture = drawing.picture(1);
        assert_eq!(picture.len(), NonDigit::PICTURE_SIDE * NonDigit::PICTURE_SIDE);
        assert!(picture[0] > 190 && picture.iter().any(|&level| level < 90));
    }
}
