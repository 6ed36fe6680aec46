//! Where to cut two digits that touch: along the straight, slanted line that crosses the least ink.

use crate::pieces::{Pieces, measured};
use crate::plane::Plane;

/// Leans tried, in columns a row, left and right.
const STEEPEST: f32 = 0.7;
const LEANS: i32 = 14;

/// Each part has at least this fraction of the ink, and of the height.
const LEAST_PART: f32 = 0.2;
const LEAST_HEIGHT: f32 = 0.65;

/// A piece no wider than this, in heights, is two digits only where the line crosses a single stroke.
const WIDE: f32 = 1.15;

/// Where a line may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// A cut is in this middle fraction of the piece.
    middle: f32,
    /// What a line at the end of the piece costs beside one in its middle, in strokes crossed.
    off: f32,
    /// Strokes that it crosses at most, of a piece that is not wide.
    crossed: f32,
}

impl Limits {
    /// For what is surely two digits.
    pub const SURE: Self = Self { middle: 0.56, off: 2.0, crossed: 1.6 };
    /// For what may be two, such as a 1 that touches a 7, if parts that are digits are asked for.
    pub const BOLD: Self = Self { middle: 0.86, off: 0.8, crossed: 2.6 };
}

/// Cuts a piece in two and gives the number of the new one, the right part; `None` when no line leaves two parts that
/// could be digits.
pub(super) fn cut(ink: &Plane, edge: f32, pieces: &mut Pieces, number: usize, limits: Limits) -> Option<usize> {
    let label = number as u32 + 1;
    let bounds = pieces.all[number].bounds;
    let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    let members: Vec<(f32, f32)> = (0..width * height)
        .map(|at| (bounds.left + at % width, bounds.top + at / width))
        .filter(|&(column, row)| pieces.labels[row * ink.width + column] == label)
        .map(|(column, row)| ((column - bounds.left) as f32, (row - bounds.top) as f32 - height as f32 / 2.0))
        .collect();
    let (lean, at, crossed) = least_crossing(&members, width, pieces.all[number].stroke(), limits)?;
    if (width as f32) < WIDE * height as f32 && crossed > limits.crossed {
        return None;
    }
    let second = pieces.all.len() as u32 + 1;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (column, row) in members {
        let place = (bounds.top + (row + height as f32 / 2.0) as usize) * ink.width + bounds.left + column as usize;
        if column - lean * row > at { right.push(place) } else { left.push(place) }
    }
    let rows = |part: &[usize]| {
        let rows = part.iter().map(|place| place / ink.width);
        rows.clone().max().zip(rows.min()).map_or(0.0, |(last, first)| (last - first + 1) as f32)
    };
    if rows(&left).min(rows(&right)) < LEAST_HEIGHT * height as f32 {
        return None;
    }
    right.iter().for_each(|&place| pieces.labels[place] = second);
    pieces.all[number] = measured(ink, edge, &left);
    let new = measured(ink, edge, &right);
    pieces.all.push(new);
    Some(second as usize - 1)
}

/// Lean and column at half height of the line that crosses the least ink, and how many strokes it crosses; a line off the
/// middle is a little worse.
fn least_crossing(members: &[(f32, f32)], width: usize, stroke: f32, limits: Limits) -> Option<(f32, f32, f32)> {
    let mut best: Option<(f32, (f32, f32, f32))> = None;
    let highest = members.iter().map(|(_, row)| row.abs()).fold(0.0, f32::max);
    // Columns beside the piece that a leaning line through its first or last row starts from.
    let reach = (STEEPEST * highest) as usize + 2;
    for step in -LEANS..=LEANS {
        let lean = STEEPEST * step as f32 / LEANS as f32;
        let mut across = vec![0.0f32; width + 2 * reach];
        for (column, row) in members {
            across[(column - lean * row + reach as f32) as usize] += 1.0;
        }
        let mut before = 0.0;
        for (at, &count) in across.iter().enumerate() {
            before += count;
            let place = at as f32 - reach as f32;
            let off = (place / width as f32 - 0.5).abs();
            let part = before.min(members.len() as f32 - before) / members.len() as f32;
            if 2.0 * off > limits.middle || part < LEAST_PART {
                continue;
            }
            let cost = count / stroke.max(1.0) + limits.off * off + 0.4 * lean.abs() + 1.5 * (0.5 - part);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, (lean, place, count / stroke.max(1.0))));
            }
        }
    }
    best.map(|(_, line)| line)
}
