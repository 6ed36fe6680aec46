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
