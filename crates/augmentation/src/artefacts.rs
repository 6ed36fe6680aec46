//! Artefacts of preparation: what it leaves in an image besides the digit, or takes away from it.

use digits::SIDE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Image, WHITE};
use crate::switch::{Switchable, is_default};
use random::Stream;

/// Probabilities that an image gets each artefact, drawn independently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Artefacts {
    /// One or two level or upright lines, or parts of them: ruling, the sides of a box.
    #[schemars(extend("unit" = "probability"))]
    pub lines: f32,
    /// A short stroke beside or across the digit.
    #[schemars(extend("unit" = "probability"))]
    pub strays: f32,
    /// A gap where a line was taken out, or where the pen left the paper.
    #[schemars(extend("unit" = "probability"))]
    pub cuts: f32,
    /// Single pixels of full or of no ink.
    #[schemars(extend("unit" = "probability"))]
    pub specks: f32,
    /// Strokes blurred with the 3x3 pixels around each.
    #[schemars(extend("unit" = "probability"))]
    pub blur: f32,
    /// Only the outline of the strokes.
    #[schemars(extend("unit" = "probability"))]
    pub outlines: f32,
    /// Light or shadow left over: an even or sloping level under the ink.
    #[schemars(extend("unit" = "probability"))]
    pub background: f32,
    /// Strokes as coarse as those of a picture of few pixels, such as 8x8, that was enlarged.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "probability", "default" = 0.0))]
    pub coarse: f32,
    /// Strokes of a broad pen: moved at least half of the way to the largest of the 3x3 pixels around each.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "probability", "default" = 0.0))]
    pub bold: f32,
}

impl Switchable for Artefacts {
    fn on() -> Self {
        Self::EVERYBODY
    }
}

/// Adds one artefact to an image.
type Artefact = fn(&mut Image, &mut Stream);

impl Artefacts {
    /// What suits a network that meets everybody's paper.
    pub const EVERYBODY: Self = Self {
        lines: 0.08,
        strays: 0.06,
        cuts: 0.08,
        specks: 0.06,
        blur: 0.08,
        outlines: 0.04,
        background: 0.1,
        coarse: 0.07,
        bold: 0.1,
    };

    /// The first probability outside 0 to 1: its name and value.
    pub(super) fn out_of_range(&self) -> Option<(&'static str, f32)> {
        let all = [
            ("augmentation.artefacts.lines", self.lines),
            ("augmentation.artefacts.strays", self.strays),
            ("augmentation.artefacts.cuts", self.cuts),
            ("augmentation.artefacts.specks", self.specks),
            ("augmentation.artefacts.blur", self.blur),
            ("augmentation.artefacts.outlines", self.outlines),
            ("augmentation.artefacts.background", self.background),
            ("augmentation.artefacts.coarse", self.coarse),
            ("augmentation.artefacts.bold", self.bold),
        ];
        all.into_iter().find(|(_, probability)| !(0.0..=1.0).contains(probability))
    }

    /// Adds each artefact to `image` with `strength` times its probability; the result stays within 0 to 255.
    pub(super) fn apply(&self, image: &mut Image, strength: f32, stream: &mut Stream) {
        let artefacts: [(f32, Artefact); 9] = [
            (self.bold, bold),
            (self.coarse, coarse),
            (self.outlines, outline),
            (self.cuts, cut),
            (self.lines, lines),
            (self.strays, stray),
            (self.blur, blur),
            (self.background, background),
            (self.specks, specks),
        ];
        for (probability, add) in artefacts {
            if stream.unit() < probability * strength {
                add(image, stream);
            }
        }
    }
}

/// `low` to `high`.
fn within(stream: &mut Stream, low: f32, high: f32) -> f32 {
    low + (high - low) * stream.unit()
}

/// How much of each pixel a stroke of this radius from `from` to `to`, in pixels (across, down), covers: 0 to 1.
fn coverage(from: [f32; 2], to: [f32; 2], radius: f32) -> Image {
    let (along, down) = (to[0] - from[0], to[1] - from[1]);
    let length = (along * along + down * down).max(1e-6);
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let (x, y) = (column as f32 - from[0], row as f32 - from[1]);
            let part = ((x * along + y * down) / length).clamp(0.0, 1.0);
            (radius + 0.5 - (x - part * along).hypot(y - part * down)).clamp(0.0, 1.0)
        })
    })
}

fn change(image: &mut Image, covered: &Image, changed: impl Fn(f32, f32) -> f32) {
    let pixels = image.as_flattened_mut().iter_mut().zip(covered.as_flattened());
    pixels.for_each(|(pixel, covered)| *pixel = changed(*pixel, *covered).clamp(0.0, WHITE));
}

