//! A circle or a box around a digit that its strokes touch, so that both are one piece: what is left without the outer stroke.

use crate::bounds::Bounds;
use crate::framing::MnistPixels;
use crate::image::MNIST_SIDE;
use crate::pieces::Pieces;
use crate::plane::Plane;
use crate::thickness::distances;

/// Fraction of its box that a ring encloses, itself included: a circle has 0.79. The widest digits that enclose anything have
/// less, but for the 0.
const ENCLOSED: f32 = 0.66;
/// Fraction of what is enclosed that is ink, at most.
const MOST_INK: f32 = 0.6;
/// Longer side of the strokes inside, at least, as a fraction of the ring's.
const LEAST_INSIDE: f32 = 0.4;
/// The ring's own stroke ends so far from the outside, in strokes.
const OUTER: f32 = 1.5;

/// Ink of an MNIST image from which on a pixel counts as a stroke's, and the usual width of its strokes, in pixels.
const STROKE: u8 = 64;
const MNIST_STROKE: f32 = 2.0;

/// Whether an MNIST image may be a digit in a circle or in a box.
pub(crate) fn may_be_ringed(pixels: &MnistPixels) -> bool {
    let mask: Vec<bool> = pixels.iter().map(|&ink| ink >= STROKE).collect();
    inside(&mask, MNIST_SIDE, MNIST_STROKE).is_some()
}

/// The ink of piece `number` without the ring that is its outer stroke; `None` where it has none, or nothing in it.
pub(crate) fn without_ring(ink: &Plane, pieces: &Pieces, number: usize) -> Option<Plane> {
    let piece = &pieces.all[number];
    let bounds = piece.bounds.widened(1, ink.width, ink.height);
    let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    let place = |at: usize| (bounds.top + at / width) * ink.width + bounds.left + at % width;
    let mask: Vec<bool> = (0..width * height).map(|at| pieces.labels[place(at)] == number as u32 + 1).collect();
    let inner = inside(&mask, width, piece.stroke())?;
    let mut values = vec![0.0; ink.values.len()];
    for at in (0..inner.len()).filter(|&at| inner[at]) {
        values[place(at)] = ink.values[place(at)];
    }
    Some(Plane { width: ink.width, height: ink.height, values })
}

/// What lies deeper than a ring's stroke: strokes and what they enclose.
fn inside(mask: &[bool], width: usize, stroke: f32) -> Option<Vec<bool>> {
    let outside = outside(mask, width);
    let all = tight(mask, width)?;
    let enclosed = outside.iter().filter(|outside| !**outside).count() as f32;
    let ink = mask.iter().filter(|inked| **inked).count() as f32;
    if enclosed < ENCLOSED * all.area() || ink > MOST_INK * enclosed {
        return None;
    }
    let depth = distances(&outside, width, true);
    let deep: Vec<bool> = depth.iter().map(|&depth| depth > OUTER * stroke).collect();
    let strokes: Vec<bool> = deep.iter().zip(mask).map(|(&deep, &inked)| deep && inked).collect();
    let left = tight(&strokes, width)?;
    (left.longer_side() as f32 >= LEAST_INSIDE * all.longer_side() as f32).then_some(deep)
}

/// Pixels that the border is reached from across sides without crossing the mask.
fn outside(mask: &[bool], width: usize) -> Vec<bool> {
    let height = mask.len() / width;
    let on_border = |at: &usize| {
        let (column, row) = (at % width, at / width);
        column == 0 || row == 0 || column + 1 == width || row + 1 == height
    };
    let mut open: Vec<usize> = (0..mask.len()).filter(on_border).filter(|&at| !mask[at]).collect();
    let mut outside = vec![false; mask.len()];
    open.iter().for_each(|&at| outside[at] = true);
    while let Some(at) = open.pop() {
        let (column, row) = (at % width, at / width);
        let around = [
            (column > 0).then(|| at - 1),
            (column + 1 < width).then_some(at + 1),
            (row > 0).then(|| at - width),
            (row + 1 < height).then_some(at + width),
        ];
        for next in around.into_iter().flatten() {
            if !mask[next] && !outside[next] {
                outside[next] = true;
                open.push(next);
            }
        }
    }
    outside
}

/// The box of a mask; `None` where nothing is set.
fn tight(mask: &[bool], width: usize) -> Option<Bounds> {
    let set = (0..mask.len()).filter(|&at| mask[at]);
    let one = |at: usize| Bounds { left: at % width, top: at / width, right: at % width + 1, bottom: at / width + 1 };
    set.map(one).reduce(|all, next| all.union(&next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces;

    /// A circle of radius 40 and a bar through its middle, `long` to each side, in a plane of 100x100.
    fn circle(long: f32) -> Plane {
        let is_ink = |at: usize| {
            let (x, y) = ((at % 100) as f32 - 49.5, (at / 100) as f32 - 49.5);
            (x.hypot(y) - 40.0).abs() < 2.0 || (x.abs() < 2.0 && y.abs() < long)
        };
        let values = (0..100 * 100).map(|at| if is_ink(at) { 1.0 } else { 0.0 }).collect();
        Plane { width: 100, height: 100, values }
    }

    #[test]
    fn a_stroke_that_touches_its_circle_is_left_without_it() {
        let ink = circle(40.0);
        let found = pieces::pieces(&ink, 0.5, 5);
        assert_eq!(found.all.len(), 1);
        let left = pieces::pieces(&without_ring(&ink, &found, 0).unwrap(), 0.5, 5);
        let [bar] = left.all.as_slice() else { panic!("{:?}", left.all) };
        assert!(bar.bounds.right - bar.bounds.left == 4, "{bar:?}");
        assert!((60..76).contains(&bar.bounds.longer_side()), "{bar:?}");
    }

    #[test]
    fn a_circle_with_nothing_in_it_and_an_open_one_are_no_rings() {
        let empty = circle(0.0);
        assert!(without_ring(&empty, &pieces::pieces(&empty, 0.5, 5), 0).is_none());
        let mut open = circle(40.0);
        (44..56).for_each(|row| open.values[row * 100..row * 100 + 20].fill(0.0));
        assert!(without_ring(&open, &pieces::pieces(&open, 0.5, 5), 0).is_none());
    }
}
