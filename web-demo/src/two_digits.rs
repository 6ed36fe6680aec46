//! Whether a picture shows two digits: where to cut it, and whether they are clearly apart.

use digits::{Picture, PrepareError, Split, SplitError, TightBox, split};

use crate::network::{Network, NetworkError};

/// Most that bare paper may differ in brightness, of 255.
const FLAT: u8 = 48;

/// A picture of two digits: the boxes of the left and the right one, with paper around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoDigits {
    /// Left, then right; or upper, then lower.
    pub boxes: [TightBox; 2],
    /// Whether a column of bare paper lies between them: two strokes that touch may well be one wide digit.
    pub are_apart: bool,
}

impl TwoDigits {
    /// Finds two digits by the shape of the ink alone; `None` if there is one, or none.
    ///
    /// # Errors
    /// When `rgba` is not `4 * width * height` bytes long, or there are no pixels.
    pub fn find(width: usize, height: usize, rgba: &[u8]) -> Result<Option<Self>, PrepareError> {
        let found = split(&Picture::rgba(width, height, rgba)?);
        Self::of(found.map(|digits| digits.map(|digit| digit.tight_box)), width, height, rgba)
    }

    /// Finds two digits, as `infer compare --split` does; `None` if there is one, or none, or what may be two is none to
    /// the network.
    ///
    /// # Errors
    /// When the model does not run; inside, as [`TwoDigits::find`].
    pub fn judged(
        network: &Network,
        width: usize,
        height: usize,
        rgba: &[u8],
    ) -> Result<Result<Option<Self>, PrepareError>, NetworkError> {
        let picture = match Picture::rgba(width, height, rgba) {
            Ok(picture) => picture,
            Err(fault) => return Ok(Err(fault)),
        };
        let chosen = match Split::of(&picture) {
            Ok(ways) => ways.chosen(&network.judge(ways.readings())?),
            Err(error) => Err(error),
        };
        let tight = chosen.map(|digits| digits.map(|digit| digit.prepared.tight_box));
        Ok(Self::of(tight, width, height, rgba))
    }

    fn of(
        found: Result<[TightBox; 2], SplitError>,
        width: usize,
        height: usize,
        rgba: &[u8],
    ) -> Result<Option<Self>, PrepareError> {
        match found {
            Ok(tight) => {
                let boxes = cut_between(tight.map(|tight| with_paper(tight, width, height)), tight);
                Ok(Some(Self { boxes, are_apart: are_apart(tight, width, rgba) }))
            }
            Err(SplitError::NotTwo | SplitError::Several { .. } | SplitError::Unprepared(PrepareError::NoInk)) => {
                Ok(None)
            }
            Err(SplitError::Unprepared(fault)) => Err(fault),
        }
    }
}

/// Paper kept around a digit, as a fraction of the longer side of its box.
const MARGIN: f32 = 0.4;

/// A box with paper around it, inside the picture.
fn with_paper(tight: TightBox, width: usize, height: usize) -> TightBox {
    let margin = (MARGIN * tight.width.max(tight.height) as f32).ceil() as usize;
    let (left, top) = (tight.left.saturating_sub(margin), tight.top.saturating_sub(margin));
    let right = (tight.left + tight.width + margin).min(width);
    let bottom = (tight.top + tight.height + margin).min(height);
    TightBox { left, top, width: right - left, height: bottom - top }
}

/// Cuts two boxes that overlap side by side in the middle between the digits' own boxes.
fn cut_between([first, second]: [TightBox; 2], tight: [TightBox; 2]) -> [TightBox; 2] {
    let middle = (tight[0].left + tight[0].width + tight[1].left) / 2;
    if tight[1].left < tight[0].left + tight[0].width || first.left + first.width <= second.left {
        return [first, second];
    }
    let first = TightBox { width: middle.saturating_sub(first.left).max(1), ..first };
    let right = second.left + second.width;
    let left = second.left.max(middle);
    [first, TightBox { left, width: right - left, ..second }]
}

/// Whether the digits lie side by side and the column in the middle between them is bare. Light may fall off along it, but
/// brightness must not jump, as it does at a stroke's edge.
fn are_apart([first, second]: [TightBox; 2], width: usize, rgba: &[u8]) -> bool {
    let end = first.left + first.width;
    if second.left <= end {
        return false;
    }
    let middle = ((end + second.left) / 2).min(width - 1);
    let column: Vec<u8> = rgba.chunks_exact(4 * width).map(|row| row[4 * middle + 1]).collect();
    let reach = column.len() / 50 + 2;
    column.windows(reach).all(|window| is_flat(window.iter().copied()))
}

/// Whether brightness hardly differs.
pub fn is_flat(brightness: impl Iterator<Item = u8>) -> bool {
    let (least, most) = brightness.fold((u8::MAX, 0), |(least, most), it| (it.min(least), it.max(most)));
    most.saturating_sub(least) <= FLAT
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White bars on black, each `[left, right)`, over 100 x 100 pixels.
    fn bars(bars: &[[usize; 2]]) -> Vec<u8> {
        let ink = |at: usize| {
            let (column, row) = (at % 100, at / 100);
            bars.iter().any(|[left, right]| (*left..*right).contains(&column)) && (20..80).contains(&row)
        };
        (0..10_000).flat_map(|at| if ink(at) { [255; 4] } else { [0, 0, 0, 255] }).collect()
    }

    #[test]
    fn two_strokes_with_a_gap_are_two_digits_apart() {
        let found = TwoDigits::find(100, 100, &bars(&[[20, 28], [70, 78]])).unwrap().unwrap();
        assert!(found.are_apart && found.boxes[0].left < found.boxes[1].left, "{found:?}");
    }

    #[test]
    fn one_stroke_and_a_blank_picture_are_not_two() {
        assert_eq!(TwoDigits::find(100, 100, &bars(&[[45, 55]])), Ok(None));
        assert_eq!(TwoDigits::find(100, 100, &bars(&[])), Ok(None));
    }

    #[test]
    fn what_is_wide_and_hangs_together_is_not_two_apart() {
        let wide = TwoDigits::find(100, 100, &bars(&[[5, 95]])).unwrap();
        assert!(wide.is_none_or(|found| !found.are_apart), "{wide:?}");
    }

    #[test]
    fn a_picture_of_the_wrong_length_is_refused() {
        assert!(TwoDigits::find(3, 3, &[0; 4]).is_err());
    }
}
