//! Digits written on paper, photographed, and read from the photo as the tools read them: drawn by `digits::scene`.

use digits::scene::{SceneKind, Stage};
use digits::{Candidate, Picture, Revision, SIDE, TightBox};

const IMAGE_PIXELS: usize = SIDE * SIDE;
const MNIST_SIDE: usize = 2 * SIDE;
/// Sides of the photos, as a fraction of those of an ordinary scene: it takes a tenth of the time.
const SHRUNK: f32 = 0.25;
/// Of what the boxes of a reading and of the digit cover together, what they share at least where the digit is read, and at most
/// where something else is.
const SAME: f32 = 0.6;
const ELSEWHERE: f32 = 0.02;
/// Width of what is read elsewhere, at least, in heights: what is narrower may well be a 1.
const NO_BAR: f32 = 0.45;

/// What is read in one photo.
#[derive(Debug, Default)]
pub(crate) struct PhotoReadings {
    /// The digit; `None` where it is not read.
    pub digit: Option<[f32; IMAGE_PIXELS]>,
    /// What else could be one by its shape, and is none: parts of the table, of shadows, of frames.
    pub others: Vec<[f32; IMAGE_PIXELS]>,
}

/// What a revision of preparation reads in a photo of the digit of `image`, raw pixels; which of all kinds of scenes, is by turns of
/// `number`.
pub(crate) fn photographed(image: &[f32; IMAGE_PIXELS], number: usize, seed: u64, revision: Revision) -> PhotoReadings {
    let kinds: Vec<SceneKind> = SceneKind::ALL.iter().copied().filter(|kind| kind.digits() == 1).collect();
    let setup = kinds[number % kinds.len()].setup(Stage::Training, &[&enlarged(image)], seed).shrunk(SHRUNK);
    let Some(written) = setup.written.first().and_then(|written| setup.box_of(written)) else {
        return PhotoReadings::default();
    };
    let photo = setup.draw();
    let picture = Picture::rgba(photo.width, photo.height, &photo.rgba).ok();
    let read = picture.and_then(|picture| revision.candidates(&picture).ok()).unwrap_or_default();
    PhotoReadings::of(&read, &written)
}

impl PhotoReadings {
    fn of(read: &[Candidate], written: &TightBox) -> Self {
        let shared = |candidate: &Candidate| candidate.prepared.tight_box.shared_with(written);
        let image = |candidate: &Candidate| *candidate.prepared.image.pixels();
        let is_bar = |it: &TightBox| (it.width as f32) < NO_BAR * it.height as f32;
        let is_other = |it: &&Candidate| shared(it) <= ELSEWHERE && !is_bar(&it.prepared.tight_box);
        Self {
            digit: read.iter().find(|candidate| shared(candidate) >= SAME).map(image),
            others: read.iter().filter(is_other).map(image).collect(),
        }
    }
}

/// Twice as large, interpolated between the pixels' middles: bytes of ink. A pen follows the middle of its strokes, so what
/// is lost of their edges does not matter.
fn enlarged(image: &[f32; IMAGE_PIXELS]) -> [u8; MNIST_SIDE * MNIST_SIDE] {
    let last = SIDE as f32 - 1.0;
    std::array::from_fn(|at| {
        let [x, y] = [at % MNIST_SIDE, at / MNIST_SIDE].map(|place| (place as f32 / 2.0 - 0.25).clamp(0.0, last));
        let [(left, right), (top, bottom)] = [x, y].map(|place| (place.floor() as usize, place.ceil() as usize));
        let row = |row: usize| {
            let [a, b] = [left, right].map(|column| image[row * SIDE + column]);
            a + (b - a) * x.fract()
        };
        (row(top) + (row(bottom) - row(top)) * y.fract()).round().clamp(0.0, 255.0) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 1 with raw pixels.
    fn one() -> [f32; IMAGE_PIXELS] {
        std::array::from_fn(
            |at| if (6..8).contains(&(at % SIDE)) && (2..12).contains(&(at / SIDE)) { 255.0 } else { 0.0 },
        )
    }

    #[test]
    fn an_enlarged_digit_has_four_times_the_ink() {
        let ink: u32 = enlarged(&one()).iter().map(|&ink| u32::from(ink)).sum();
        assert_eq!(ink, 4 * 20 * 255);
    }

    #[test]
    fn most_photos_are_read_as_the_digit_that_was_written() {
        let readings: Vec<_> =
            (0..52).map(|number| photographed(&one(), number, number as u64, Revision::NEWEST)).collect();
        let others: usize = readings.iter().map(|readings| readings.others.len()).sum();
        assert!((1..52).contains(&others), "{others}");
        let read: Vec<_> = readings.into_iter().filter_map(|readings| readings.digit).collect();
        assert!(read.len() > 40, "{} of 52", read.len());
        let in_the_middle = |image: &[f32; IMAGE_PIXELS]| {
            let ink = |columns: std::ops::Range<usize>| -> f32 {
                (0..IMAGE_PIXELS).filter(|at| columns.contains(&(at % SIDE))).map(|at| image[at]).sum()
            };
            ink(4..10) / ink(0..SIDE)
        };
        let upright = read.iter().filter(|image| in_the_middle(image) > 0.9).count();
        assert!(upright > 36, "{upright} of {}", read.len());
    }
}
