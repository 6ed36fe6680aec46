//! Other ways to see a picture of MNIST's size, 28x28, or a larger square one.
//!
//! Somebody framed such a picture, and then something happened to it: noise, fog, a line across, outlines instead of strokes, a
//! stripe in which black and white are swapped. Lines are as wide as strokes there, so nothing can be searched. But each of these has its
//! remedy, and the network tells a digit from what a wrong remedy leaves. So a picture that may show no digit is shown to it with
//! every remedy (`second_look`), and the one that it is surest of wins.

use crate::framing::{MnistPixels, Weights, weights};
use crate::image::MNIST_SIDE;
use crate::ink::{LEAST_CONTRAST, Polarity};
use crate::median::median;
use crate::morphology::close;
use crate::outlines::filled;
use crate::plane::Plane;

/// What may have happened to a picture, undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Without specks: the median of the pixels around each.
    Specks,
    /// Without lines as narrow as one pixel (opening).
    Hairs,
    /// Blurred, which brings scattered ink together.
    Scatter,
    /// With what outlines enclose filled.
    Outlines,
    /// Against the ground of each column, whether darker or lighter: upright stripes go.
    Columns,
    /// Against the ground of each row: level stripes go.
    Rows,
    /// What is brighter than its close surroundings (top-hat): fog around fine strokes goes.
    FineFog,
    /// The same within a wider square, for broad strokes.
    BroadFog,
}

impl Remedy {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Specks,
        Self::Hairs,
        Self::Scatter,
        Self::Outlines,
        Self::Columns,
        Self::Rows,
        Self::FineFog,
        Self::BroadFog,
    ];

    /// What was done to the picture, such as `without specks`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Specks => "without specks",
            Self::Hairs => "without thin lines",
            Self::Scatter => "blurred",
            Self::Outlines => "with its outlines filled",
            Self::Columns => "without upright stripes",
            Self::Rows => "without level stripes",
            Self::FineFog => "without fog, fine strokes",
            Self::BroadFog => "without fog, broad strokes",
        }
    }
}

/// Radii of the squares within which a stroke, fine or broad, is brighter than all that fog leaves around it.
const FINE: usize = 2;
const BROAD: usize = 4;

/// Standard deviation, in pixels, of the blur that brings scattered ink together.
const BLUR: f32 = 1.5;

/// Fraction of the pixels that full ink is brighter than.
const BELOW_FULL: f32 = 0.99;

/// Longest side of a picture that is shrunk to MNIST's size, and the most that its sides differ, as a fraction of the shorter.
const MOST_SHRUNK: usize = 512;
const MOST_OBLONG: f32 = 0.1;

/// Brightness at MNIST's size: the mean of the area that each pixel covers. `None` of a picture that is smaller, much larger, or no
/// square: nobody framed that as MNIST is framed.
pub(crate) fn at_mnist_size(luma: &Plane) -> Option<Plane> {
    let (shorter, longer) = (luma.width.min(luma.height), luma.width.max(luma.height));
    let is_square = (longer - shorter) as f32 <= MOST_OBLONG * shorter as f32;
    if shorter < MNIST_SIDE || longer > MOST_SHRUNK || !is_square {
        return None;
    }
    if longer == MNIST_SIDE {
        return Some(luma.clone());
    }
    let weights = |length: usize| -> Vec<Weights> {
        let step = length as f32 / MNIST_SIDE as f32;
        (0..MNIST_SIDE).map(|pixel| weights((pixel as f32 + 0.5) * step, step, length)).collect()
    };
    let [columns, rows] = [luma.width, luma.height].map(weights);
    let mut values = Vec::with_capacity(MNIST_SIDE * MNIST_SIDE);
    let mut sums = vec![0.0; luma.width];
    for row in &rows {
        // Down all rows first: whole rows are added up, which takes vectors.
        sums.fill(0.0);
        for &(at, part) in row {
            let line = &luma.values[at * luma.width..][..luma.width];
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += part * value);
        }
        values.extend(columns.iter().map(|column| column.iter().map(|&(at, part)| part * sums[at]).sum::<f32>()));
    }
    Some(Plane { width: MNIST_SIDE, height: MNIST_SIDE, values })
}

