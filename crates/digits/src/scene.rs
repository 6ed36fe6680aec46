//! Pictures of a digit as people make them: larger, elsewhere, tilted, in other light.
//!
//! Preparation is tested on these, and its robustness measured. They are drawn from MNIST's digits, so the truth is known.

mod camera;
mod dice;
mod hand;
mod kinds;
mod lamp;
mod mark;
mod mishap;
mod noise;
mod paper;
mod pen;
mod photo;
mod view;

pub use camera::Camera;
pub use dice::{Dice, Stage};
pub use hand::Hand;
pub use kinds::SceneKind;
pub use lamp::{Lamp, Shadow};
pub use mark::{Mark, Shape};
pub use mishap::Mishap;
pub use paper::{Colour, Paper, Ruling};
pub use pen::Pen;
pub use photo::{Photo, Setup, Table, Written};
pub use view::View;

/// How a digit is drawn: by default in full dark ink in the middle of clean white paper of 280x280.
///
/// ```
/// use digits::scene::Scene;
/// use digits::{Picture, prepare};
///
/// // A one as MNIST has it, photographed at a tilt.
/// let mut one = [0; 784];
/// (4..24).for_each(|row| one[row * 28 + 13..row * 28 + 16].fill(255));
/// let scene = Scene { degrees: 10.0, ..Scene::photographed() };
/// let photo = scene.draw(&one, 7);
/// assert!(prepare(&Picture::luma(scene.width, scene.height, &photo)?).is_ok());
/// # Ok::<(), digits::PrepareError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Columns of the picture.
    pub width: usize,
    /// Rows of the picture.
    pub height: usize,
    /// Side of the MNIST image on the paper, in pixels.
    pub side: f32,
    /// Moved from the middle, in pixels.
    pub shift: (f32, f32),
    /// Turned clockwise.
    pub degrees: f32,
    /// Grows (above 0) or shrinks strokes at each edge, in MNIST pixels.
    pub thicken: f32,
    /// Width of the box blur, in pixels of the picture.
    pub blur: usize,
    /// Brightness of full ink, 0 black to 1 white.
    pub ink: f32,
    /// Brightness of clean paper.
    pub paper: f32,
    /// The paper's brightness at the right and lower end, as a fraction of that at the left and upper.
    pub shade: f32,
    /// The paper's brightness in the corners, as a fraction of that in the middle.
    pub vignette: f32,
    /// Standard deviation of noise, of 255.
    pub noise: f32,
    /// Specks of full ink, in thousandths of the pixels.
    pub specks: f32,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            width: 280,
            height: 280,
            side: 280.0,
            shift: (0.0, 0.0),
            degrees: 0.0,
            thicken: 0.0,
            blur: 1,
            ink: 0.0,
            paper: 1.0,
            shade: 1.0,
            vignette: 1.0,
            noise: 0.0,
            specks: 0.0,
        }
    }
}

impl Scene {
    /// In dark ink on paper in uneven light, with the noise of a camera.
    pub fn photographed() -> Self {
        Self { shade: 0.5, vignette: 0.7, noise: 8.0, ink: 0.15, paper: 0.85, ..Self::default() }
    }

    /// Draws the digit: grey bytes, `width * height`. Noise depends on `seed` alone.
    pub fn draw(&self, digit: &[u8; 784], seed: u64) -> Vec<u8> {
        let strokes = blurred(&self.strokes(digit), self.width, self.blur);
        let mut random = SplitMix64(seed);
        let mut bytes = Vec::with_capacity(strokes.len());
        for (at, stroke) in strokes.iter().enumerate() {
            let x = (at % self.width) as f32 / self.width as f32;
            let y = (at / self.width) as f32 / self.height as f32;
            let corner = 2.0 * ((x - 0.5).powi(2) + (y - 0.5).powi(2));
            let light = (1.0 - (1.0 - self.shade) * 0.5 * (x + y)) * (1.0 - (1.0 - self.vignette) * corner);
            let speck = self.specks > 0.0 && random.uniform() < self.specks / 1000.0;
            let stroke = if speck { 1.0 } else { *stroke };
            let value = light * (self.paper + (self.ink - self.paper) * stroke);
            let noise = if self.noise > 0.0 { self.noise * random.normal() } else { 0.0 };
            bytes.push((255.0 * value + noise).round().clamp(0.0, 255.0) as u8);
        }
        bytes
    }

    /// Ink from 0 to 1 where the digit's strokes are.
    fn strokes(&self, digit: &[u8; 784]) -> Vec<f32> {
        let (sine, cosine) = self.degrees.to_radians().sin_cos();
        let scale = 28.0 / self.side;
        let centre = (self.width as f32 / 2.0 + self.shift.0, self.height as f32 / 2.0 + self.shift.1);
        let pixel = |at: usize| {
            let x = ((at % self.width) as f32 + 0.5 - centre.0) * scale;
            let y = ((at / self.width) as f32 + 0.5 - centre.1) * scale;
            self.thickened(digit, 13.5 + cosine * x + sine * y, 13.5 - sine * x + cosine * y)
        };
        (0..self.width * self.height).map(pixel).collect()
    }

    /// The digit at a point, or the most or least ink within `thicken` of it.
    fn thickened(&self, digit: &[u8; 784], x: f32, y: f32) -> f32 {
        let reach = self.thicken.abs();
        if reach == 0.0 {
            return interpolated(digit, x, y);
        }
        let around = (0..8).map(|eighth| {
            let (sine, cosine) = (eighth as f32 * std::f32::consts::FRAC_PI_4).sin_cos();
            interpolated(digit, x + reach * cosine, y + reach * sine)
        });
        let pick = if self.thicken > 0.0 { f32::max } else { f32::min };
        around.fold(interpolated(digit, x, y), pick)
    }
}

/// Bilinear interpolation between pixel centres, 0 to 1; no ink outside.
fn interpolated(digit: &[u8; 784], x: f32, y: f32) -> f32 {
    let at = |column: f32, row: f32| {
        let inside = (0.0..28.0).contains(&column) && (0.0..28.0).contains(&row);
        if inside { f32::from(digit[row as usize * 28 + column as usize]) / 255.0 } else { 0.0 }
    };
    let (left, top) = (x.floor(), y.floor());
    let (right_share, down_share) = (x - left, y - top);
    let row = |row: f32| at(left, row) * (1.0 - right_share) + at(left + 1.0, row) * right_share;
    row(top) * (1.0 - down_share) + row(top + 1.0) * down_share
}

/// Mean over a square of `side` pixels, cut at the border.
fn blurred(values: &[f32], width: usize, side: usize) -> Vec<f32> {
    if side <= 1 {
        return values.to_vec();
    }
    let height = values.len() / width;
    let span = |at: usize, length: usize| at.saturating_sub(side / 2)..(at + side.div_ceil(2)).min(length);
    let mean = |of: &dyn Fn(usize) -> f32, span: std::ops::Range<usize>| {
        let length = span.len() as f32;
        span.map(of).sum::<f32>() / length
    };
    let across: Vec<f32> = (0..values.len())
        .map(|at| mean(&|column| values[at / width * width + column], span(at % width, width)))
        .collect();
    (0..values.len()).map(|at| mean(&|row| across[row * width + at % width], span(at / width, height))).collect()
}

/// SplitMix64 (Steele, Lea and Flood, 2014), from a seed: noise that is the same on every machine.
#[derive(Debug, Clone)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// From 0 to 1.
    fn uniform(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Mean 0, deviation 1: the sum of twelve uniform numbers less six.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }
}
