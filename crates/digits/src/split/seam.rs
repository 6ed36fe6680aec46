//! Where to cut two digits that touch: along the straight, slanted line that crosses the least ink.

use crate::pieces::{Pieces, measured};
use crate::plane::Plane;

/// Leans tried, in columns a row, left and right.
const STEEPEST: f32 = 0.7;
const LEANS: i32 = 14;

/// A cut is in this middle fraction of the piece.
const MIDDLE: f32 = 0.56;

/// Each part has at least this fraction of the ink, and of the height.
const LEAST_PART: f32 = 0.2;
const LEAST_HEIGHT: f32 = 0.65;

/// A piece no wider than this, in heights, is two digits only where the line crosses a single stroke.
const WIDE: f32 = 1.15;
const ONE_STROKE: f32 = 1.6;

/// Cuts a piece in two and gives the number of the new one, the right part; `None` when no line leaves two parts that
/// could be digits.
pub(super) fn cut(ink: &Plane, edge: f32, pieces: &mut Pieces, number: usize) -> Option<usize> {
    let label = number as u32 + 1;
    let bounds = pieces.all[number].bounds;
    let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    let members: Vec<(f32, f32)> = (0..width * height)
        .map(|at| (bounds.left + at % width, bounds.top + at / width))
        .filter(|&(column, row)| pieces.labels[row * ink.width + column] == label)
        .map(|(column, row)| ((column - bounds.left) as f32, (row - bounds.top) as f32 - height as f32 / 2.0))
        .collect();
    let (lean, at, crossed) = least_crossing(&members, width, pieces.all[number].stroke())?;
    if (width as f32) < WIDE * height as f32 && crossed > ONE_STROKE {
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
fn least_crossing(members: &[(f32, f32)], width: usize, stroke: f32) -> Option<(f32, f32, f32)> {
    let mut best: Option<(f32, (f32, f32, f32))> = None;
    for step in -LEANS..=LEANS {
        let lean = STEEPEST * step as f32 / LEANS as f32;
        let mut across = vec![0.0f32; 3 * width];
        for (column, row) in members {
            across[(column - lean * row + width as f32) as usize] += 1.0;
        }
        let mut before = 0.0;
        for (at, &count) in across.iter().enumerate() {
            before += count;
            let place = at as f32 - width as f32;
            let off = (place / width as f32 - 0.5).abs();
            let part = before.min(members.len() as f32 - before) / members.len() as f32;
            if 2.0 * off > MIDDLE || part < LEAST_PART {
                continue;
            }
            let cost = count / stroke.max(1.0) + 2.0 * off + 0.4 * lean.abs() + 1.5 * (0.5 - part);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, (lean, place, count / stroke.max(1.0))));
            }
        }
    }
    best.map(|(_, line)| line)
}
