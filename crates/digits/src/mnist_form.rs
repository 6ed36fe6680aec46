//! Recognising pictures that already are what preparation would make of them.
//!
//! MNIST's digits have a black background of exactly 0, a box of ink whose longer side is 20 pixels (19 in 3 of the
//! 10,000 test digits), and a centre of mass within half a pixel of index 14 in both directions. All three at once do not
//! happen by chance, and a picture that has them needs no framing: a second interpolation could only blur it.

use std::borrow::Cow;

use serde::Serialize;

use crate::bounds::Bounds;
use crate::framing::{DIGIT_SIDE, MASS_CENTRE, MnistPixels};
use crate::image::{DigitImage, MNIST_SIDE, SIDE};
use crate::ink::Polarity;

/// How far the centre of mass may be from the middle: half a pixel by MNIST's shift in whole pixels, and 0.05 for the few
/// training digits that lie just beyond.
const CENTRE_TOLERANCE: f32 = 0.55;

/// Brightest ink, at least: every MNIST digit has a pixel of 254 or more.
const LEAST_PEAK: u8 = 250;

/// The same at 14x14, where four pixels share one: MNIST's faintest brightest mean is 127.
const LEAST_MEAN_PEAK: u8 = 120;

/// A picture in MNIST's form, as it was found.
#[derive(Debug)]
pub(crate) struct MnistForm {
    pub image: DigitImage,
    pub mnist: Option<MnistPixels>,
    pub polarity: Polarity,
    pub bounds: Bounds,
}

/// Reads a grey picture of 28x28 or 14x14 as it is, if it is in MNIST's form, on black or, inverted, on white.
pub(crate) fn recognise(side: usize, grey: &[u8]) -> Option<MnistForm> {
    let form = |polarity: Polarity| {
        let ink: Cow<'_, [u8]> = match polarity {
            Polarity::LightOnDark => grey.into(),
            Polarity::DarkOnLight => grey.iter().map(|value| u8::MAX - value).collect(),
        };
        let bounds = match side {
            MNIST_SIDE => mnist_bounds(&ink),
            SIDE => halved_bounds(&ink),
            _ => None,
        }?;
        let mnist = MnistPixels::try_from(&*ink).ok();
        let image = match &mnist {
            Some(pixels) => DigitImage::from_mnist(pixels),
            None => DigitImage::new(std::array::from_fn(|at| f32::from(ink[at]))),
        };
        Some(MnistForm { image, mnist, polarity, bounds })
    };
    form(Polarity::LightOnDark).or_else(|| form(Polarity::DarkOnLight))
}

fn mnist_bounds(ink: &[u8]) -> Option<Bounds> {
    let extent = Extent::of(ink, MNIST_SIDE)?;
    let sized = (DIGIT_SIDE - 1..=DIGIT_SIDE).contains(&extent.bounds.longer_side());
    let centred = extent.centre.iter().all(|at| (at - MASS_CENTRE).abs() <= CENTRE_TOLERANCE);
    (sized && centred && extent.peak >= LEAST_PEAK).then_some(extent.bounds)
}

/// The 2x2 mean maps index 2i + 0.5 to i, and a box of 20 to 10 or 11 cells; rounding may blank its faintest edge.
fn halved_bounds(ink: &[u8]) -> Option<Bounds> {
    let extent = Extent::of(ink, SIDE)?;
    let sized = (DIGIT_SIDE / 2 - 1..=DIGIT_SIDE / 2 + 1).contains(&extent.bounds.longer_side());
    let middle = (MASS_CENTRE - 0.5) / 2.0;
    let centred = extent.centre.iter().all(|at| (at - middle).abs() <= CENTRE_TOLERANCE / 2.0 + 0.05);
    (sized && centred && extent.peak >= LEAST_MEAN_PEAK).then_some(extent.bounds)
}

/// Where the ink of a square picture is: any value above 0.
struct Extent {
    bounds: Bounds,
    /// Centre of mass, across and down, in pixel indices.
    centre: [f32; 2],
    peak: u8,
}

impl Extent {
    /// `side` is at most [`MNIST_SIDE`]; `None` without ink.
    fn of(ink: &[u8], side: usize) -> Option<Self> {
        // Whole rows are added up, which takes vectors; at most 784 pixels of 255 at index 27 are far below what 32 bits hold.
        let mut columns = [0u32; MNIST_SIDE];
        let columns = &mut columns[..side];
        let (mut top, mut bottom, mut down, mut peak) = (side, 0, 0u32, 0u8);
        for (row, line) in ink.chunks_exact(side).enumerate() {
            let mass: u32 = line.iter().map(|&value| u32::from(value)).sum();
            if mass == 0 {
                continue;
            }
            (top, bottom) = (top.min(row), row + 1);
            down += row as u32 * mass;
            peak = line.iter().fold(peak, |peak, &value| peak.max(value));
            columns.iter_mut().zip(line).for_each(|(sum, &value)| *sum += u32::from(value));
        }
        let left = columns.iter().position(|&sum| sum > 0)?;
        let right = columns.iter().rposition(|&sum| sum > 0)? + 1;
        let mass: u32 = columns.iter().sum();
        let across: u32 = (0..).zip(columns.iter()).map(|(column, sum)| column * sum).sum();
        let centre = [across, down].map(|moment| moment as f32 / mass as f32);
        Some(Self { bounds: Bounds { left, top, right, bottom }, centre, peak })
    }
}

/// The name under which a route is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// The picture was in MNIST's form and passed through, but for being inverted if it was dark on light.
    PassedThrough,
    /// The digit was alone on its paper; it was scaled and centred.
    Framed,
    /// The digit was searched among other things: lines, frames, shadows, the table; then scaled and centred.
    Searched,
    /// A picture of MNIST's size in which no ink can be told from the ground, as in fog: what is brighter than its border, or darker,
    /// was taken where it stands.
    AsItStands,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SplitMix64;

    /// The definition, a pixel at a time.
    fn plainly(ink: &[u8], side: usize) -> Option<Extent> {
        let mut bounds = Bounds { left: side, top: side, right: 0, bottom: 0 };
        let (mut mass, mut moments, mut peak) = (0u32, [0u32; 2], 0);
        for (at, &value) in ink.iter().enumerate().filter(|(_, value)| **value > 0) {
            let (column, row) = (at % side, at / side);
            bounds = bounds.union(&Bounds { left: column, top: row, right: column + 1, bottom: row + 1 });
            mass += u32::from(value);
            moments = [moments[0] + column as u32 * u32::from(value), moments[1] + row as u32 * u32::from(value)];
            peak = peak.max(value);
        }
        (mass > 0).then(|| Extent { bounds, centre: moments.map(|moment| moment as f32 / mass as f32), peak })
    }

    #[test]
    fn extents_are_those_of_the_definition() {
        for side in [SIDE, MNIST_SIDE] {
            for seed in 0..200 {
                // From no ink over single pixels to all of it.
                let share = [0, 1, 3, 40, 255][seed as usize % 5];
                let mut random = SplitMix64(seed);
                let mut byte = || (random.bits() >> 56) as u8;
                let ink: Vec<u8> = (0..side * side).map(|_| if byte() < share { byte() } else { 0 }).collect();
                let [fast, plain] = [Extent::of, plainly].map(|of| {
                    of(&ink, side).map(|extent| (extent.bounds, extent.centre.map(f32::to_bits), extent.peak))
                });
                assert_eq!(fast, plain, "seed {seed}");
            }
        }
    }
}