/// Brightness of a picture of MNIST's size, 0 to 1, with light ink.
#[derive(Debug, Clone)]
pub(crate) struct Small {
    plane: Plane,
    polarity: Polarity,
    /// Brightness of the ground, as the picture's border has it.
    ground: f32,
}

impl Small {
    /// Takes brightness [at MNIST's size](at_mnist_size); `None` where nothing stands out from the ground.
    pub fn of(luma: &Plane) -> Option<Self> {
        let ground = ground(luma)?;
        let beyond = luma.values.iter().map(|value| (value - ground).abs()).fold(0.0, f32::max);
        if beyond < LEAST_CONTRAST {
            return None;
        }
        let energy =
            |sign: f32| luma.values.iter().map(|value| (sign * (value - ground)).max(0.0).powi(2)).sum::<f32>();
        Some(match energy(1.0) >= energy(-1.0) {
            true => Self { plane: luma.clone(), polarity: Polarity::LightOnDark, ground },
            false => {
                let plane = luma.map(|_, _, value| 1.0 - value);
                Self { plane, polarity: Polarity::DarkOnLight, ground: 1.0 - ground }
            }
        })
    }

    /// The same of an image in MNIST's form.
    pub fn of_mnist(pixels: &MnistPixels) -> Option<Self> {
        let values = pixels.iter().map(|&ink| f32::from(ink) / 255.0).collect();
        Self::of(&Plane { width: MNIST_SIDE, height: MNIST_SIDE, values })
    }

    /// Whether ink is darker or lighter than the ground.
    pub fn polarity(&self) -> Polarity {
        self.polarity
    }

    /// The ink as it stands.
    pub fn as_it_stands(&self) -> MnistPixels {
        self.above(&self.plane)
    }

    /// What the network is shown instead.
    pub fn with(&self, remedy: Remedy) -> MnistPixels {
        let plane = &self.plane;
        let at = |column: usize, row: usize| plane.values[row * MNIST_SIDE + column];
        // The ground of each column as it is above and below the digit, and of each row beside it.
        let of_column = |column: usize| (at(column, 0) + at(column, MNIST_SIDE - 1)) / 2.0;
        let of_row = |row: usize| (at(0, row) + at(MNIST_SIDE - 1, row)) / 2.0;
        match remedy {
            Remedy::Specks => self.above(&without_specks(plane)),
            Remedy::Hairs => self.above(&without_hairs(plane)),
            Remedy::Scatter => self.above(&blurred(plane)),
            Remedy::Outlines => self.above(&filled(plane, self.ground)),
            Remedy::Columns => stretched(&plane.map(|column, _, value| (value - of_column(column)).abs())),
            Remedy::Rows => stretched(&plane.map(|_, row, value| (value - of_row(row)).abs())),
            Remedy::FineFog => without_fog(plane, FINE),
            Remedy::BroadFog => without_fog(plane, BROAD),
        }
    }

    /// What is brighter than the ground.
    fn above(&self, plane: &Plane) -> MnistPixels {
        stretched(&plane.map(|_, _, value| value - self.ground))
    }
}

/// The median of the outermost pixels.
fn ground(luma: &Plane) -> Option<f32> {
    let last = MNIST_SIDE - 1;
    let is_outermost = |at: &usize| [0, last].contains(&(at % MNIST_SIDE)) || [0, last].contains(&(at / MNIST_SIDE));
    let mut border: Vec<f32> = (0..luma.values.len()).filter(is_outermost).map(|at| luma.values[at]).collect();
    median(&mut border, f32::total_cmp)
}

/// Ink from 0 to full; what is below 0 is none.
fn stretched(ink: &Plane) -> MnistPixels {
    let mut sorted = ink.values.clone();
    let at = (BELOW_FULL * sorted.len() as f32) as usize;
    let full = sorted.select_nth_unstable_by(at, f32::total_cmp).1.max(LEAST_CONTRAST);
    std::array::from_fn(|at| (ink.values[at] / full * 255.0).round().clamp(0.0, 255.0) as u8)
}

/// The median of the pixels around each: salt and pepper go.
fn without_specks(plane: &Plane) -> Plane {
    plane.map(|column, row, value| median(&mut around(plane, column, row, 1), f32::total_cmp).unwrap_or(value))
}

