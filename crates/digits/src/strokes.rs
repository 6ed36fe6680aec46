//! Which of the ink is the digit: connected strokes kept, specks, far marks and page edges dropped.

use crate::bounds::Bounds;
use crate::ink::{InkMap, NOISE_DEVIATIONS};
use crate::plane::Plane;

mod widen;

pub(crate) use widen::widen;

/// Fraction of full ink at which a stroke ends. Blurred edges pass half of full ink where the sharp edge was; a third also
/// keeps the grey pixels that make up a small picture's thin strokes.
const STROKE_EDGE: f32 = 0.3;

/// A stroke has full ink somewhere; a smudge that never reaches half of it is dropped.
const STROKE_PEAK: f32 = 0.5;

/// Ink of a speck, as a fraction of the largest stroke's. The detached bar of a 5 has a tenth and more.
const SPECK: f32 = 0.03;

/// Gap between the digit's box and a detached stroke of it, at most, as a fraction of the box's longer side.
const FAR: f32 = 0.5;

/// A component along at least half of one side of the picture is the table beside the page or a scanner's shadow, if
/// another component off the border has at least this fraction of its ink.
const PAGE_EDGE_RIVAL: f32 = 0.1;

/// Fewest pixels along the digit's longer side: the smallest pixel fonts have five.
pub(crate) const LEAST_SIDE: usize = 5;

/// The largest strokes of an ink map.
pub(crate) struct Strokes {
    /// The digit's ink alone.
    pub ink: Plane,
    /// Its tight box.
    pub bounds: Bounds,
    /// Whether there is nothing else in the picture that could be the digit, or be taken for a part of it.
    pub alone: bool,
    /// Whether all of it ends within the picture, or touches its border at most where a stroke ends.
    pub within: bool,
}

/// Specks on clean paper, at most.
const MOST_SPECKS: usize = 25;

/// A digit at the picture's border touches less than this fraction of a side.
const TOUCHED: f32 = 0.2;

/// The digit's ink alone and its tight box, or `None` when no stroke is large enough to be read.
pub(crate) fn digit(map: &InkMap) -> Option<Strokes> {
    let edge = STROKE_EDGE.max(NOISE_DEVIATIONS * map.noise);
    let (labels, mut components) = label(&map.ink, edge);
    drop_page_edges(&mut components, map.ink.width, map.ink.height);
    let bounds = choose(&mut components)?;
    if bounds.longer_side() < LEAST_SIDE {
        return None;
    }
    let ink = kept_ink(map, &labels, &components, &bounds);
    let alone = is_alone(&components);
    let within = components.iter().all(|component| !component.kept || component.fits_in(&map.ink));
    Some(Strokes { ink, bounds, alone, within })
}

/// The ink of the kept components, all of which lie in `bounds`, with their faint edges; 0 elsewhere.
fn kept_ink(map: &InkMap, labels: &[u32], components: &[Component], bounds: &Bounds) -> Plane {
    let (width, height) = (map.ink.width, map.ink.height);
    // Faint edges belong to the stroke that they surround: two of the twenty pixels that the digit will be high.
    let reach = bounds.longer_side().div_ceil(10);
    let window = bounds.widened(reach, width, height);
    let (columns, rows) = (window.right - window.left, window.bottom - window.top);
    let is_kept = |label: u32| label > 0 && components[label as usize - 1].kept;
    let mut mask = Vec::with_capacity(columns * rows);
    for row in window.top..window.bottom {
        mask.extend(labels[row * width + window.left..][..columns].iter().map(|&label| is_kept(label)));
    }
    let near = widen(&mask, columns, rows, reach);
    let gate = 3.0 * map.noise;
    let mut values = vec![0.0; map.ink.values.len()];
    for (row, near) in (window.top..window.bottom).zip(near.chunks_exact(columns)) {
        let start = row * width + window.left;
        let pixels = values[start..][..columns].iter_mut().zip(&map.ink.values[start..][..columns]);
        for ((kept, &value), &near) in pixels.zip(near) {
            if near && value > gate {
                *kept = value;
            }
        }
    }
    Plane { width, height, values }
}

fn is_alone(components: &[Component]) -> bool {
    let largest = components.iter().filter(|component| component.kept).max_by(|a, b| a.ink.total_cmp(&b.ink));
    let Some(main) = largest else { return false };
    components.len() <= MOST_SPECKS
        && components.iter().all(|component| match component.kept {
            true => component.ink == main.ink || component.is_part_of(main),
            false => component.ink <= SPECK * main.ink,
        })
}

/// One connected piece of ink.
#[derive(Debug)]
struct Component {
    bounds: Bounds,
    ink: f32,
    peak: f32,
    /// Pixels on the picture's left, top, right and bottom border.
    on_border: [usize; 4],
    kept: bool,
}

