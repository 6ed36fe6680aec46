//! Random planes, the same in every run, on which tests compare fast code with plain code.

use crate::plane::Plane;
use crate::scene::SplitMix64;

/// Of each paper, all of 1: its brightness, that of ink, how much darker it is at its right end, and its noise.
const PAPERS: [(f32, f32, f32, f32); 7] = [
    (0.0, 1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0, 0.0),
    (0.1, 0.9, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.01),
    (0.9, 0.2, 0.3, 0.0),
    (0.9, 0.2, 0.3, 0.08),
    (0.6, 0.6, 0.0, 0.0),
];

/// Columns and rows.
const SIZES: [(usize, usize); 8] = [(140, 140), (97, 61), (64, 120), (30, 31), (7, 9), (3, 3), (1, 12), (1, 1)];

/// Soft-edged strokes on every paper in every size: one stroke, then three, of 8 bits a pixel.
pub(crate) fn planes() -> Vec<Plane> {
    let mut random = SplitMix64(11);
    let mut planes = Vec::new();
    for paper in PAPERS {
        for (width, height) in SIZES {
            for strokes in [1, 3] {
                planes.push(drawn(width, height, strokes, paper, &mut random));
            }
        }
    }
    planes
}

fn drawn(
    width: usize,
    height: usize,
    strokes: usize,
    (paper, ink, shade, noise): (f32, f32, f32, f32),
    random: &mut SplitMix64,
) -> Plane {
    let mut uniform = move || (random.bits() >> 40) as f32 / (1u64 << 24) as f32;
    let lines: Vec<[f32; 5]> = (0..strokes)
        .map(|_| {
            let (right, down) = (width as f32, height as f32);
            [uniform() * right, uniform() * down, uniform() * right, uniform() * down, 0.5 + 6.0 * uniform()]
        })
        .collect();
    let values = (0..width * height)
        .map(|at| {
            let (x, y) = ((at % width) as f32, (at / width) as f32);
            let covered = lines.iter().map(|line| coverage(line, x, y)).fold(0.0, f32::max);
            let light = paper + (ink - paper) * covered - shade * x / width as f32 + noise * (uniform() - 0.5);
            (255.0 * light).round().clamp(0.0, 255.0) / 255.0
        })
        .collect();
    Plane { width, height, values }
}

/// How much of a pixel a stroke covers: from one point to another, and half as wide as the last number.
fn coverage(&[left, top, right, bottom, half]: &[f32; 5], x: f32, y: f32) -> f32 {
    let (across, down) = (right - left, bottom - top);
    let length = across * across + down * down;
    let along = (((x - left) * across + (y - top) * down) / length.max(1e-6)).clamp(0.0, 1.0);
    let off = (x - left - along * across).hypot(y - top - along * down);
    (half + 0.5 - off).clamp(0.0, 1.0)
}