/// What a square of two pixels fits into (opening): lines as narrow as one pixel go.
fn without_hairs(plane: &Plane) -> Plane {
    let square = |plane: &Plane, column: isize, row: isize, pick: fn(f32, f32) -> f32| {
        let inside = |at: isize| at.clamp(0, MNIST_SIDE as isize - 1) as usize;
        let at = |right: isize, down: isize| plane.values[inside(row + down) * MNIST_SIDE + inside(column + right)];
        pick(pick(at(0, 0), at(1, 0)), pick(at(0, 1), at(1, 1)))
    };
    let eroded = plane.map(|column, row, _| square(plane, column as isize, row as isize, f32::min));
    eroded.map(|column, row, _| square(&eroded, column as isize - 1, row as isize - 1, f32::max))
}

/// What is brighter than all around it within a square (top-hat), and more so than most of the picture.
fn without_fog(plane: &Plane, radius: usize) -> MnistPixels {
    let turned = close(&plane.map(|_, _, value| -value), radius);
    let brighter = plane.map(|column, row, value| value + turned.values[row * MNIST_SIDE + column]);
    let usual = median(&mut brighter.values.clone(), f32::total_cmp).unwrap_or(0.0);
    stretched(&brighter.map(|_, _, value| value - usual))
}

/// Gaussian blur; beyond the border lies nothing.
fn blurred(plane: &Plane) -> Plane {
    let reach = (3.0 * BLUR).ceil() as isize;
    let weight = |away: isize| (-((away * away) as f32) / (2.0 * BLUR * BLUR)).exp();
    let along = |plane: &Plane, [right, down]: [isize; 2]| {
        plane.map(|column, row, _| {
            let (mut sum, mut weights) = (0.0, 0.0);
            for step in -reach..=reach {
                let (column, row) = (column as isize + step * right, row as isize + step * down);
                let inside = 0..MNIST_SIDE as isize;
                if inside.contains(&column) && inside.contains(&row) {
                    sum += weight(step) * plane.values[row as usize * MNIST_SIDE + column as usize];
                    weights += weight(step);
                }
            }
            sum / weights
        })
    };
    along(&along(plane, [1, 0]), [0, 1])
}

