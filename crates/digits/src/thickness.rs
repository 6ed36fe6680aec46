//! Strokes as wide as MNIST's: a highlighter's thinned, a fine pen's widened.

use crate::framing::{DIGIT_SIDE, MnistPixels};
use crate::image::MNIST_SIDE;
use crate::pieces;
use crate::plane::Plane;
use crate::strokes::Bounds;

/// Widest stroke that is left as it is, in pixels of a digit 20 pixels high, and what wider ones become.
const WIDEST: f32 = 4.3;
const THINNED: f32 = 3.3;
/// Thinnest stroke that is left as it is, and what thinner ones become.
const THINNEST: f32 = 1.5;
const WIDENED: f32 = 1.9;
/// Wider than this are strokes in an MNIST image seldom, in its pixels.
const MNIST_WIDEST: f32 = 5.5;
/// Fraction of its box that the thickest digit fills.
const MOST_FILLED: f32 = 0.62;
/// A smaller digit has too few pixels to move edges in.
const LEAST_SIDE: usize = 30;

/// Whether an MNIST image's strokes are wider than those of nearly all of MNIST's.
pub(crate) fn is_thick(pixels: &MnistPixels) -> bool {
    let inked = |at: usize| pixels[at] > 127;
    let (mut area, mut sides) = (0.0f32, 0.0f32);
    for at in (0..pixels.len() - MNIST_SIDE).filter(|&at| at % MNIST_SIDE + 1 < MNIST_SIDE) {
        area += f32::from(u8::from(inked(at)));
        sides += f32::from(u8::from(inked(at) != inked(at + 1)) + u8::from(inked(at) != inked(at + MNIST_SIDE)));
    }
    2.3 * area > MNIST_WIDEST * sides
}

/// Whether an MNIST image is a filled shape with holes rather than strokes.
pub(crate) fn is_filled(pixels: &MnistPixels) -> bool {
    let inked = |at: &usize| pixels[*at] > 127;
    let all: Vec<usize> = (0..pixels.len()).filter(inked).collect();
    let extent = |of: fn(&usize) -> usize| {
        let (least, most) = (all.iter().map(of).min(), all.iter().map(of).max());
        least.zip(most).map_or(0, |(least, most)| most - least + 1)
    };
    let (width, height) = (extent(|at| at % MNIST_SIDE), extent(|at| at / MNIST_SIDE));
    width.min(height) >= 10 && all.len() as f32 > MOST_FILLED * (width * height) as f32
}

/// How far each edge of strokes `stroke` wide is to move outwards, in pixels; `None` where they are like MNIST's.
fn outwards(stroke: f32, bounds: &Bounds) -> Option<f32> {
    let unit = bounds.longer_side() as f32 / DIGIT_SIDE as f32;
    let wanted = match stroke / unit {
        wide if wide > WIDEST => THINNED,
        thin if thin < THINNEST => WIDENED,
        _ => return None,
    };
    (bounds.longer_side() >= LEAST_SIDE).then_some((wanted * unit - stroke) / 2.0)
}

/// Moves the edges of strokes that are wider or thinner than MNIST's, and gives the new box of the ink.
pub(crate) fn normalised(ink: Plane, bounds: Bounds, stroke: f32) -> (Plane, Bounds) {
    let Some(outwards) = outwards(stroke, &bounds) else { return (ink, bounds) };
    let reach = outwards.abs().ceil() as usize + 2;
    let window = bounds.widened(reach, ink.width, ink.height);
    let width = window.right - window.left;
    let inked = |at: usize| ink.values[(window.top + at / width) * ink.width + window.left + at % width] > 0.5;
    let count = width * (window.bottom - window.top);
    let mask: Vec<bool> = (0..count).map(inked).collect();
    let to_ink = distances(&mask, width, true);
    let to_paper = distances(&mask, width, false);
    let mut moved = Plane { width: ink.width, height: ink.height, values: vec![0.0; ink.values.len()] };
    let mut tight = Bounds { left: ink.width, top: ink.height, right: 0, bottom: 0 };
    for at in 0..count {
        // Above 0 inside, counted from the edge between pixels.
        let depth = if mask[at] { to_paper[at] - 0.5 } else { 0.5 - to_ink[at] };
        let value = (depth + outwards + 0.5).clamp(0.0, 1.0);
        let (column, row) = (window.left + at % width, window.top + at / width);
        moved.values[row * ink.width + column] = value;
        if value > 0.3 {
            tight = tight.union(&Bounds { left: column, top: row, right: column + 1, bottom: row + 1 });
        }
    }
    // Strokes thinner than was thought leave nothing.
    if tight.right <= tight.left || 2 * tight.longer_side() < bounds.longer_side() {
        (ink, bounds)
    } else {
        (moved, tight)
    }
}

