//! Connected pieces of ink, and the measures that tell a digit from a line, a frame, a speck or a texture.

use crate::bounds::Bounds;
use crate::plane::Plane;

/// All pieces of an ink map.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    /// For each pixel the piece's index plus 1, 0 for none.
    pub labels: Vec<u32>,
    pub all: Vec<Piece>,
}

/// One 8-connected piece.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub bounds: Bounds,
    /// Pixels.
    pub area: f32,
    /// Sides of pixels between ink and paper.
    pub perimeter: f32,
    /// Contrast of its full ink: the 80th percentile.
    pub level: f32,
    /// Whether it reaches the picture's left, top, right and bottom border.
    pub on_border: [bool; 4],
}

impl Piece {
    /// Mean width of its strokes, in pixels: a stroke of width w and length l has w * l pixels and 2 (w + l) sides.
    pub fn stroke(&self) -> f32 {
        let half = self.perimeter / 4.0;
        // Sides along a slanted stroke are longer than the stroke, by 1.27 over all directions.
        let half = half / 1.13;
        half - (half * half - self.area.min(half * half)).sqrt()
    }

    /// Longer side of its box, in pixels.
    pub fn side(&self) -> f32 {
        self.bounds.longer_side() as f32
    }

    /// Its strokes' length, in sides of its box: 1 for a 1, 3.5 for an 8, much more for text.
    pub fn strokes_in_sides(&self) -> f32 {
        self.area / self.stroke().max(1.0) / self.side()
    }

    /// Whether it lies inside another's box and the other is thin, as a digit in a box or in a circle.
    pub fn is_framed_by(&self, frame: &Self) -> bool {
        let (inner, outer) = (&self.bounds, &frame.bounds);
        let gap = (0.03 * frame.side()).max(1.0) as usize;
        let inside = inner.left > outer.left + gap
            && inner.top > outer.top + gap
            && inner.right + gap < outer.right
            && inner.bottom + gap < outer.bottom;
        let large = inner.bottom - inner.top >= (outer.bottom - outer.top) / 5;
        inside && large && frame.area < 0.3 * frame.bounds.area() && self.side() < 0.93 * frame.side()
    }
}

/// Labels pixels above `edge`; pieces of fewer than `least` pixels are no pieces.
pub(crate) fn pieces(ink: &Plane, edge: f32, least: usize) -> Pieces {
    let mut labels = vec![0u32; ink.values.len()];
    let mut all = Vec::new();
    let mut members: Vec<usize> = Vec::new();
    const DROPPED: u32 = u32::MAX;
    for start in 0..labels.len() {
        if labels[start] != 0 || ink.values[start] <= edge {
            continue;
        }
        members.clear();
        let label = all.len() as u32 + 1;
        flood(ink, edge, start, label, &mut labels, &mut members);
        if members.len() < least {
            members.iter().for_each(|&at| labels[at] = DROPPED);
        } else {
            all.push(measured(ink, edge, &members));
        }
    }
    labels.iter_mut().filter(|label| **label == DROPPED).for_each(|label| *label = 0);
    Pieces { labels, all }
}

fn flood(ink: &Plane, edge: f32, start: usize, label: u32, labels: &mut [u32], members: &mut Vec<usize>) {
    let (width, height) = (ink.width, ink.height);
    labels[start] = label;
    members.push(start);
    let mut done = 0;
    while let Some(&at) = members.get(done) {
        done += 1;
        let (column, row) = (at % width, at / width);
        for row in row.saturating_sub(1)..(row + 2).min(height) {
            let around = row * width + column.saturating_sub(1)..row * width + (column + 2).min(width);
            for (next, known) in around.clone().zip(&mut labels[around]) {
                if *known == 0 && ink.values[next] > edge {
                    *known = label;
                    members.push(next);
                }
            }
        }
    }
}

/// Measures a piece of the given pixels, at least one.
pub(crate) fn measured(ink: &Plane, edge: f32, members: &[usize]) -> Piece {
    let (width, height) = (ink.width, ink.height);
    let mut bounds = Bounds { left: width, top: height, right: 0, bottom: 0 };
    let mut sides = 0;
    for &at in members {
        let (column, row) = (at % width, at / width);
        bounds = bounds.union(&Bounds { left: column, top: row, right: column + 1, bottom: row + 1 });
        let open = |inside: bool, next: usize| !inside || ink.values[next] <= edge;
        sides += usize::from(open(column > 0, at.saturating_sub(1)));
        sides += usize::from(open(column + 1 < width, (at + 1).min(ink.values.len() - 1)));
        sides += usize::from(open(row > 0, at.saturating_sub(width)));
        sides += usize::from(open(row + 1 < height, (at + width).min(ink.values.len() - 1)));
    }
    let step = members.len() / 2_000 + 1;
    let mut values: Vec<f32> = members.iter().step_by(step).map(|&at| ink.values[at]).collect();
    let at = values.len() * 4 / 5;
    let level = *values.select_nth_unstable_by(at, f32::total_cmp).1;
    let on_border = [bounds.left == 0, bounds.top == 0, bounds.right == width, bounds.bottom == height];
    Piece { bounds, area: members.len() as f32, perimeter: sides as f32, level, on_border }
}