fn lines(image: &mut Image, stream: &mut Stream) {
    let side = SIDE as f32;
    let upright = stream.unit() < 0.4;
    for _ in 0..1 + stream.below(2) {
        let (at, tilt) = (within(stream, -0.3, side - 0.7), stream.symmetric(0.7));
        let (from, to) = (within(stream, -1.0, 6.0), within(stream, 8.0, side));
        let (radius, level) = (within(stream, 0.0, 0.5), within(stream, 50.0, WHITE));
        let ends = [[from, at - tilt], [to, at + tilt]];
        let [from, to] = if upright { ends.map(|[x, y]| [y, x]) } else { ends };
        change(image, &coverage(from, to, radius), |pixel, covered| pixel.max(level * covered));
    }
}

fn stray(image: &mut Image, stream: &mut Stream) {
    let side = SIDE as f32;
    let from = [stream.unit() * side, stream.unit() * side];
    let to = from.map(|position| position + stream.symmetric(4.0));
    let (radius, level) = (within(stream, 0.2, 0.8), within(stream, 90.0, WHITE));
    change(image, &coverage(from, to, radius), |pixel, covered| pixel.max(level * covered));
}

fn cut(image: &mut Image, stream: &mut Stream) {
    let side = SIDE as f32;
    let level = stream.unit() < 0.5;
    let (at, tilt) = (within(stream, 2.0, side - 3.0), stream.symmetric(if level { 0.5 } else { 6.0 }));
    let ends = [[-1.0, at - tilt], [side, at + tilt]];
    let [from, to] = if stream.unit() < 0.3 { ends.map(|[x, y]| [y, x]) } else { ends };
    let (radius, depth) = (within(stream, 0.0, 0.5), within(stream, 0.4, 1.0));
    change(image, &coverage(from, to, radius), |pixel, covered| pixel * (1.0 - depth * covered));
}

fn specks(image: &mut Image, stream: &mut Stream) {
    let probability = within(stream, 0.0, 0.08);
    for pixel in image.as_flattened_mut() {
        if stream.unit() < probability {
            *pixel = if stream.unit() < 0.6 { within(stream, 80.0, WHITE) } else { 0.0 };
        }
    }
}

fn blur(image: &mut Image, stream: &mut Stream) {
    super::stroke::sharpen(image, -within(stream, 0.4, 1.0));
    let gain = within(stream, 1.0, 1.8);
    image.as_flattened_mut().iter_mut().for_each(|pixel| *pixel = (*pixel * gain).min(WHITE));
}

/// Means over cells of a coarser grid, and between the middles of the cells what is linear between their means.
fn coarse(image: &mut Image, stream: &mut Stream) {
    let cell = within(stream, 1.2, 2.2);
    let first = [stream.unit() * cell, stream.unit() * cell];
    *image = columns_in_cells(&columns_in_cells(image, cell, first[0]), cell, first[1]);
}

/// Coarse along each row, and turned: rows become columns. The first whole cell begins at `first`, in pixels.
fn columns_in_cells(image: &Image, cell: f32, first: f32) -> Image {
    let mean_at = |row: &[f32; SIDE], number: f32| {
        let (from, to) = (first + number * cell, first + (number + 1.0) * cell);
        let share = |pixel: usize| (to.min(pixel as f32 + 1.0) - from.max(pixel as f32)).max(0.0);
        (0..SIDE).map(|pixel| share(pixel) * row[pixel]).sum::<f32>() / cell
    };
    let between = |row: &[f32; SIDE], pixel: usize| {
        let place = (pixel as f32 + 0.5 - first) / cell - 0.5;
        let part = place - place.floor();
        (1.0 - part) * mean_at(row, place.floor()) + part * mean_at(row, place.floor() + 1.0)
    };
    std::array::from_fn(|column| std::array::from_fn(|row| between(&image[row], column)))
}

fn bold(image: &mut Image, stream: &mut Stream) {
    super::stroke::thicken(image, within(stream, 0.5, 1.0));
}

fn outline(image: &mut Image, stream: &mut Stream) {
    let [mut thick, mut thin] = [*image; 2];
    super::stroke::thicken(&mut thick, 1.0);
    super::stroke::thicken(&mut thin, -1.0);
    let (inside, gain) = (within(stream, 0.0, 1.0), within(stream, 0.5, 1.0));
    for (row, values) in image.iter_mut().enumerate() {
        for (column, pixel) in values.iter_mut().enumerate() {
            let inner = inside * thin[row][column] + (1.0 - inside) * *pixel;
            *pixel = (gain * (thick[row][column] - inner)).clamp(0.0, WHITE);
        }
    }
}