/// Labels 8-connected pixels above `edge`: 0 for none, else the component's index plus 1.
fn label(ink: &Plane, edge: f32) -> (Vec<u32>, Vec<Component>) {
    let mut labels = vec![0; ink.values.len()];
    let mut components = Vec::new();
    let mut open = Vec::new();
    for start in 0..labels.len() {
        if ink.values[start] <= edge || labels[start] != 0 {
            continue;
        }
        let label = components.len() as u32 + 1;
        labels[start] = label;
        open.push(start);
        let (column, row) = (start % ink.width, start / ink.width);
        let mut component = Component {
            bounds: Bounds { left: column, top: row, right: column, bottom: row },
            ink: 0.0,
            peak: 0.0,
            on_border: [0; 4],
            kept: false,
        };
        while let Some(at) = open.pop() {
            component.add(ink, at);
            open_around(ink, edge, at, label, &mut labels, &mut open);
        }
        components.push(component);
    }
    (labels, components)
}

/// Labels the pixels around one that are above `edge` and have no label, and opens them.
fn open_around(ink: &Plane, edge: f32, at: usize, label: u32, labels: &mut [u32], open: &mut Vec<usize>) {
    let (width, column, row) = (ink.width, at % ink.width, at / ink.width);
    for row in row.saturating_sub(1)..(row + 2).min(ink.height) {
        let around = row * width + column.saturating_sub(1)..row * width + (column + 2).min(width);
        for (next, known) in around.clone().zip(&mut labels[around]) {
            if *known == 0 && ink.values[next] > edge {
                *known = label;
                open.push(next);
            }
        }
    }
}

impl Component {
    fn add(&mut self, ink: &Plane, at: usize) {
        let (column, row, value) = (at % ink.width, at / ink.width, ink.values[at]);
        self.bounds = self.bounds.union(&Bounds { left: column, top: row, right: column + 1, bottom: row + 1 });
        self.ink += value;
        if value > self.peak {
            self.peak = value;
        }
        let sides = [column == 0, row == 0, column + 1 == ink.width, row + 1 == ink.height];
        self.on_border.iter_mut().zip(sides).for_each(|(count, on)| *count += usize::from(on));
    }

    /// Whether it touches the picture's border at most where a stroke ends, and not from side to side.
    fn fits_in(&self, ink: &Plane) -> bool {
        let [left, top, right, bottom] = self.on_border;
        let across = (left > 0 && right > 0) || (top > 0 && bottom > 0);
        let along = left.max(right) as f32 >= TOUCHED * ink.height as f32
            || top.max(bottom) as f32 >= TOUCHED * ink.width as f32;
        !across && !along
    }

    /// Whether it is plainly a stroke of the other's digit: over or under it for the most part, and neither inside it nor, as
    /// a box or a circle, around it.
    fn is_part_of(&self, main: &Self) -> bool {
        let (own, main) = (&self.bounds, &main.bounds);
        let common = own.right.min(main.right).saturating_sub(own.left.max(main.left));
        2 * common > own.right - own.left && !own.is_within(main) && !main.is_within(own)
    }

    fn lies_along_a_side(&self, width: usize, height: usize) -> bool {
        let [left, top, right, bottom] = self.on_border;
        2 * left.max(right) >= height || 2 * top.max(bottom) >= width
    }
}

fn drop_page_edges(components: &mut Vec<Component>, width: usize, height: usize) {
    let inside = components.iter().filter(|component| component.on_border == [0; 4]);
    let rival = inside.map(|component| component.ink).fold(0.0, f32::max);
    for component in components {
        let page_edge = component.lies_along_a_side(width, height) && rival >= PAGE_EDGE_RIVAL * component.ink;
        if page_edge {
            component.peak = 0.0;
        }
    }
}

/// Marks the largest stroke and all that belong to it; their common box.
fn choose(components: &mut [Component]) -> Option<Bounds> {
    let strokes = components.iter_mut().filter(|component| component.peak >= STROKE_PEAK);
    let largest = strokes.max_by(|a, b| a.ink.total_cmp(&b.ink))?;
    largest.kept = true;
    let (mut bounds, speck) = (largest.bounds, SPECK * largest.ink);
    let far = (FAR * bounds.longer_side() as f32) as usize;
    // Each stroke found may bring a further one within reach.
    loop {
        let found = components.iter_mut().find(|component| {
            !component.kept
                && component.peak >= STROKE_PEAK
                && component.ink > speck
                && component.bounds.gap(&bounds) <= far
        });
        let Some(component) = found else { return Some(bounds) };
        component.kept = true;
        bounds = bounds.union(&component.bounds);
    }
}

#[cfg(test)]
mod tests;
