//! Which other pieces belong to a digit: its detached strokes, but no full stop, no frame and no neighbour.

use std::ops::Range;

use crate::bounds::Bounds;
use crate::pieces::{Piece, Pieces};
use crate::revision::Revision;

/// Gap between the digit's box and a detached stroke, at most, as a fraction of the digit's longer side.
const FAR: f32 = 0.3;
/// Area of a detached stroke, at least, as a fraction of the digit's.
const SPECK: f32 = 0.03;
/// Contrast of a detached stroke, at least, as a fraction of the digit's.
const FAINT: f32 = 0.45;
/// Beside the digit, so high a piece is another digit.
const NEIGHBOUR: f32 = 0.6;
/// A disc's width over its height, and the fraction of its box that it fills, pi / 4 but for its faint edge.
const ROUND: Range<f32> = 0.75..1.34;
const FULL: Range<f32> = 0.62..0.9;

/// The piece and all that belong to it, and their common box.
pub(crate) fn gathered(pieces: &Pieces, main: usize, revision: Revision) -> (Vec<bool>, Bounds) {
    let mut kept = vec![false; pieces.all.len()];
    kept[main] = true;
    let (first, mut bounds) = (&pieces.all[main], pieces.all[main].bounds);
    loop {
        let found =
            pieces.all.iter().enumerate().position(|(at, piece)| !kept[at] && belongs(piece, first, &bounds, revision));
        let Some(at) = found else { return (kept, bounds) };
        kept[at] = true;
        bounds = bounds.union(&pieces.all[at].bounds);
    }
}

/// Whether a piece is a detached stroke of a digit whose largest piece is `main` and whose box is `bounds`.
pub(crate) fn belongs(piece: &Piece, main: &Piece, bounds: &Bounds, revision: Revision) -> bool {
    let side = bounds.longer_side() as f32;
    let near = piece.bounds.gap(bounds) as f32 <= FAR * side;
    let strong = piece.area > SPECK * main.area && piece.level > FAINT * main.level;
    let alike = (0.4..2.5).contains(&(piece.stroke() / main.stroke()));
    near && strong
        && alike
        && piece.side() <= 1.3 * side
        && !piece.on_border.contains(&true)
        && !main.is_framed_by(piece)
        && !is_punctuation(piece, main, bounds)
        && !(revision >= Revision::Second && is_disc(piece, bounds))
        && !is_neighbour(piece, main, bounds)
}

/// A full stop or a comma: small, beside the digit, in its lowest third or below.
fn is_punctuation(piece: &Piece, main: &Piece, bounds: &Bounds) -> bool {
    let height = (bounds.bottom - bounds.top) as f32;
    let beside = piece.bounds.left >= bounds.right || piece.bounds.right <= bounds.left;
    let low = piece.bounds.top as f32 > bounds.top as f32 + 0.6 * height;
    let small = piece.side() < (2.5 * main.stroke()).max(0.3 * height);
    beside && low && small
}

/// A punched hole, or a dot of any kind: round, full, and further from the digit than half its own width.
fn is_disc(piece: &Piece, bounds: &Bounds) -> bool {
    let (width, height) =
        ((piece.bounds.right - piece.bounds.left) as f32, (piece.bounds.bottom - piece.bounds.top) as f32);
    let round = ROUND.contains(&(width / height)) && FULL.contains(&(piece.area / piece.bounds.area()));
    round && piece.bounds.gap(bounds) as f32 > 0.5 * piece.side()
}

/// Another digit: beside this one, not over it, and about as high.
fn is_neighbour(piece: &Piece, main: &Piece, bounds: &Bounds) -> bool {
    let high = |bounds: &Bounds| (bounds.bottom - bounds.top) as f32;
    let beside = piece.bounds.left as f32 > bounds.right as f32 - 0.1 * high(bounds)
        || (piece.bounds.right as f32) < bounds.left as f32 + 0.1 * high(bounds);
    let gap = piece.bounds.gap(bounds) as f32;
    beside && high(&piece.bounds) > NEIGHBOUR * high(bounds) && gap > main.stroke().max(0.06 * high(bounds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::pieces;
    use crate::plane::Plane;

    /// A bar, and a disc of this radius beside its middle, a gap away.
    fn bar_and_disc(radius: f32, gap: f32) -> Pieces {
        let (width, height) = (80, 80);
        let centre = (36.0 + gap + radius, 40.0);
        let values = (0..width * height).map(|at| {
            let (column, row) = (at % width, at / width);
            let is_bar = (30..36).contains(&column) && (10..70).contains(&row);
            let away = (column as f32 + 0.5 - centre.0).hypot(row as f32 + 0.5 - centre.1);
            if is_bar || away < radius { 1.0 } else { 0.0 }
        });
        pieces(&Plane { width, height, values: values.collect() }, 0.5, 4)
    }

    #[test]
    fn a_punched_hole_is_no_stroke_of_the_digit_beside_it() {
        let kept = |gap: f32, revision: Revision| gathered(&bar_and_disc(5.0, gap), 0, revision).0;
        assert_eq!(kept(9.0, Revision::First), [true, true]);
        assert_eq!(kept(9.0, Revision::Second), [true, false]);
        // A drop of ink at its edge is.
        assert_eq!(kept(3.0, Revision::Second), [true, true]);
    }
}
