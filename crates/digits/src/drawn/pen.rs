//! A hand with a pen: how glyphs of unit size come onto the sheet.

use super::canvas::{Canvas, Point, SHEET};
use super::random::Random;

/// Points that a curve gets between two of its own.
const CURVE_STEPS: usize = 6;

/// How often glyphs are upright and even.
const PRINTED_CHANCE: f32 = 0.25;

/// Where and how a glyph is drawn. Glyphs have their own units: 0 to 8 across and down.
#[derive(Debug, Clone)]
pub(super) struct Pen {
    /// Middle of the glyph on the sheet.
    centre: Point,
    /// From an offset from the glyph's middle, in its units, to pixels: [xx, xy, yx, yy].
    matrix: [f32; 4],
    /// Half of the stroke's width, in pixels.
    pub radius: f32,
    /// How far points go astray, in the glyph's units.
    unsteady: f32,
}

impl Pen {
    /// A hand of its own slant, size and pen, for one glyph in the middle of the sheet.
    pub fn any(random: &mut Random) -> Self {
        let height = random.within(0.5, 0.78) * SHEET as f32;
        Self::sized(random, [SHEET as f32 / 2.0; 2], height)
    }

    /// The same for a glyph of this height, in pixels, around `centre`.
    pub fn sized(random: &mut Random, centre: Point, height: f32) -> Self {
        let unit = height / 8.0;
        // Some write as if printed: upright, with a steady hand.
        let hand = if random.chance(PRINTED_CHANCE) { 0.1 } else { 1.0 };
        let (sine, cosine) = (hand * random.about(0.2)).sin_cos();
        let (wide, slant) = (random.within(-0.55, 0.3).exp(), hand * random.about(0.25));
        let matrix = [cosine * unit * wide, (-sine - slant) * unit, sine * unit * wide, cosine * unit];
        let radius = (height * random.within(0.03, 0.085)).max(0.8);
        Self { centre, matrix, radius, unsteady: hand * random.within(0.0, 0.35) }
    }

    /// A point of the glyph, on the sheet.
    pub fn at(&self, [x, y]: Point, random: &mut Random) -> Point {
        let (x, y) = (x - 4.0 + random.about(self.unsteady), y - 4.0 + random.about(self.unsteady));
        let [xx, xy, yx, yy] = self.matrix;
        [self.centre[0] + xx * x + xy * y, self.centre[1] + yx * x + yy * y]
    }

    /// All points of the glyph, on the sheet.
    pub fn points(&self, points: &[Point], random: &mut Random) -> Vec<Point> {
        points.iter().map(|&point| self.at(point, random)).collect()
    }

    /// Draws straight strokes from point to point.
    pub fn straight(&self, canvas: &mut Canvas, points: &[Point], random: &mut Random) {
        canvas.stroke(&self.points(points, random), self.radius);
    }

    /// Draws a smooth curve through all points.
    pub fn curve(&self, canvas: &mut Canvas, points: &[Point], random: &mut Random) {
        canvas.stroke(&smooth(&self.points(points, random)), self.radius);
    }

    /// Draws an ellipse.
    pub fn ellipse(&self, canvas: &mut Canvas, [x, y]: Point, [wide, high]: [f32; 2], random: &mut Random) {
        let around = |step: usize| {
            let (sine, cosine) = (step as f32 / 12.0 * std::f32::consts::TAU).sin_cos();
            [x + wide * cosine, y + high * sine]
        };
        self.curve(canvas, &(0..=12).map(around).collect::<Vec<_>>(), random);
    }

    /// Draws a glyph: strokes apart by `|`, points as two digits, curves behind `~`.
    pub fn glyph(&self, canvas: &mut Canvas, glyph: &str, random: &mut Random) {
        for stroke in glyph.split('|') {
            let points: Vec<Point> = stroke.trim_start_matches('~').split_whitespace().filter_map(point).collect();
            if stroke.starts_with('~') {
                self.curve(canvas, &points, random);
            } else {
                self.straight(canvas, &points, random);
            }
        }
    }
}

fn point(digits: &str) -> Option<Point> {
    let mut digits = digits.chars().map(|digit| digit.to_digit(10).map(|digit| digit as f32));
    Some([digits.next()??, digits.next()??])
}

/// Points on the Catmull-Rom spline through `points`.
pub(super) fn smooth(points: &[Point]) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let mut curve = Vec::with_capacity(CURVE_STEPS * points.len());
    for start in 0..last {
        let near = [start.saturating_sub(1), start, start + 1, (start + 2).min(last)].map(|at| points[at]);
        for step in 0..CURVE_STEPS {
            let t = step as f32 / CURVE_STEPS as f32;
            let along = |axis: usize| {
                let [a, b, c, d] = near.map(|point| point[axis]);
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            curve.push([along(0), along(1)]);
        }
    }
    curve.extend(points.last());
    curve
}
