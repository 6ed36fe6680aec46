//! Where to cut two digits that touch: along the straight, slanted line that crosses the least ink.

use crate::pieces::{Piece, Pieces, measured};
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
struct Limits {
    /// A cut is in this middle fraction of the piece.
    middle: f32,
    /// What a line at the end of the piece costs beside one in its middle, in strokes crossed.
    off: f32,
    /// Strokes that it crosses at most, of a piece that is not wide.
    crossed: f32,
}

impl Limits {
    /// For what is surely two digits.
    const SURE: Self = Self { middle: 0.56, off: 2.0, crossed: 1.6 };
    /// For what may be two, such as a 1 that touches a 7, if parts that are digits are asked for.
    const BOLD: Self = Self { middle: 0.86, off: 0.8, crossed: 2.6 };
}

/// A line between two digits that touch.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Columns a row.
    lean: f32,
    /// Column at half height.
    at: f32,
    /// Strokes that it crosses.
    crossed: f32,
    /// That, and how far it is off the middle, upright and halves.
    cost: f32,
}

/// Cuts a piece in two along the best line and gives the number of the new one, the right part; `None` when that leaves no two
/// parts that could be digits.
pub(super) fn cut(ink: &Plane, edge: f32, pieces: &mut Pieces, number: usize) -> Option<usize> {
    let members = members(pieces, number, ink.width);
    let lines = lines(&members, &pieces.all[number], Limits::SURE);
    let best = lines.into_iter().reduce(|best, next| if next.cost < best.cost { next } else { best })?;
    cut_along(&best, &members, ink, edge, pieces, number, Limits::SURE)
}

/// Cuts a piece in two along each of the `most` best lines that differ: pieces with the number of the new one.
pub(super) fn cuts(
    ink: &Plane,
    edge: f32,
    pieces: &Pieces,
    number: usize,
    most: usize,
) -> Vec<(Pieces, Option<usize>)> {
    let members = members(pieces, number, ink.width);
    let piece = &pieces.all[number];
    let mut lines = lines(&members, piece, Limits::BOLD);
    lines.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let width = (piece.bounds.right - piece.bounds.left) as f32;
    let is_other = |a: &Line, b: &Line| (a.at - b.at).abs() > OTHER[0] * width || (a.lean - b.lean).abs() > OTHER[1];
    let mut tried: Vec<Line> = Vec::new();
    let mut cut = Vec::new();
    for line in lines {
        if cut.len() == most {
            break;
        }
        if tried.iter().all(|known| is_other(known, &line)) {
            tried.push(line);
            let mut pieces = pieces.clone();
            let second = cut_along(&line, &members, ink, edge, &mut pieces, number, Limits::BOLD);
            cut.extend(second.map(|second| (pieces, Some(second))));
        }
    }
    cut
}

/// Lines differ by this fraction of the piece's width, or by this lean.
const OTHER: [f32; 2] = [0.08, 0.3];

/// Columns and rows of a piece's pixels, from its left end and its middle.
fn members(pieces: &Pieces, number: usize, width: usize) -> Vec<(f32, f32)> {
    let label = number as u32 + 1;
    let bounds = pieces.all[number].bounds;
    let (columns, rows) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    (0..columns * rows)
        .map(|at| (bounds.left + at % columns, bounds.top + at / columns))
        .filter(|&(column, row)| pieces.labels[row * width + column] == label)
        .map(|(column, row)| ((column - bounds.left) as f32, (row - bounds.top) as f32 - rows as f32 / 2.0))
        .collect()
}

/// Cuts a piece in two; `None` when the line leaves no two parts that could be digits.
fn cut_along(
    line: &Line,
    members: &[(f32, f32)],
    ink: &Plane,
    edge: f32,
    pieces: &mut Pieces,
    number: usize,
    limits: Limits,
) -> Option<usize> {
    let bounds = pieces.all[number].bounds;
    let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
    let Line { lean, at, crossed, .. } = *line;
    if (width as f32) < WIDE * height as f32 && crossed > limits.crossed {
        return None;
    }
    let second = pieces.all.len() as u32 + 1;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for &(column, row) in members {
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

/// All lines within limits.
fn lines(members: &[(f32, f32)], piece: &Piece, limits: Limits) -> Vec<Line> {
    let (width, stroke) = (piece.bounds.right - piece.bounds.left, piece.stroke().max(1.0));
    let mut lines = Vec::new();
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
            let at = at as f32 - reach as f32;
            let off = (at / width as f32 - 0.5).abs();
            let part = before.min(members.len() as f32 - before) / members.len() as f32;
            if 2.0 * off <= limits.middle && part >= LEAST_PART {
                let crossed = count / stroke;
                let cost = crossed + limits.off * off + 0.4 * lean.abs() + 1.5 * (0.5 - part);
                lines.push(Line { lean, at, crossed, cost });
            }
        }
    }
    lines
}
