//! Two digits in one picture: where to cut.

use crate::ink;
use crate::picture::Picture;
use crate::plane::{self, Plane};
use crate::prepare::{PrepareError, TightBox, source_box};
use crate::strokes::{self, Bounds, LEAST_SIDE};

/// Why a picture was not cut in two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// There is nothing to cut.
    #[error(transparent)]
    Unprepared(#[from] PrepareError),
    /// There is ink, but not in two places.
    #[error("does not show two digits apart: write them side by side with a gap, or give two files")]
    NotTwo,
}

/// Of two parts one above the other, the lower is at least this share of the higher: a 5 whose bar is detached, or a
/// line under a digit, is not two digits.
const LEAST_HEIGHT: f32 = 0.4;

/// Two digits that touch are at least this many times as wide as high; a single one is rarely wider than high.
const TOUCHING: f32 = 1.15;

/// Paper kept around each digit, as a share of its longer side: preparation looks for paper along the border.
const MARGIN: f32 = 0.4;

/// Finds two digits: the left one first, or the upper one where one stands above the other. The boxes have paper around
/// the digits and do not overlap, so that each can be cut out and prepared on its own.
///
/// ```
/// use digits::{Picture, split};
///
/// // Two strokes on white paper.
/// let mut pixels = vec![255; 120 * 60];
/// for row in 10..50 {
///     pixels[row * 120 + 30..row * 120 + 35].fill(0);
///     pixels[row * 120 + 85..row * 120 + 90].fill(0);
/// }
/// let [first, second] = split(&Picture::luma(120, 60, &pixels)?)?;
/// assert!(first.left + first.width <= second.left);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SplitError::NotTwo`] when there is ink but no gap to cut at.
pub fn split(picture: &Picture<'_>) -> Result<[TightBox; 2], SplitError> {
    let (width, height) = (picture.width(), picture.height());
    if width == 0 || height == 0 {
        return Err(PrepareError::Empty { width, height }.into());
    }
    let working = plane::working_planes(picture);
    let map = ink::find(&working.planes).ok_or(PrepareError::NoInk)?;
    let pieces = strokes::pieces(&map);
    let columns = |bounds: &Bounds| (bounds.left, bounds.right);
    let rows = |bounds: &Bounds| (bounds.top, bounds.bottom);
    let beside = cut_at_gap(&pieces, columns).filter(|cut| cut.parts_are_digits(0.0));
    let cut = beside
        .or_else(|| cut_at_gap(&pieces, rows).filter(|cut| cut.parts_are_digits(LEAST_HEIGHT)))
        .or_else(|| cut_touching(&map.ink, &pieces))
        .ok_or(SplitError::NotTwo)?;
    Ok(cut.boxes(&map.ink).map(|bounds| source_box(&bounds, working.block, picture)))
}

/// A cut between two parts.
struct Cut {
    parts: [Bounds; 2],
    /// The first column or row of the second part's side.
    at: usize,
    /// Whether the cut is a column.
    across: bool,
}

/// The widest gap between strokes along one axis.
fn cut_at_gap(pieces: &[Bounds], span: fn(&Bounds) -> (usize, usize)) -> Option<Cut> {
    let mut sorted = pieces.to_vec();
    sorted.sort_by_key(|piece| span(piece).0);
    let mut end = span(sorted.first()?).1;
    let mut widest: Option<(usize, usize, usize)> = None;
    for (number, piece) in sorted.iter().enumerate().skip(1) {
        let (from, to) = span(piece);
        if from > end && widest.is_none_or(|(gap, ..)| from - end > gap) {
            widest = Some((from - end, number, end));
        }
        end = end.max(to);
    }
    let (gap, number, end) = widest?;
    let (first, second) = sorted.split_at(number);
    let part = |pieces: &[Bounds]| pieces.iter().copied().reduce(|all, piece| all.union(&piece));
    let parts = [part(first)?, part(second)?];
    let across = span(&parts[0]) == (parts[0].left, parts[0].right);
    Some(Cut { parts, at: end + gap.div_ceil(2), across })
}

/// The column with the least ink in the middle half of strokes that hang together and are wider than one digit.
fn cut_touching(ink: &Plane, pieces: &[Bounds]) -> Option<Cut> {
    let all = pieces.iter().copied().reduce(|all, piece| all.union(&piece))?;
    let (width, height) = (all.right - all.left, all.bottom - all.top);
    if (width as f32) < TOUCHING * height as f32 || width < 4 * LEAST_SIDE {
        return None;
    }
    let in_column =
        |column: usize| -> f32 { (all.top..all.bottom).map(|row| ink.values[row * ink.width + column]).sum() };
    let middle = all.left + width / 4..all.right - width / 4;
    let at = middle.min_by(|&a, &b| in_column(a).total_cmp(&in_column(b)))?;
    let parts = [Bounds { right: at, ..all }, Bounds { left: at, ..all }];
    Some(Cut { parts, at, across: true })
}

impl Cut {
    /// Whether both parts are large enough, and the smaller at least `share` of the larger.
    fn parts_are_digits(&self, share: f32) -> bool {
        let [a, b] = self.parts.each_ref().map(Bounds::longer_side);
        let heights = self.parts.each_ref().map(|part| (part.bottom - part.top) as f32);
        let ratio = heights[0].min(heights[1]) / heights[0].max(heights[1]);
        a.min(b) >= LEAST_SIDE && a.max(b) < 8 * a.min(b) && ratio >= share
    }

    /// Both parts with paper around them, up to the cut.
    fn boxes(&self, ink: &Plane) -> [Bounds; 2] {
        let mut boxes = self.parts.each_ref().map(|part| {
            let margin = (MARGIN * part.longer_side() as f32).ceil() as usize;
            Bounds {
                left: part.left.saturating_sub(margin),
                top: part.top.saturating_sub(margin),
                right: (part.right + margin).min(ink.width),
                bottom: (part.bottom + margin).min(ink.height),
            }
        });
        let [first, second] = &mut boxes;
        if self.across {
            first.right = first.right.min(self.at);
            second.left = second.left.max(self.at);
        } else {
            first.bottom = first.bottom.min(self.at);
            second.top = second.top.max(self.at);
        }
        boxes
    }
}