/// Values of the pixels within `reach` of a pixel.
fn around(plane: &Plane, column: usize, row: usize, reach: usize) -> Vec<f32> {
    let near = |at: usize| at.saturating_sub(reach)..=(at + reach).min(MNIST_SIDE - 1);
    near(row).flat_map(|row| near(column).map(move |column| plane.values[row * MNIST_SIDE + column])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SplitMix64;

    /// A 7 as MNIST has it: strokes of three pixels, light on dark.
    fn seven() -> Plane {
        let ink = |column: usize, row: usize| {
            let is_bar = (4..7).contains(&row) && (7..20).contains(&column);
            let middle = 18.5 - 0.5 * (row as f32 - 6.0);
            let is_leg = (6..24).contains(&row) && (column as f32 - middle).abs() < 1.6;
            if is_bar || is_leg { 1.0 } else { 0.0 }
        };
        let values = (0..MNIST_SIDE * MNIST_SIDE).map(|at| ink(at % MNIST_SIDE, at / MNIST_SIDE)).collect();
        Plane { width: MNIST_SIDE, height: MNIST_SIDE, values }
    }

    /// Ink that two images share, as a fraction of what they have together.
    fn shared(a: &MnistPixels, b: &MnistPixels) -> f32 {
        let sum = |pick: fn(u8, u8) -> u8| a.iter().zip(b).map(|(&a, &b)| f32::from(pick(a, b))).sum::<f32>();
        sum(u8::min) / sum(u8::max)
    }

    /// How much of the 7 there is in what stands in the picture, and in the best of the other ways.
    fn seen(picture: &Plane) -> [f32; 2] {
        let as_drawn = Small::of(&seven()).unwrap().as_it_stands();
        let small = Small::of(picture).unwrap();
        let best = Remedy::ALL.map(|remedy| shared(&small.with(remedy), &as_drawn)).into_iter().fold(0.0, f32::max);
        [shared(&small.as_it_stands(), &as_drawn), best]
    }

    fn unit(random: &mut SplitMix64) -> f32 {
        (random.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    #[test]
    fn whatever_happened_to_a_picture_one_way_shows_the_digit() {
        let seven = seven();
        let mut random = SplitMix64(7);
        let noise: Vec<f32> = (0..MNIST_SIDE * MNIST_SIDE).map(|_| unit(&mut random)).collect();
        let at = |column: usize, row: usize| row * MNIST_SIDE + column;
        let peppered = seven.map(|column, row, ink| match noise[at(column, row)] {
            low if low < 0.07 => 0.0,
            high if high > 0.93 => 1.0,
            _ => ink,
        });
        let striped = seven.map(|column, _, ink| if (7..21).contains(&column) { 1.0 - ink } else { ink });
        let barred = seven.map(|_, row, ink| if (10..16).contains(&row) { 1.0 - ink } else { ink });
        let foggy = seven.map(|column, row, ink| {
            let fog = 0.5 + 0.3 * (column as f32 / 5.0).sin() * (row as f32 / 6.0).cos();
            0.28 * ink + 0.7 * fog
        });
        let crossed = seven.map(|column, row, ink| if (column / 3 + row) % 28 == 20 { 1.0 } else { ink });
        let is_inside = |column: usize, row: usize| {
            let around = around(&seven, column, row, 1);
            around.iter().all(|&ink| ink == 1.0)
        };
        let outlined = seven.map(|column, row, ink| if is_inside(column, row) { 0.0 } else { ink });
        for (name, picture, least) in [
            ("salt and pepper", &peppered, 0.7),
            ("a stripe", &striped, 0.95),
            ("a bar", &barred, 0.95),
            ("fog", &foggy, 0.7),
            ("a line across", &crossed, 0.85),
            ("an outline", &outlined, 0.95),
        ] {
            let [as_it_stands, best] = seen(picture);
            assert!(best >= least && best > as_it_stands + 0.1, "{name}: {as_it_stands} as it stands, {best} at best");
        }
    }

    #[test]
    fn dark_ink_on_light_paper_is_seen_as_light_ink_on_dark() {
        let seven = seven();
        let [light, dark] = [&seven, &seven.map(|_, _, ink| 1.0 - ink)].map(|plane| Small::of(plane).unwrap());
        assert_eq!([light.polarity(), dark.polarity()], [Polarity::LightOnDark, Polarity::DarkOnLight]);
        assert_eq!(light.as_it_stands(), dark.as_it_stands());
        Remedy::ALL.iter().for_each(|&remedy| assert_eq!(light.with(remedy), dark.with(remedy)));
        assert_eq!(Small::of_mnist(&light.as_it_stands()).unwrap().as_it_stands(), light.as_it_stands());
    }

    #[test]
    fn a_picture_without_contrast_is_not_seen_otherwise() {
        let even = Plane { width: MNIST_SIDE, height: MNIST_SIDE, values: vec![0.4; MNIST_SIDE * MNIST_SIDE] };
        assert!(Small::of(&even).is_none());
        let faint = seven().map(|_, _, ink| 0.4 + 0.05 * ink);
        assert!(Small::of(&faint).is_none());
    }

    #[test]
    fn a_larger_square_is_seen_at_mnist_s_size_and_an_oblong_or_a_smaller_one_is_not() {
        let seven = seven();
        let enlarged = |times: usize| {
            let side = times * MNIST_SIDE;
            let pixel = |at: usize| seven.values[at / side / times * MNIST_SIDE + at % side / times];
            Plane { width: side, height: side, values: (0..side * side).map(pixel).collect() }
        };
        for times in [1, 2, 5] {
            let shrunk = at_mnist_size(&enlarged(times)).unwrap();
            assert!(shrunk.values.iter().zip(&seven.values).all(|(a, b)| (a - b).abs() < 1e-4), "{times} times");
        }
        // A ramp across is one at any size.
        let ramp = |width: usize, height: usize| {
            let values = (0..width * height).map(|at| (at % width) as f32 / width as f32).collect();
            at_mnist_size(&Plane { width, height, values })
        };
        let values = ramp(67, 64).unwrap().values;
        assert!(values.windows(2).take(MNIST_SIDE - 1).all(|pair| (pair[1] - pair[0] - 1.0 / 28.0).abs() < 2e-3));
        assert!([ramp(27, 27), ramp(40, 30), ramp(520, 520)].iter().all(Option::is_none));
    }
}
