//! How much a piece of ink looks like a digit that somebody wrote to be read, by its shape and surroundings alone.

use crate::light::Contrast;
use crate::pieces::{Piece, Pieces};
use crate::plane::Plane;

/// What all pieces of one ink map are judged against.
pub(crate) struct Surroundings<'a> {
    pub pieces: &'a Pieces,
    /// Brightness of the paper under the ink, and the brightness of the brightest tenth of it.
    pub paper: &'a Plane,
    pub brightest: f32,
    /// Contrast of the strongest piece.
    pub strongest: f32,
}

impl<'a> Surroundings<'a> {
    pub fn new(pieces: &'a Pieces, contrast: &'a Contrast) -> Self {
        let strongest = pieces.all.iter().map(|piece| piece.level).fold(0.0, f32::max);
        Self { pieces, paper: &contrast.paper, brightest: contrast.brightest, strongest }
    }

    /// Logarithm of how likely a piece is the digit, up to a constant. 0 is a digit in the middle of clean, bright paper.
    pub fn score(&self, number: usize) -> f32 {
        let piece = &self.pieces.all[number];
        size(piece, self.paper)
            + strokes(piece)
            + form(piece)
            + border(piece, self.paper)
            + (piece.level / self.strongest).ln()
            + 1.5 * (self.light(piece) / self.brightest).min(1.0).ln()
            + self.company(number)
    }

    /// Brightness of the paper around a piece: the brightest of its corners and middles of sides, so that the table beside
    /// does not count.
    pub fn light(&self, piece: &Piece) -> f32 {
        let bounds = piece.bounds;
        let (middle, centre) = ((bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2);
        let at = |column: usize, row: usize| self.paper.values[row * self.paper.width + column];
        let mut around = [
            at(middle, centre),
            at(bounds.left, centre),
            at(bounds.right - 1, centre),
            at(middle, bounds.top),
            at(middle, bounds.bottom - 1),
        ];
        around.sort_by(f32::total_cmp);
        around[3].max(0.02)
    }

    /// What is near: inside a frame is good, to be a frame is not, other ink crowding in its box is not.
    fn company(&self, number: usize) -> f32 {
        let piece = &self.pieces.all[number];
        let mut score = 0.0;
        let mut crowd = 0.0;
        for (at, other) in self.pieces.all.iter().enumerate() {
            if at == number {
                continue;
            }
            if other.is_framed_by(piece) {
                score = f32::min(score, -3.5);
            }
            if !piece.is_framed_by(other)
                && other.side() > 0.08 * piece.side()
                && piece.bounds.grown(0.15).meets(&other.bounds)
            {
                crowd += (other.area / piece.area).min(1.0);
            }
        }
        score - 0.8 * crowd.min(3.0)
    }
}

/// Digits fill a good part of the picture; what is small is a speck, a dot of dotted paper, a letter of print.
fn size(piece: &Piece, paper: &Plane) -> f32 {
    let share = piece.side() / paper.width.min(paper.height) as f32;
    let large = if share > 0.93 { -2.0 } else { 0.0 };
    1.3 * (share / 0.4).min(1.0).ln() + large
}

/// Strokes are from a fiftieth to a third as wide as the digit is high.
fn strokes(piece: &Piece) -> f32 {
    let width = piece.stroke().max(1.0) / piece.side();
    let far = ((width / 0.1).ln().abs() - 1.2).max(0.0);
    -2.5 * far
}

/// From the 1, one stroke from top to bottom, to the 8, three and a half times as long as high; seldom wider than high.
fn form(piece: &Piece) -> f32 {
    let (width, height) =
        ((piece.bounds.right - piece.bounds.left) as f32, (piece.bounds.bottom - piece.bounds.top) as f32);
    let lying = (width / height / 1.25).max(1.0).ln();
    let tangled = (piece.strokes_in_sides() / 4.5).max(1.0).ln();
    // A single straight stroke may be a 1, but also the rest of a line, and any other digit says more.
    let plain = (1.6 - piece.strokes_in_sides()).clamp(0.0, 0.6);
    let filled = (piece.area / piece.bounds.area() - 0.55).max(0.0)
        * if width.min(height) > 0.4 * width.max(height) { 20.0 } else { 0.0 };
    -2.5 * lying - 2.5 * tangled - plain - filled
}

/// Ink at the picture's border belongs to something larger.
fn border(piece: &Piece, paper: &Plane) -> f32 {
    let [left, top, right, bottom] = piece.on_border;
    let touched = [left, top, right, bottom].into_iter().filter(|on| *on).count();
    let across = piece.bounds.right - piece.bounds.left == paper.width;
    let down = piece.bounds.bottom - piece.bounds.top == paper.height;
    -1.5 * touched as f32 - if across || down { 1.5 } else { 0.0 }
}
