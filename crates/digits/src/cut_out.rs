//! Pictures that were cut close to their digit.
//!
//! Scans such as USPS' leave nothing around the digit, and neither do people who cut one out of a photo. What reaches the picture's
//! sides bends the fitted brightness of the paper, and looks like a frame or the edge of a sheet. So the paper is continued beyond
//! the sides, and the digit is looked for with paper all around it.

use crate::bounds::Bounds;
use crate::ink::{LEAST_CONTRAST, otsu};
use crate::median::median;
use crate::plane::{Plane, WorkingPlanes};

/// Width of the continued paper, as a fraction of the picture's longer side, and in pixels at least.
const MARGIN: f32 = 0.3;
const LEAST_MARGIN: usize = 3;

/// Fraction of a picture's width and height that the digit has which it was cut to: the corner of a table has less.
pub(crate) const LEAST_OF_CROP: f32 = 0.8;

/// Shortest side, in pixels, of a picture that shows a digit.
const LEAST_SIDE: usize = 4;

/// Stretches of ink along a side, at most: a 3's three tips. Ruled paper has more.
const MOST_STRETCHES: usize = 3;

/// Fraction of a side's pixels from which ink fills it.
const MOST_OF_SIDE: f32 = 0.9;

/// How far a stroke goes from a corner of the picture along both sides, at most, as a fraction of them: a 7 along one.
const MOST_FROM_CORNER: f32 = 0.3;

/// Fraction of the picture that is ink, at most.
const MOST_OF_PICTURE: f32 = 0.75;

/// How much of its variance two brightnesses explain, at least: of paper with ink on it, not of a texture, or of a shadow.
const LEAST_EXPLAINED: f32 = 0.8;

/// A picture with its paper continued beyond its sides.
#[derive(Debug)]
pub(crate) struct WithMargin {
    pub working: WorkingPlanes,
    margin: usize,
    width: usize,
    height: usize,
}

impl WithMargin {
    /// The picture with a margin; `None` unless it is paper with ink on it that comes near a side. In a small scan, whose strokes are
    /// wide, it always does, and may fill several.
    pub fn of(working: &WorkingPlanes, is_small: bool) -> Option<Self> {
        let luma = working.planes.first()?;
        let (width, height) = (luma.width, luma.height);
        if width.min(height) < LEAST_SIDE {
            return None;
        }
        let tones = Tones::of(luma)?;
        let sides =
            sides(luma).map(|side| side.into_iter().map(|at| tones.is_ink(luma.values[at])).collect::<Vec<_>>());
        if !(is_small || comes_near(luma, &tones) && are_of_digit(&sides)) {
            return None;
        }
        let margin = LEAST_MARGIN.max((MARGIN * width.max(height) as f32).round() as usize);
        let continued = |plane: &Plane| continued(plane, margin, &sides);
        let planes = working.planes.iter().map(continued).collect();
        Some(Self { working: WorkingPlanes { planes, block: working.block }, margin, width, height })
    }

    /// What of a box lies in the picture.
    pub fn inside(&self, bounds: &Bounds) -> Bounds {
        let along = |at: usize, side: usize| at.saturating_sub(self.margin).min(side);
        Bounds {
            left: along(bounds.left, self.width),
            top: along(bounds.top, self.height),
            right: along(bounds.right, self.width),
            bottom: along(bounds.bottom, self.height),
        }
    }
}

/// Whether a picture of this width and height was cut to what was found in it: where that comes near a side, it is nearly as wide,
/// or high, as the picture. A shadow that lies along one side is not.
pub(crate) fn is_cut_to(width: usize, height: usize, found: &Bounds) -> bool {
    let near = near(width, height);
    let fits = |start: usize, end: usize, side: usize| {
        let comes_near = start < near || end + near > side;
        !comes_near || (end - start) as f32 >= LEAST_OF_CROP * side as f32
    };
    fits(found.left, found.right, width) && fits(found.top, found.bottom, height)
}

