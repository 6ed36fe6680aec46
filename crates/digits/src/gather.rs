//! Which other pieces belong to a digit: its detached strokes, but no full stop, no frame and no neighbour.

use crate::bounds::Bounds;
use crate::pieces::{Piece, Pieces};

/// Gap between the digit's box and a detached stroke, at most, as a fraction of the digit's longer side.
const FAR: f32 = 0.3;
/// Area of a detached stroke, at least, as a fraction of the digit's.
const SPECK: f32 = 0.03;
/// Contrast of a detached stroke, at least, as a fraction of the digit's.
const FAINT: f32 = 0.45;
/// Beside the digit, so high a piece is another digit.
const NEIGHBOUR: f32 = 0.6;

/// The piece and all that belong to it, and their common box.
pub(crate) fn gathered(pieces: &Pieces, main: usize) -> (Vec<bool>, Bounds) {
    let mut kept = vec![false; pieces.all.len()];
    kept[main] = true;
    let (first, mut bounds) = (&pieces.all[main], pieces.all[main].bounds);
    loop {
        let found = pieces.all.iter().enumerate().position(|(at, piece)| !kept[at] && belongs(piece, first, &bounds));
        let Some(at) = found else { return (kept, bounds) };
        kept[at] = true;
        bounds = bounds.union(&pieces.all[at].bounds);
    }
}

/// Whether a piece is a detached stroke of a digit whose largest piece is `main` and whose box is `bounds`.
pub(crate) fn belongs(piece: &Piece, main: &Piece, bounds: &Bounds) -> bool {
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

/// Another digit: beside this one, not over it, and about as high.
fn is_neighbour(piece: &Piece, main: &Piece, bounds: &Bounds) -> bool {
    let high = |bounds: &Bounds| (bounds.bottom - bounds.top) as f32;
    let beside = piece.bounds.left as f32 > bounds.right as f32 - 0.1 * high(bounds)
        || (piece.bounds.right as f32) < bounds.left as f32 + 0.1 * high(bounds);
    let gap = piece.bounds.gap(bounds) as f32;
    beside && high(&piece.bounds) > NEIGHBOUR * high(bounds) && gap > main.stroke().max(0.06 * high(bounds))
}
