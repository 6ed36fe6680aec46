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
    fn of(ink: &[u8], side: usize) -> Option<Self> {
        let mut bounds = Bounds { left: side, top: side, right: 0, bottom: 0 };
        // At most 784 pixels of 255 at index 27: far below what 32 bits hold.
        let (mut mass, mut across, mut down, mut peak) = (0u32, 0u32, 0u32, 0u8);
        for (row, line) in ink.chunks_exact(side).enumerate() {
            let inked = |value: &u8| *value > 0;
            let (Some(first), Some(last)) = (line.iter().position(inked), line.iter().rposition(inked)) else {
                continue;
            };
            bounds.left = bounds.left.min(first);
            bounds.right = bounds.right.max(last + 1);
            bounds.top = bounds.top.min(row);
            bounds.bottom = row + 1;
            let mut row_mass = 0;
            for (column, &value) in (0u32..).zip(line) {
                row_mass += u32::from(value);
                across += column * u32::from(value);
                peak = peak.max(value);
            }
            mass += row_mass;
            down += row as u32 * row_mass;
        }
        let centre = [across, down].map(|moment| moment as f32 / mass as f32);
        (mass > 0).then_some(Self { bounds, centre, peak })
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
}
