//! Strokes as wide as MNIST's: a highlighter's thinned, a fine pen's widened.

use crate::bounds::Bounds;
use crate::framing::{DIGIT_SIDE, MnistPixels};
use crate::image::MNIST_SIDE;
use crate::pieces;
use crate::plane::Plane;

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

/// Fraction of its box that has some ink, more than any digit's: a sheet half in the shadow.
const MOST_TOUCHED: f32 = 0.85;

/// Ink further than this from all paper, in pixels of an MNIST image, is in 7 of 1,000 training digits at most: the lit part of a
/// sheet has any outline, and a digit's strokes in it.
const BROADEST: f32 = 4.7;

/// Whether an MNIST image is a filled shape with holes rather than strokes.
pub(crate) fn is_filled(pixels: &MnistPixels) -> bool {
    fills(pixels, 127, MOST_FILLED) || fills(pixels, 47, MOST_TOUCHED)
}

/// Whether an MNIST image has a broad patch of ink, whatever its outline.
pub(crate) fn is_broad(pixels: &MnistPixels) -> bool {
    let mask: Vec<bool> = pixels.iter().map(|&pixel| pixel > 47).collect();
    distances(&mask, MNIST_SIDE, false).into_iter().any(|distance| distance > BROADEST)
}

/// Whether the pixels of more than this ink fill more than a fraction of their box.
fn fills(pixels: &MnistPixels, ink: u8, fraction: f32) -> bool {
    let inked = |at: &usize| pixels[*at] > ink;
    let all: Vec<usize> = (0..pixels.len()).filter(inked).collect();
    let extent = |of: fn(&usize) -> usize| {
        let (least, most) = (all.iter().map(of).min(), all.iter().map(of).max());
        least.zip(most).map_or(0, |(least, most)| most - least + 1)
    };
    let (width, height) = (extent(|at| at % MNIST_SIDE), extent(|at| at / MNIST_SIDE));
    width.min(height) >= 10 && all.len() as f32 > fraction * (width * height) as f32
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
    let mask: Vec<bool> = ink.cut(&window).values.iter().map(|&value| value > 0.5).collect();
    let to_ink = distances(&mask, width, true);
    let to_paper = distances(&mask, width, false);
    let mut moved = Plane { width: ink.width, height: ink.height, values: vec![0.0; ink.values.len()] };
    let mut tight = Bounds { left: ink.width, top: ink.height, right: 0, bottom: 0 };
    for (row, first) in (window.top..window.bottom).zip((0..).step_by(width)) {
        for (column, at) in (window.left..window.right).zip(first..) {
            // Above 0 inside, counted from the edge between pixels.
            let depth = if mask[at] { to_paper[at] - 0.5 } else { 0.5 - to_ink[at] };
            let value = (depth + outwards + 0.5).clamp(0.0, 1.0);
            moved.values[row * ink.width + column] = value;
            if value > 0.3 {
                tight = tight.union(&Bounds { left: column, top: row, right: column + 1, bottom: row + 1 });
            }
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
pub(crate) fn distances(mask: &[bool], width: usize, like: bool) -> Vec<f32> {
    const FAR: i32 = i32::MAX / 2;
    let height = mask.len() / width;
    let mut distance: Vec<i32> = mask.iter().map(|&inked| if inked == like { 0 } else { FAR }).collect();
    for row in 0..height {
        let (before, here) = distance.split_at_mut(row * width);
        let here = &mut here[..width];
        if row > 0 {
            relax(here, &before[(row - 1) * width..]);
        }
        (1..width).for_each(|column| here[column] = here[column].min(here[column - 1] + ACROSS));
    }
    for row in (0..height).rev() {
        let (here, after) = distance.split_at_mut((row + 1) * width);
        let here = &mut here[row * width..];
        if row + 1 < height {
            relax(here, &after[..width]);
        }
        (1..width).rev().for_each(|column| here[column - 1] = here[column - 1].min(here[column] + ACROSS));
    }
    distance.into_iter().map(|thirds| thirds as f32 / 3.0).collect()
}

/// Thirds of a pixel to a neighbour across a side, and across a corner.
const ACROSS: i32 = 3;
const ASLANT: i32 = 4;

/// Shortens the distances of one row by those of the row above or below.
fn relax(row: &mut [i32], beside: &[i32]) {
    let last = beside.len() - 1;
    for (column, distance) in row.iter_mut().enumerate() {
        // At a border this takes the neighbour across the side for one across the corner, which is no shorter way.
        let aslant = beside[column.saturating_sub(1)].min(beside[(column + 1).min(last)]);
        *distance = (*distance).min(beside[column] + ACROSS).min(aslant + ASLANT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded;

    #[test]
    fn a_corner_of_a_sheet_is_broad_and_bold_strokes_are_not() {
        let image = |is_ink: fn(usize, usize) -> bool| -> MnistPixels {
            std::array::from_fn(|at| if is_ink(at % MNIST_SIDE, at / MNIST_SIDE) { 255 } else { 0 })
        };
        // Half of its box, as a bold digit may fill.
        assert!(is_broad(&image(|column, row| row >= 4 && column >= 4 && column + row < 28)));
        let is_seven = |column: usize, row: usize| {
            (4..24).contains(&row) && (6..22).contains(&column) && (row < 10 || (14..21).contains(&(column + row / 6)))
        };
        assert!(!is_broad(&image(is_seven)));
    }

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

    /// Each pixel's distance by looking at all its neighbours until nothing changes.
    fn settled(mask: &[bool], width: usize, like: bool) -> Vec<f32> {
        let height = mask.len() / width;
        let mut thirds: Vec<i32> = mask.iter().map(|&inked| if inked == like { 0 } else { i32::MAX / 2 }).collect();
        loop {
            let before = thirds.clone();
            for at in 0..mask.len() {
                let (column, row) = (at % width, at / width);
                for next_row in row.saturating_sub(1)..(row + 2).min(height) {
                    for next in column.saturating_sub(1)..(column + 2).min(width) {
                        let cost = if next != column && next_row != row { 4 } else { 3 };
                        thirds[at] = thirds[at].min(thirds[next_row * width + next] + cost);
                    }
                }
            }
            if thirds == before {
                return thirds.into_iter().map(|thirds| thirds as f32 / 3.0).collect();
            }
        }
    }

    #[test]
    fn distances_are_those_of_the_shortest_ways() {
        for plane in seeded::planes().iter().filter(|plane| plane.values.len() < 10_000) {
            let mask: Vec<bool> = plane.values.iter().map(|&value| value > 0.5).collect();
            for like in [true, false] {
                assert_eq!(distances(&mask, plane.width, like), settled(&mask, plane.width, like));
            }
        }
    }
}