fn background(image: &mut Image, stream: &mut Stream) {
    let level = within(stream, 5.0, 80.0);
    let slopes = [stream.symmetric(1.0), stream.symmetric(1.0)];
    let middle = (SIDE - 1) as f32 / 2.0;
    for (row, values) in image.iter_mut().enumerate() {
        for (column, pixel) in values.iter_mut().enumerate() {
            let sloping = slopes[0] * (column as f32 - middle) + slopes[1] * (row as f32 - middle);
            let under = level * (1.0 + 0.5 * sloping / middle).clamp(0.0, 2.0);
            *pixel = (under + *pixel * (1.0 - under / WHITE)).clamp(0.0, WHITE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::Purpose;

    /// An upright bar.
    fn bar() -> Image {
        std::array::from_fn(|row| {
            std::array::from_fn(|column| if (6..8).contains(&column) && (2..12).contains(&row) { 250.0 } else { 0.0 })
        })
    }

    /// The bar and a level one across it: any cut meets one of them.
    fn cross() -> Image {
        let is_ink = |at: usize, along: usize| (6..8).contains(&at) && (2..12).contains(&along);
        let ink = |row, column| if is_ink(column, row) || is_ink(row, column) { 250.0 } else { 0.0 };
        std::array::from_fn(|row| std::array::from_fn(|column| ink(row, column)))
    }

    #[test]
    fn every_artefact_changes_an_image_within_range_and_none_changes_nothing() {
        let mut stream = Stream::new(0, Purpose::Augmentation);
        let artefacts = [
            Artefacts { lines: 1.0, ..Artefacts::default() },
            Artefacts { strays: 1.0, ..Artefacts::default() },
            Artefacts { cuts: 1.0, ..Artefacts::default() },
            Artefacts { specks: 1.0, ..Artefacts::default() },
            Artefacts { blur: 1.0, ..Artefacts::default() },
            Artefacts { outlines: 1.0, ..Artefacts::default() },
            Artefacts { background: 1.0, ..Artefacts::default() },
            Artefacts { coarse: 1.0, ..Artefacts::default() },
            Artefacts { bold: 1.0, ..Artefacts::default() },
        ];
        for artefact in artefacts {
            let mut changed = 0;
            for _ in 0..50 {
                let mut image = cross();
                artefact.apply(&mut image, 1.0, &mut stream);
                assert!(image.as_flattened().iter().all(|pixel| (0.0..=WHITE).contains(pixel)), "{artefact:?}");
                changed += usize::from(image != cross());
            }
            assert!(changed > 40, "{artefact:?}: {changed}");
        }
        let mut image = cross();
        Artefacts::default().apply(&mut image, 1.0, &mut stream);
        assert_eq!(image, cross());
    }

    #[test]
    fn a_cut_takes_ink_away_and_a_line_adds_some() {
        let mut stream = Stream::new(1, Purpose::Augmentation);
        let ink = |image: &Image| image.as_flattened().iter().sum::<f32>();
        for _ in 0..20 {
            let [mut less, mut more] = [bar(); 2];
            cut(&mut less, &mut stream);
            lines(&mut more, &mut stream);
            assert!(ink(&less) <= ink(&bar()) && ink(&more) >= ink(&bar()));
        }
    }

    #[test]
    fn coarse_strokes_keep_their_place_and_their_ink_and_lose_their_edges() {
        let mut stream = Stream::new(2, Purpose::Augmentation);
        let ink = |image: &Image| image.as_flattened().iter().sum::<f32>();
        let middle = |image: &Image| {
            let down = |row: usize| image[row].iter().sum::<f32>() * row as f32;
            (0..SIDE).map(down).sum::<f32>() / ink(image)
        };
        let steepest =
            |image: &Image| image.iter().flat_map(|row| row.windows(2)).map(|at| at[1] - at[0]).fold(0.0, f32::max);
        for _ in 0..20 {
            let mut image = bar();
            coarse(&mut image, &mut stream);
            assert!((ink(&image) / ink(&bar()) - 1.0).abs() < 0.1, "{}", ink(&image) / ink(&bar()));
            assert!((middle(&image) - middle(&bar())).abs() < 0.4, "{}", middle(&image));
            assert!(steepest(&image) < 0.9 * steepest(&bar()), "{}", steepest(&image));
        }
    }

    #[test]
    fn no_probability_is_named() {
        assert_eq!(Artefacts::EVERYBODY.out_of_range(), None);
        let wrong = Artefacts { cuts: f32::NAN, ..Artefacts::default() };
        assert_eq!(wrong.out_of_range().map(|(field, _)| field), Some("augmentation.artefacts.cuts"));
    }
}