/// Whether the ink along the top, bottom, left and right sides may be a digit's: no ruled lines; no frame or edge of a table,
/// which fill a side and do not reach the opposite one, as a 7 does; and no corner of a table, or shadow across a corner.
fn are_of_digit(sides: &[Vec<bool>; 4]) -> bool {
    let inked = |side: &[bool]| side.iter().filter(|&&is_ink| is_ink).count();
    let stretches = |side: &[bool]| inked(&side[..1]) + side.windows(2).filter(|pair| !pair[0] && pair[1]).count();
    let is_filled = |side: &[bool]| inked(side) as f32 > MOST_OF_SIDE * side.len() as f32;
    let filled: Vec<usize> = (0..4).filter(|&side| is_filled(&sides[side])).collect();
    let reach_across = filled.iter().all(|&side| inked(&sides[side ^ 1]) > 0);
    let from_corner = |side: usize, from_end: bool| {
        let side = &sides[side];
        let run = |pixels: &mut dyn Iterator<Item = &bool>| pixels.take_while(|&&is_ink| is_ink).count();
        let length = if from_end { run(&mut side.iter().rev()) } else { run(&mut side.iter()) };
        length as f32 / side.len() as f32
    };
    // Top or bottom beside left or right.
    let is_corner = |(row, column): (usize, usize)| {
        from_corner(row, column == 1) > MOST_FROM_CORNER && from_corner(2 + column, row == 1) > MOST_FROM_CORNER
    };
    let has_corner = [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().any(is_corner);
    filled.len() <= 1 && reach_across && !has_corner && sides.iter().all(|side| stretches(side) <= MOST_STRETCHES)
}

/// Two brightnesses: the paper's, which most of the picture's outermost pixels have, and the ink's.
struct Tones {
    threshold: f32,
    is_dark_ink: bool,
}

impl Tones {
    /// `None` where they are too near, do not explain the picture, or ink is most of it.
    fn of(luma: &Plane) -> Option<Self> {
        let threshold = otsu(&luma.values)?;
        let count = luma.values.len() as f32;
        let mean = luma.values.iter().sum::<f32>() / count;
        let variance = luma.values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        let (mut lower, mut lower_sum) = (0.0, 0.0);
        for value in luma.values.iter().filter(|&&value| value < threshold) {
            lower += 1.0;
            lower_sum += value;
        }
        if lower == 0.0 || lower == count {
            return None;
        }
        let gap = (mean * count - lower_sum) / (count - lower) - lower_sum / lower;
        let between = lower * (count - lower) / (count * count) * gap * gap;
        let outermost = sides(luma);
        let dark_outermost = outermost.iter().flatten().filter(|&&at| luma.values[at] < threshold).count();
        let is_dark_ink = 2 * dark_outermost <= outermost.iter().flatten().count();
        let ink = if is_dark_ink { lower } else { count - lower };
        let are_paper_and_ink =
            gap > 2.0 * LEAST_CONTRAST && between >= LEAST_EXPLAINED * variance && ink <= MOST_OF_PICTURE * count;
        are_paper_and_ink.then_some(Self { threshold, is_dark_ink })
    }

    fn is_ink(&self, value: f32) -> bool {
        (value < self.threshold) == self.is_dark_ink
    }
}

/// Whether ink lies nearer to a side than it would on paper that was left around it.
fn comes_near(luma: &Plane, tones: &Tones) -> bool {
    let (width, height) = (luma.width, luma.height);
    let near = near(width, height);
    let is_near = |at: usize, side: usize| at < near || at + near >= side;
    luma.values.chunks_exact(width).enumerate().any(|(row, line)| match is_near(row, height) {
        true => line.iter().any(|&value| tones.is_ink(value)),
        false => line.iter().enumerate().any(|(column, &value)| is_near(column, width) && tones.is_ink(value)),
    })
}

/// Pixels from a side that are near it.
fn near(width: usize, height: usize) -> usize {
    1 + width.max(height) / NEAR
}

/// The part of the longer side that is near, beyond one pixel.
const NEAR: usize = 16;

/// Indices of the pixels of the top, bottom, left and right sides.
fn sides(plane: &Plane) -> [Vec<usize>; 4] {
    let (width, height) = (plane.width, plane.height);
    [
        (0..width).collect(),
        (0..width).map(|column| (height - 1) * width + column).collect(),
        (0..height).map(|row| row * width).collect(),
        (0..height).map(|row| row * width + width - 1).collect(),
    ]
}

/// The plane with a margin: each pixel of it is as bright as the paper near the nearest pixel of the picture's side. `ink` says
/// which pixels of each side are none of the paper.
fn continued(plane: &Plane, margin: usize, ink: &[Vec<bool>; 4]) -> Plane {
    let sides = sides(plane).map(|side| side.into_iter().map(|at| plane.values[at]).collect::<Vec<_>>());
    let is_paper = ink.each_ref().map(|ink| paper_of(ink));
    let mut all: Vec<f32> = Vec::new();
    for (values, is_paper) in sides.iter().zip(&is_paper) {
        all.extend(values.iter().zip(is_paper).filter(|(_, is_paper)| **is_paper).map(|(value, _)| value));
    }
    let usual = median(&mut all, f32::total_cmp).unwrap_or_default();
    let paper: [Vec<f32>; 4] = std::array::from_fn(|side| along(&sides[side], &is_paper[side], usual));
    let (width, height) = (plane.width + 2 * margin, plane.height + 2 * margin);
    let mut values = Vec::with_capacity(width * height);
    for row in 0..height {
        let inside = row.saturating_sub(margin).min(plane.height - 1);
        for column in 0..width {
            let across = column.saturating_sub(margin).min(plane.width - 1);
            values.push(match () {
                () if row < margin => paper[0][across],
                () if row >= margin + plane.height => paper[1][across],
                () if column < margin => paper[2][inside],
                () if column >= margin + plane.width => paper[3][inside],
                () => plane.values[inside * plane.width + across],
            });
        }
    }
    Plane { width, height, values }
}

/// The pixels of a side that are paper, some way off its ink, whose borders are grey.
fn paper_of(ink: &[bool]) -> Vec<bool> {
    let halo = 1 + ink.len() / HALO;
    let near = |at: usize| at.saturating_sub(halo)..(at + halo + 1).min(ink.len());
    (0..ink.len()).map(|at| !ink[near(at)].contains(&true)).collect()
}

/// The width of ink's grey borders is one pixel more than a side's length over this.
const HALO: usize = 24;

/// The paper's brightness along a side: the median of what is near each of a few places, and straight lines between these; `usual`
/// where no paper is near.
fn along(values: &[f32], is_paper: &[bool], usual: f32) -> Vec<f32> {
    let last = values.len() - 1;
    let reach = last.div_ceil(4);
    let places: [f32; PLACES] = std::array::from_fn(|place| {
        let at = place * last / (PLACES - 1);
        let near = at.saturating_sub(reach)..(at + reach + 1).min(values.len());
        let mut paper: Vec<f32> = near.filter(|&at| is_paper[at]).map(|at| values[at]).collect();
        median(&mut paper, f32::total_cmp).unwrap_or(usual)
    });
    let between = |at: usize| {
        let place = at as f32 * (PLACES - 1) as f32 / last as f32;
        let before = (place as usize).min(PLACES - 2);
        places[before] + (place - before as f32) * (places[before + 1] - places[before])
    };
    (0..values.len()).map(between).collect()
}

/// How many places.
const PLACES: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper of brightness 0.8 with ink of 0.1 where `is_ink` says so.
    fn picture(width: usize, height: usize, is_ink: impl Fn(usize, usize) -> bool) -> WorkingPlanes {
        let ink = |at: usize| if is_ink(at % width, at / width) { 0.1 } else { 0.8 };
        let values = (0..width * height).map(ink).collect();
        WorkingPlanes { planes: vec![Plane { width, height, values }], block: 1 }
    }

    #[test]
    fn paper_is_continued_around_a_digit_that_reaches_the_sides() {
        let seven = picture(20, 30, |column, row| row < 4 && column > 1 || (12..16).contains(&column));
        let found = WithMargin::of(&seven, false).unwrap();
        let plane = &found.working.planes[0];
        assert_eq!((plane.width, plane.height), (20 + 18, 30 + 18));
        let inside = Bounds { left: 9, top: 9, right: 29, bottom: 39 };
        assert_eq!(plane.cut(&inside).values, seven.planes[0].values);
        let around = plane.values.iter().filter(|value| (**value - 0.8).abs() < 1e-6).count();
        let paper = seven.planes[0].values.iter().filter(|value| **value == 0.8).count();
        assert_eq!(around, 38 * 48 - 20 * 30 + paper);
        assert_eq!(found.inside(&inside), Bounds { left: 0, top: 0, right: 20, bottom: 30 });
        assert_eq!(found.inside(&Bounds { left: 7, top: 12, right: 30, bottom: 20 }).top, 3);
    }

    #[test]
    fn a_picture_is_cut_to_what_spans_it_from_every_side_that_it_comes_near() {
        let is_cut_to = |left: usize, top: usize, width: usize, height: usize| {
            is_cut_to(200, 300, &Bounds { left, top, right: left + width, bottom: top + height })
        };
        assert!(is_cut_to(0, 0, 200, 300) && is_cut_to(10, 4, 180, 290));
        assert!(is_cut_to(80, 0, 30, 300), "a 1 on a broad picture");
        assert!(is_cut_to(60, 100, 50, 80), "away from all sides");
        assert!(!is_cut_to(0, 0, 90, 300), "a shadow along the left side");
        assert!(!is_cut_to(80, 200, 50, 100), "a stroke that goes on below");
    }

    #[test]
    fn a_margin_is_as_bright_as_the_paper_beside_it() {
        let mut shaded = picture(40, 40, |column, _| (18..22).contains(&column));
        let plane = &mut shaded.planes[0];
        *plane = plane.map(|column, _, value| value * (0.9 + 0.1 * column as f32 / 39.0));
        let found = WithMargin::of(&shaded, false).unwrap();
        let plane = &found.working.planes[0];
        let at = |column: usize, row: usize| plane.values[row * plane.width + column];
        assert!((at(0, 30) - 0.72).abs() < 1e-3 && (at(plane.width - 1, 30) - 0.8).abs() < 1e-3);
        assert!((at(12 + 5, 2) - at(12 + 5, 12)).abs() < 0.02, "{} beside {}", at(17, 2), at(17, 12));
        assert!(at(12 + 20, 2) > 0.7, "where ink reaches the side, the paper around it");
    }

    #[test]
    fn what_is_no_ink_on_paper_or_reaches_no_side_has_no_margin() {
        let none = |picture: WorkingPlanes| WithMargin::of(&picture, false).is_none();
        assert!(
            none(picture(30, 30, |column, row| (10..14).contains(&column) && (5..25).contains(&row))),
            "a stroke inside"
        );
        assert!(none(picture(30, 30, |_, _| false)), "blank paper");
        assert!(none(picture(30, 30, |column, _| column < 4)), "a table's edge");
        assert!(none(picture(30, 30, |column, row| column < 4 || row < 4)), "two edges of a table");
        assert!(none(picture(30, 30, |column, row| column + row < 12)), "a corner of a table");
        assert!(none(picture(30, 30, |column, row| 29 - column + row < 12)), "another corner");
        assert!(none(picture(30, 30, |column, row| column % 29 == 0 || row % 29 == 0)), "a frame");
        assert!(none(picture(40, 40, |_, row| row % 8 < 2)), "ruled lines");
        let noise = |column: usize, row: usize| (column * 7 + row * 13) % 11;
        let mut texture = picture(30, 30, |_, _| false);
        texture.planes[0] = texture.planes[0].map(|column, row, _| noise(column, row) as f32 / 10.0);
        assert!(none(texture), "a texture");
        // A 7 may fill its upper side, and a small scan is so coarse that anything may be near a side.
        assert!(!none(picture(30, 30, |column, row| row < 4 || (15..19).contains(&column))));
        let inside = picture(12, 12, |column, row| (5..7).contains(&column) && (2..10).contains(&row));
        assert!(WithMargin::of(&inside, false).is_none() && WithMargin::of(&inside, true).is_some());
    }
}
