//! Test digits transformed to resemble other hands and cameras, for measuring a network after preparation.

use digits::{Candidate, DigitImage, MNIST_SIDE, Picture, prepare};

use mnist::{PairSet, Split};
use random::{Purpose, Stream};

use super::readings::readings;

/// Side of the pictures, which show an MNIST image enlarged.
const PICTURE_SIDE: usize = 112;
/// Seed of the noise.
const NOISE_SEED: u64 = 0;
/// The largest grey level.
const WHITE: f32 = 255.0;

/// A transformation of an MNIST digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drawing {
    /// Untransformed, dark on white.
    Plain,
    /// Shifted by a fifth of the picture, to the right and down.
    Shifted,
    /// Half as large.
    Small,
    /// One and a half times as large.
    Large,
    /// Rotated by this many degrees.
    Turned(f32),
    /// Strokes one MNIST pixel wider on both sides.
    Thick,
    /// Strokes thinner by half of their edge pixels.
    Thin,
    /// A third of the ink.
    Faint,
    /// Noise of 12 grey levels.
    Noisy,
}

impl Drawing {
    /// All transformations that networks are measured on.
    pub const ALL: [Self; 10] = [
        Self::Plain,
        Self::Shifted,
        Self::Small,
        Self::Large,
        Self::Turned(-15.0),
        Self::Turned(15.0),
        Self::Thick,
        Self::Thin,
        Self::Faint,
        Self::Noisy,
    ];

    /// The name used in results.
    pub fn name(self) -> String {
        match self {
            Self::Plain => "plain".to_owned(),
            Self::Shifted => "shifted".to_owned(),
            Self::Small => "small".to_owned(),
            Self::Large => "large".to_owned(),
            Self::Turned(degrees) => format!("turned by {degrees} degrees"),
            Self::Thick => "thick".to_owned(),
            Self::Thin => "thin".to_owned(),
            Self::Faint => "faint".to_owned(),
            Self::Noisy => "noisy".to_owned(),
        }
    }

    /// The pairs transformed and prepared. If preparation finds no digit, the image is blank.
    pub fn of(self, pairs: &PairSet, split: &Split) -> PairSet {
        let mut drawn = pairs.clone();
        let mut noise = Stream::new(NOISE_SEED, Purpose::Augmentation);
        let images = drawn.pixels_mut().chunks_exact_mut(digits::SIDE * digits::SIDE);
        for (pixels, &index) in images.zip(pairs.indices().iter().flatten()) {
            let picture = self.picture(&split.images[index], &mut noise);
            let picture = Picture::luma(PICTURE_SIDE, PICTURE_SIDE, &picture);
            match picture.and_then(|picture| prepare(&picture)) {
                Ok(prepared) => pixels.copy_from_slice(prepared.image.pixels()),
                Err(_) => pixels.copy_from_slice(DigitImage::from_mnist(&[0; MNIST_SIDE * MNIST_SIDE]).pixels()),
            }
        }
        drawn
    }

    /// The readings that the tools have of each image of the pairs, drawn so: two lists a pair.
    pub(super) fn readings(self, pairs: &PairSet, split: &Split) -> Vec<Vec<Candidate>> {
        let mut noise = Stream::new(NOISE_SEED, Purpose::Augmentation);
        let indices = pairs.indices().iter().flatten();
        indices.map(|&index| readings(PICTURE_SIDE, &self.picture(&split.images[index], &mut noise))).collect()
    }

    /// Grey levels, dark ink on white.
    fn picture(self, image: &[u8; MNIST_SIDE * MNIST_SIDE], noise: &mut Stream) -> Vec<u8> {
        let ink = Ink(image.map(f32::from)).with_strokes(self);
        let (sine, cosine) = if let Self::Turned(degrees) = self { degrees.to_radians().sin_cos() } else { (0.0, 1.0) };
        let scale = match self {
            Self::Small => 0.5,
            Self::Large => 1.5,
            _ => 1.0,
        };
        let shift = if self == Self::Shifted { 0.2 * MNIST_SIDE as f32 } else { 0.0 };
        // A margin of an eighth on each side keeps large and rotated digits inside the picture.
        let pixel = MNIST_SIDE as f32 * 1.5 / PICTURE_SIDE as f32;
        let (strength, standard_deviation) = match self {
            Self::Faint => (1.0 / 3.0, 0.0),
            Self::Noisy => (1.0, 12.0),
            _ => (1.0, 0.0),
        };
        let centre = (PICTURE_SIDE as f32 - 1.0) / 2.0;
        let place = |number: usize| ((number % PICTURE_SIDE) as f32 - centre, (number / PICTURE_SIDE) as f32 - centre);
        (0..PICTURE_SIDE * PICTURE_SIDE)
            .map(|number| {
                let (right, down) = place(number);
                let (right, down) = (right * pixel - shift, down * pixel - shift);
                let source = [(cosine * right + sine * down) / scale, (cosine * down - sine * right) / scale];
                let added = if standard_deviation > 0.0 { standard_deviation * noise.gaussians()[0] } else { 0.0 };
                (WHITE - strength * ink.at(source) + added).clamp(0.0, WHITE) as u8
            })
            .collect()
    }
}