/// Thick strokes as wide as MNIST's, and their new box; `None` where they are no strokes.
pub(crate) fn thinned(ink: &Plane, bounds: Bounds) -> Option<(Plane, Bounds)> {
    let pieces = pieces::pieces(ink, 0.5, LEAST_SIDE);
    let largest = pieces.all.iter().max_by(|a, b| a.area.total_cmp(&b.area))?;
    let (thinned, tight) = normalised(ink.clone(), bounds, largest.stroke());
    (tight != bounds).then_some((thinned, tight))
}

/// Distance of each pixel to the nearest one that is `like`, in pixels, by Borgefors' chamfer of 3 and 4 (1986). What lies
/// outside counts as paper only if it is nothing else.
fn distances(mask: &[bool], width: usize, like: bool) -> Vec<f32> {
    const FAR: i32 = i32::MAX / 2;
    let height = mask.len() / width;
    let mut distance: Vec<i32> = mask.iter().map(|&inked| if inked == like { 0 } else { FAR }).collect();
    let mut relax = |rows: &mut dyn Iterator<Item = usize>, step: isize| {
        for row in rows {
            for across in 0..width {
                let column = if step < 0 { across } else { width - 1 - across };
                let mut best = distance[row * width + column];
                let beyond = row.checked_add_signed(step).filter(|&row| row < height);
                for (shift, cost) in [(-1, 4), (0, 3), (1, 4)] {
                    let next = column.checked_add_signed(shift).filter(|&column| column < width);
                    if let Some((row, column)) = beyond.zip(next) {
                        best = best.min(distance[row * width + column] + cost);
                    }
                }
                if let Some(column) = column.checked_add_signed(step).filter(|&column| column < width) {
                    best = best.min(distance[row * width + column] + 3);
                }
                distance[row * width + column] = best;
            }
        }
    };
    relax(&mut (0..height), -1);
    relax(&mut (0..height).rev(), 1);
    distance.into_iter().map(|thirds| thirds as f32 / 3.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar of `stroke` columns, 100 rows high.
    fn bar(stroke: usize) -> (Plane, Bounds) {
        let bounds = Bounds { left: 60 - stroke / 2, top: 20, right: 60 + stroke.div_ceil(2), bottom: 120 };
        let inside = |at: usize| {
            let (column, row) = (at % 120, at / 120);
            (bounds.left..bounds.right).contains(&column) && (bounds.top..bounds.bottom).contains(&row)
        };
        let values = (0..120 * 140).map(|at| f32::from(u8::from(inside(at)))).collect();
        (Plane { width: 120, height: 140, values }, bounds)
    }

    #[test]
    fn a_thick_bar_becomes_thinner_and_a_thin_one_thicker() {
        for (stroke, wanted) in [(40, 16.5), (3, 9.5), (15, 15.0)] {
            let (ink, bounds) = bar(stroke);
            let (moved, _) = normalised(ink, bounds, stroke as f32);
            let across: f32 = moved.values[70 * 120..][..120].iter().sum();
            assert!((across - wanted).abs() < 1.0, "{stroke} became {across}");
        }
    }
}
