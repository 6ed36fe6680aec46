//! The edges of sheets and shadows, which look like strokes: the line between two brightnesses.

use crate::bounds::Bounds;
use crate::pieces::Pieces;
use crate::plane::Plane;

/// What lies on the two sides of an edge differs by this fraction of the contrast of what is taken for a stroke.
const EDGE: f32 = 0.6;

/// Whether a piece is no stroke on paper but the line between two brightnesses, as a sheet's edge is on a table: what lies on its
/// two sides differs nearly as much as the piece does from either.
pub(crate) fn is_an_edge(pieces: &Pieces, number: usize, luma: &Plane) -> bool {
    let piece = &pieces.all[number];
    let Bounds { left, top, right, bottom } = piece.bounds;
    let label = number as u32 + 1;
    let away = piece.stroke().max(2.0) as usize;
    let upright = bottom - top >= right - left;
    let (lines, along) = if upright { (top..bottom, left..right) } else { (left..right, top..bottom) };
    let at = |line: usize, place: usize| {
        if upright { line * luma.width + place } else { place * luma.width + line }
    };
    let last = if upright { luma.width } else { luma.height } - 1;
    // Sums of brightness before, in and behind the piece, and the number of lines.
    let mut sums = [0.0f32; 3];
    let mut count = 0.0;
    for line in lines {
        let mut members = along.clone().filter(|&place| pieces.labels[at(line, place)] == label);
        let Some(first) = members.next() else { continue };
        let end = members.next_back().unwrap_or(first);
        if first < away || end + away > last {
            continue;
        }
        let places = [first - away, (first + end) / 2, end + away];
        sums.iter_mut().zip(places).for_each(|(sum, place)| *sum += luma.values[at(line, place)]);
        count += 1.0;
    }
    let [before, within, behind] = sums.map(|sum| sum / f32::max(count, 1.0));
    (before - behind).abs() > EDGE * (within - before).abs().max((within - behind).abs())
}
