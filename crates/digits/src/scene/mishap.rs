//! What happens to a picture of MNIST's size after somebody framed it: noise, fog, blur, lines, and strokes that are no strokes any more.

use super::{SplitMix64, noise};

const SIDE: usize = 28;

/// Brightness of a picture, 0 to 1, row by row.
type Grey = [f32; SIDE * SIDE];

/// One thing that happens to a whole picture of 28x28.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// One pixel of six is white or black.
    SaltAndPepper,
    /// Little light: each pixel counts a few photons.
    FewPhotons,
    /// Pixels change places with their neighbours, behind rough glass.
    RoughGlass,
    /// The camera moved.
    Motion,
    /// All of it is brighter by half.
    Bright,
    /// Fog of all sizes, two and a half times as bright as the ink.
    Fog,
    /// Grey splashes over it.
    Splashes,
    /// Black and white change places in the middle half of the columns.
    Stripe,
    /// A dotted line across.
    DottedLine,
    /// A line in zigzag across.
    Zigzag,
    /// Only the outline of each stroke is left, one pixel wide.
    Outline,
}

impl Mishap {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SaltAndPepper,
        Self::FewPhotons,
        Self::RoughGlass,
        Self::Motion,
        Self::Bright,
        Self::Fog,
        Self::Splashes,
        Self::Stripe,
        Self::DottedLine,
        Self::Zigzag,
        Self::Outline,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::SaltAndPepper => "salt and pepper",
            Self::FewPhotons => "few photons",
            Self::RoughGlass => "rough glass",
            Self::Motion => "motion",
            Self::Bright => "bright",
            Self::Fog => "fog",
            Self::Splashes => "splashes",
            Self::Stripe => "stripe",
            Self::DottedLine => "dotted line",
            Self::Zigzag => "zigzag",
            Self::Outline => "outline",
        }
    }

    /// What is left of an MNIST image; what is random depends on `seed` alone.
    ///
    /// ```
    /// use digits::scene::Mishap;
    ///
    /// let mut one = [0; 784];
    /// (4..24).for_each(|row| one[row * 28 + 13..row * 28 + 16].fill(255));
    /// let striped = Mishap::Stripe.draw(&one, 0);
    /// assert_eq!((striped[0], striped[10], striped[14 * 28 + 14]), (0, 255, 0));
    /// ```
    pub fn draw(self, digit: &[u8; SIDE * SIDE], seed: u64) -> [u8; SIDE * SIDE] {
        let ink: Grey = digit.map(|byte| f32::from(byte) / 255.0);
        let random = &mut SplitMix64(seed);
        let grey = match self {
            Self::SaltAndPepper => ink.map(|ink| match random.uniform() {
                low if low < 0.085 => 0.0,
                high if high > 0.915 => 1.0,
                _ => ink,
            }),
            Self::FewPhotons => ink.map(|ink| photons(5.0 * ink, random) / 5.0),
            Self::RoughGlass => rough_glass(&ink, random),
            Self::Motion => motion(&ink, (random.uniform() - 0.5) * std::f32::consts::FRAC_PI_2),
            Self::Bright => ink.map(|ink| ink + 0.5),
            Self::Fog => with_noise(&ink, seed, 1.5, |ink, fog| (ink + 2.5 * fog) / 3.5),
            Self::Splashes => splashes(&ink, random),
            Self::Stripe => at_places(|column, row| {
                let ink = ink[row * SIDE + column];
                if (SIDE / 4..3 * SIDE / 4).contains(&column) { 1.0 - ink } else { ink }
            }),
            Self::DottedLine => with_line(&ink, 1, 0.0, |step| step % 4 < 2, random),
            Self::Zigzag => with_line(&ink, 9, 2.0, |_| true, random),
            Self::Outline => outline(&ink),
        };
        grey.map(|value| (255.0 * value).round().clamp(0.0, 255.0) as u8)
    }
}

fn at_places(value: impl Fn(usize, usize) -> f32) -> Grey {
    std::array::from_fn(|at| value(at % SIDE, at / SIDE))
}

/// A Poisson number with this mean (Knuth).
fn photons(mean: f32, random: &mut SplitMix64) -> f32 {
    let (least, mut product, mut count) = ((-mean).exp(), random.uniform(), 0.0);
    while product > least {
        product *= random.uniform();
        count += 1.0;
    }
    count
}

/// Gaussian blur; the border goes on beyond.
fn blurred(grey: &Grey, deviation: f32) -> Grey {
    let reach = (3.0 * deviation).ceil() as isize;
    let weights: Vec<f32> =
        (-reach..=reach).map(|away| (-((away * away) as f32) / (2.0 * deviation * deviation)).exp()).collect();
    let total: f32 = weights.iter().sum();
    let along = |grey: &Grey, right: isize, down: isize| {
        at_places(|column, row| {
            let sum = (-reach..=reach)
                .zip(&weights)
                .map(|(away, weight)| weight * beyond(grey, column, row, away * right, away * down));
            sum.sum::<f32>() / total
        })
    };
    along(&along(grey, 1, 0), 0, 1)
}

/// The pixel so far right and down of one, or the nearest at the border.
fn beyond(grey: &Grey, column: usize, row: usize, right: isize, down: isize) -> f32 {
    let inside = |at: isize| at.clamp(0, SIDE as isize - 1) as usize;
    grey[inside(row as isize + down) * SIDE + inside(column as isize + right)]
}

