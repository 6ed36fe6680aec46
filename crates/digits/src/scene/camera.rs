//! What a camera does to a picture: blur, noise, and JPEG's blocks.

use super::SplitMix64;
use super::noise::normal;

/// A camera.
#[derive(Debug, Clone, Copy)]
pub struct Camera {
    /// Width of the blur, in pixels.
    pub blur: usize,
    /// Standard deviation of the noise, of 1.
    pub noise: f32,
    /// JPEG's quality, 1 to 100; `None` where nothing is lost.
    pub quality: Option<f32>,
}

impl Camera {
    /// Takes a picture: three planes of brightness, 0 to 1, to bytes of red, green, blue and alpha.
    pub fn take(&self, planes: [Vec<f32>; 3], width: usize, seed: u64) -> Vec<u8> {
        let mut planes = planes.map(|plane| {
            // Twice, so that the blur has no corners.
            super::blurred(&super::blurred(&plane, width, self.blur), width, self.blur)
        });
        if self.noise > 0.0 {
            let mut random = SplitMix64(seed);
            for at in 0..planes[0].len() {
                let grey = normal(random.bits());
                for plane in &mut planes {
                    plane[at] += self.noise * (0.8 * grey + 0.6 * normal(random.bits()));
                }
            }
        }
        if let Some(quality) = self.quality {
            planes = compressed(planes, width, quality);
        }
        let byte = |value: f32| (255.0 * value).round().clamp(0.0, 255.0) as u8;
        let [red, green, blue] = &planes;
        (0..red.len()).flat_map(|at| [byte(red[at]), byte(green[at]), byte(blue[at]), u8::MAX]).collect()
    }
}

/// JPEG's table of steps for brightness at quality 50 (ITU-T T.81, Annex K).
#[rustfmt::skip]
const STEPS: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// What JPEG leaves: brightness and colour in blocks of 8x8, colour at half of the size.
fn compressed(planes: [Vec<f32>; 3], width: usize, quality: f32) -> [Vec<f32>; 3] {
    let factor = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
    let steps = STEPS.map(|step| (f32::from(step) * factor).max(1.0) / 255.0);
    let [red, green, blue] = planes;
    let luma: Vec<f32> = (0..red.len()).map(|at| 0.299 * red[at] + 0.587 * green[at] + 0.114 * blue[at]).collect();
    let colour = |plane: &[f32]| -> Vec<f32> {
        let differences: Vec<f32> = plane.iter().zip(&luma).map(|(value, luma)| value - luma).collect();
        in_blocks(&super::blurred(&differences, width, 2), width, &steps.map(|step| step * 1.6))
    };
    let (red, blue) = (colour(&red), colour(&blue));
    let luma = in_blocks(&luma, width, &steps);
    let green = (0..luma.len()).map(|at| luma[at] - (0.299 * red[at] + 0.114 * blue[at]) / 0.587).collect();
    let added = |colour: &[f32]| colour.iter().zip(&luma).map(|(colour, luma)| colour + luma).collect();
    [added(&red), green, added(&blue)]
}

/// Rounds each block's cosine transform to steps.
fn in_blocks(plane: &[f32], width: usize, steps: &[f32; 64]) -> Vec<f32> {
    let height = plane.len() / width;
    let basis: [[f32; 8]; 8] = std::array::from_fn(|wave| {
        let norm = if wave == 0 { (0.125f32).sqrt() } else { 0.5 };
        std::array::from_fn(|at| norm * ((2 * at + 1) as f32 * wave as f32 * std::f32::consts::PI / 16.0).cos())
    });
    let mut out = vec![0.0; plane.len()];
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            let place = |at: usize| ((top + at / 8).min(height - 1)) * width + (left + at % 8).min(width - 1);
            let block: [f32; 64] = std::array::from_fn(|at| plane[place(at)]);
            let waves = turned(&turned(&block, &basis, false), &basis, false);
            let rounded = std::array::from_fn(|at| (waves[at] / steps[at]).round() * steps[at]);
            let back = turned(&turned(&rounded, &basis, true), &basis, true);
            for (at, value) in back.iter().enumerate() {
                if top + at / 8 < height && left + at % 8 < width {
                    out[place(at)] = *value;
                }
            }
        }
    }
    out
}

/// The cosine transform of each row, rows given as columns, or back.
fn turned(block: &[f32; 64], basis: &[[f32; 8]; 8], back: bool) -> [f32; 64] {
    let mut out = [0.0; 64];
    for row in 0..8 {
        for wave in 0..8 {
            let sum: f32 =
                (0..8).map(|at| block[row * 8 + at] * if back { basis[at][wave] } else { basis[wave][at] }).sum();
            out[wave * 8 + row] = sum;
        }
    }
    out
}
