//! From the pieces of a digit in an ink map to the prepared digit.

use crate::bounds::Bounds;
use crate::framing;
use crate::image::DigitImage;
use crate::ink::Polarity;
use crate::mnist_form::Route;
use crate::picture::Picture;
use crate::pieces::Pieces;
use crate::plane::Plane;
use crate::prepare::{Prepared, source_box};
use crate::strokes;
use crate::thickness;

/// The pieces of a digit in an ink map.
pub(crate) struct Strokes<'a> {
    pub ink: &'a Plane,
    pub pieces: &'a Pieces,
    /// Which of the pieces are the digit's.
    pub kept: &'a [bool],
    /// The box of all of them.
    pub bounds: Bounds,
    /// The largest of them.
    pub main: usize,
    /// Contrast at which strokes end.
    pub edge: f32,
}

impl Strokes<'_> {
    /// The digit, framed as MNIST is, with strokes as wide as there.
    pub fn prepared(&self, polarity: Polarity, block: usize, picture: &Picture<'_>) -> Prepared {
        let stroke = self.pieces.all[self.main].stroke();
        let (strokes, tight) = thickness::normalised(self.alone(), self.bounds, stroke);
        let mnist = framing::frame(&strokes, &tight);
        Prepared {
            image: DigitImage::from_mnist(&mnist),
            mnist: Some(mnist),
            polarity,
            tight_box: source_box(&self.bounds, block, picture),
            route: Route::Searched,
        }
    }

    /// The kept pieces' ink, 1 at their level, with the faint edges around them.
    fn alone(&self) -> Plane {
        let Self { ink, pieces, bounds, .. } = self;
        let reach = (bounds.longer_side() / 25).max(1);
        let window = bounds.widened(reach, ink.width, ink.height);
        let (width, height) = (window.right - window.left, window.bottom - window.top);
        // The first pixel of each row of the window.
        let starts = (window.top..window.bottom).map(|row| row * ink.width + window.left);
        let is_kept = |label: u32| label > 0 && self.kept.get(label as usize - 1).is_some_and(|kept| *kept);
        let mut mask = Vec::with_capacity(width * height);
        for start in starts.clone() {
            mask.extend(pieces.labels[start..][..width].iter().map(|&label| is_kept(label)));
        }
        let near = strokes::widen(&mask, width, height, reach);
        let level = pieces.all[self.main].level;
        let mut values = vec![0.0; ink.values.len()];
        for (start, near) in starts.zip(near.chunks_exact(width)) {
            for (at, _) in (start..).zip(near).filter(|&(_, &near)| near) {
                let (value, label) = (ink.values[at], pieces.labels[at]);
                if value > 0.4 * self.edge && (label == 0 || is_kept(label)) {
                    values[at] = (value / level).min(1.0);
                }
            }
        }
        Plane { width: ink.width, height: ink.height, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::{self, Piece};
    use crate::scene::SplitMix64;

    /// What [`Strokes::alone`] gives, pixel by pixel over the whole picture.
    fn plain(strokes: &Strokes<'_>) -> Vec<f32> {
        let Strokes { ink, pieces, kept, .. } = strokes;
        let reach = (strokes.bounds.longer_side() / 25).max(1);
        let is_kept = |at: usize| pieces.labels[at].checked_sub(1).is_some_and(|number| kept[number as usize]);
        let is_near = |at: usize| {
            let near = |a: usize, b: usize| a.abs_diff(b) <= reach;
            let is_beside =
                |other: usize| near(at % ink.width, other % ink.width) && near(at / ink.width, other / ink.width);
            (0..ink.values.len()).any(|other| is_kept(other) && is_beside(other))
        };
        let value = |at: usize| {
            let is_seen = ink.values[at] > 0.4 * strokes.edge && (pieces.labels[at] == 0 || is_kept(at));
            let level = pieces.all[strokes.main].level;
            if is_seen && is_near(at) { (ink.values[at] / level).min(1.0) } else { 0.0 }
        };
        (0..ink.values.len()).map(value).collect()
    }

    #[test]
    fn a_digit_alone_is_its_pieces_and_the_faint_edges_near_them() {
        let (mut random, edge) = (SplitMix64(7), 0.75);
        for (width, height) in [(90, 60), (33, 70), (25, 25)] {
            let values = (0..width * height).map(|_| (random.bits() % 1000) as f32 / 1000.0).collect();
            let ink = Plane { width, height, values };
            let pieces = pieces::pieces(&ink, edge, 2);
            for margin in [0, width / 4] {
                let is_inside = |piece: &Piece| piece.bounds.left >= margin && piece.bounds.right + margin <= width;
                let is_taken = |piece: &Piece| is_inside(piece) && random.bits() % 3 > 0;
                let kept: Vec<bool> = pieces.all.iter().map(is_taken).collect();
                let main = kept.iter().position(|kept| *kept).unwrap();
                let taken = pieces.all.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(piece, _)| piece.bounds);
                let bounds = taken.reduce(|all, piece| all.union(&piece)).unwrap();
                let strokes = Strokes { ink: &ink, pieces: &pieces, kept: &kept, bounds, main, edge };
                assert!(strokes.alone().values == plain(&strokes), "{width}x{height}, {margin} columns left out");
            }
        }
    }
}