/// An MNIST image, white on black.
struct Ink([f32; MNIST_SIDE * MNIST_SIDE]);

impl Ink {
    fn with_strokes(self, drawing: Drawing) -> Self {
        let (share, extreme): (f32, fn(f32, f32) -> f32) = match drawing {
            Drawing::Thick => (1.0, f32::max),
            Drawing::Thin => (0.5, f32::min),
            _ => return self,
        };
        let (rows, _) = self.0.as_chunks::<MNIST_SIDE>();
        let mut changed = self.0;
        for (place, pixel) in changed.iter_mut().enumerate() {
            let (row, column) = (place / MNIST_SIDE, place % MNIST_SIDE);
            let around = |centre: usize| centre.saturating_sub(1)..(centre + 2).min(MNIST_SIDE);
            let goal = rows[around(row)].iter().flat_map(|row| &row[around(column)]).copied().fold(*pixel, extreme);
            *pixel += share * (goal - *pixel);
        }
        Self(changed)
    }

    /// The bilinearly interpolated grey level at this offset from the centre, in image pixels; 0 outside.
    fn at(&self, [right, down]: [f32; 2]) -> f32 {
        let middle = (MNIST_SIDE as f32 - 1.0) / 2.0;
        let (column, row) = (right + middle, down + middle);
        let (left, top) = (column.floor(), row.floor());
        let (across, along) = (column - left, row - top);
        let level = |column: f32, row: f32| {
            let inside = |place: f32| (0.0..MNIST_SIDE as f32).contains(&place);
            if inside(column) && inside(row) { self.0[row as usize * MNIST_SIDE + column as usize] } else { 0.0 }
        };
        let upper = level(left, top) * (1.0 - across) + level(left + 1.0, top) * across;
        let lower = level(left, top + 1.0) * (1.0 - across) + level(left + 1.0, top + 1.0) * across;
        upper * (1.0 - along) + lower * along
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vertical bar, three pixels wide.
    fn bar() -> [u8; MNIST_SIDE * MNIST_SIDE] {
        std::array::from_fn(|place| {
            let (row, column) = (place / MNIST_SIDE, place % MNIST_SIDE);
            if (6..22).contains(&row) && (12..15).contains(&column) { 255 } else { 0 }
        })
    }

    fn ink_of(drawing: Drawing) -> f64 {
        let picture = drawing.picture(&bar(), &mut Stream::new(0, Purpose::Augmentation));
        picture.iter().map(|&level| f64::from(255 - level)).sum()
    }

    #[test]
    fn every_drawing_changes_the_ink_as_its_name_says() {
        let plain = ink_of(Drawing::Plain);
        let share = |drawing| ink_of(drawing) / plain;
        assert!((share(Drawing::Shifted) - 1.0).abs() < 0.02 && (share(Drawing::Turned(15.0)) - 1.0).abs() < 0.02);
        assert!((share(Drawing::Small) - 0.25).abs() < 0.02 && (share(Drawing::Large) - 2.25).abs() < 0.05);
        assert!(share(Drawing::Thick) > 1.6 && share(Drawing::Thin) < 0.8);
        assert!((share(Drawing::Faint) - 1.0 / 3.0).abs() < 0.02);
    }

    #[test]
    fn a_drawing_turned_to_the_right_has_its_top_to_the_right() {
        let picture = Drawing::Turned(15.0).picture(&bar(), &mut Stream::new(0, Purpose::Augmentation));
        let mean_column = |rows: std::ops::Range<usize>| {
            let dark = |(place, level): (usize, &u8)| (f64::from(255 - level), (place % PICTURE_SIDE) as f64);
            let weighed = picture[rows.start * PICTURE_SIDE..rows.end * PICTURE_SIDE].iter().enumerate().map(dark);
            let (ink, moment) =
                weighed.fold((0.0, 0.0), |(ink, moment), (dark, column)| (ink + dark, moment + dark * column));
            moment / ink
        };
        assert!(mean_column(0..PICTURE_SIDE / 2) > mean_column(PICTURE_SIDE / 2..PICTURE_SIDE));
    }
}