fn rough_glass(ink: &Grey, random: &mut SplitMix64) -> Grey {
    let mut grey = blurred(ink, 0.7);
    for _ in 0..2 {
        for at in (0..SIDE * SIDE).rev() {
            let (column, row) = (at % SIDE, at / SIDE);
            let mut back = |at: usize| at.saturating_sub(usize::from(random.uniform() < 0.5));
            let other = back(row) * SIDE + back(column);
            grey.swap(at, other);
        }
    }
    blurred(&grey, 0.7)
}

fn motion(ink: &Grey, angle: f32) -> Grey {
    let steps = 0..=10;
    let weight = |step: i32| (-(step as f32).powi(2) / 18.0).exp();
    let total: f32 = steps.clone().map(weight).sum();
    let (sine, cosine) = angle.sin_cos();
    at_places(|column, row| {
        let at = |step: i32| {
            beyond(ink, column, row, (step as f32 * cosine).round() as isize, (step as f32 * sine).round() as isize)
        };
        steps.clone().map(|step| weight(step) * at(step)).sum::<f32>() / total
    })
}

/// Noise of bumps from 16 pixels down to one, each size `fading` times as weak as the one before, from 0 to 1.
fn with_noise(ink: &Grey, seed: u64, fading: f32, mix: impl Fn(f32, f32) -> f32) -> Grey {
    let of_all_sizes = at_places(|column, row| {
        let of = |octave: i32| {
            let size = 16.0 / 2.0_f32.powi(octave);
            noise::smooth(column as f32 / size, row as f32 / size, seed.wrapping_add(octave as u64))
                / fading.powi(octave)
        };
        (0..5).map(of).sum()
    });
    let least = of_all_sizes.iter().copied().fold(f32::INFINITY, f32::min);
    let most = of_all_sizes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    std::array::from_fn(|at| mix(ink[at], (of_all_sizes[at] - least) / (most - least)))
}

fn splashes(ink: &Grey, random: &mut SplitMix64) -> Grey {
    let liquid = blurred(&std::array::from_fn(|_| random.normal()), 1.0);
    let covered = blurred(&liquid.map(|level| if level > 0.0 { 1.0 } else { 0.0 }), 1.5);
    std::array::from_fn(|at| {
        let covered = if covered[at] < 0.8 { 0.0 } else { covered[at] };
        ink[at] * (1.0 - covered) + 0.25 * covered
    })
}

/// A line across in so many pieces, each end so far to one side and the other in turn.
fn with_line(ink: &Grey, pieces: usize, swing: f32, is_drawn: fn(usize) -> bool, random: &mut SplitMix64) -> Grey {
    let mut grey = *ink;
    let is_upright = random.uniform() < 0.5;
    let [first, last] = [4.0 + 20.0 * random.uniform(), 4.0 + 20.0 * random.uniform()];
    for step in 0..4 * SIDE {
        let part = step as f32 / (4 * SIDE - 1) as f32;
        let within = (part * pieces as f32).fract();
        let piece = (part * pieces as f32) as usize;
        let side = if piece.is_multiple_of(2) { 1.0 - 2.0 * within } else { 2.0 * within - 1.0 };
        let along = (part * (SIDE - 1) as f32).round() as usize;
        let aside = (first + part * (last - first) + swing * side).round().clamp(0.0, (SIDE - 1) as f32) as usize;
        let (column, row) = if is_upright { (aside, along) } else { (along, aside) };
        if is_drawn(along) {
            grey[row * SIDE + column] = 1.0;
        }
    }
    grey
}

/// Pixels of ink at whose side there is none.
fn outline(ink: &Grey) -> Grey {
    let is_ink = |column: usize, row: usize, right: isize, down: isize| beyond(ink, column, row, right, down) > 0.5;
    at_places(|column, row| {
        let beside =
            [(-1, 0), (1, 0), (0, -1), (0, 1)].into_iter().all(|(right, down)| is_ink(column, row, right, down));
        if is_ink(column, row, 0, 0) && !beside { 1.0 } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> [u8; SIDE * SIDE] {
        std::array::from_fn(
            |at| if (12..16).contains(&(at % SIDE)) && (4..24).contains(&(at / SIDE)) { 255 } else { 0 },
        )
    }

    #[test]
    fn every_mishap_changes_a_picture_and_the_same_seed_in_the_same_way() {
        for mishap in Mishap::ALL {
            let drawn = mishap.draw(&one(), 3);
            assert_ne!(drawn, one(), "{}", mishap.name());
            assert_eq!(drawn, mishap.draw(&one(), 3), "{}", mishap.name());
        }
        let of_seeds = |mishap: Mishap| mishap.draw(&one(), 3) != mishap.draw(&one(), 4);
        let even = [Mishap::Bright, Mishap::Stripe, Mishap::Outline];
        assert!(Mishap::ALL.into_iter().all(|mishap| of_seeds(mishap) != even.contains(&mishap)));
    }

    #[test]
    fn a_mean_of_photons_is_what_it_should_be() {
        let mut random = SplitMix64(1);
        let mean = (0..20_000).map(|_| photons(3.0, &mut random)).sum::<f32>() / 20_000.0;
        assert!((mean - 3.0).abs() < 0.05, "{mean}");
    }

    #[test]
    fn an_outline_is_one_pixel_wide() {
        let drawn = Mishap::Outline.draw(&one(), 0);
        let row = &drawn[12 * SIDE..13 * SIDE];
        assert_eq!((row[12], row[13], row[14], row[15]), (255, 0, 0, 255));
    }
}
