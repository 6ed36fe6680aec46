//! The sheet that non-digits are drawn on.

use crate::bounds::Bounds;
use crate::framing::frame;
use crate::image::DigitImage;
use crate::plane::Plane;

/// Side of the sheet, in pixels.
pub(super) const SHEET: usize = 96;

/// Ink that counts as part of the drawing's box.
const INK: f32 = 0.3;

/// A point of the sheet: across and down, in pixels.
pub(super) type Point = [f32; 2];

/// Ink on the sheet, 0 to 1, row by row.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub ink: Vec<f32>,
}

impl Canvas {
    /// A blank sheet.
    pub fn blank() -> Self {
        Self { ink: vec![0.0; SHEET * SHEET] }
    }

    /// Ink given by `value(across, down)` at the middle of each pixel.
    pub fn covered(value: impl Fn(f32, f32) -> f32) -> Self {
        let place = |at: usize| ((at % SHEET) as f32 + 0.5, (at / SHEET) as f32 + 0.5);
        let ink = (0..SHEET * SHEET).map(place).map(|(across, down)| value(across, down).clamp(0.0, 1.0));
        Self { ink: ink.collect() }
    }

    /// A stroke through all `points`, with round ends.
    pub fn stroke(&mut self, points: &[Point], radius: f32) {
        if let [point] = points {
            self.disc(*point, radius);
        }
        for ends in points.windows(2) {
            self.segment(ends[0], ends[1], radius);
        }
    }

    /// A filled disc.
    pub fn disc(&mut self, centre: Point, radius: f32) {
        self.segment(centre, centre, radius);
    }

    /// A filled polygon, by the even-odd rule.
    pub fn fill(&mut self, corners: &[Point]) {
        for at in 0..SHEET * SHEET {
            let (x, y) = ((at % SHEET) as f32 + 0.5, (at / SHEET) as f32 + 0.5);
            let edges = corners.iter().zip(corners.iter().cycle().skip(1));
            let crossed = edges
                .filter(|([ax, ay], [bx, by])| (ay > &y) != (by > &y) && x < ax + (y - ay) / (by - ay) * (bx - ax));
            if crossed.count() % 2 == 1 {
                self.ink[at] = 1.0;
            }
        }
    }

    /// Puts `strength` times another sheet's ink on this one.
    pub fn add(&mut self, other: &Self, strength: f32) {
        self.ink.iter_mut().zip(&other.ink).for_each(|(ink, other)| *ink = ink.max(strength * other));
    }

    /// The ink framed as a digit is: its longer side 20 of 28 pixels, its centre of mass in the middle. A sheet without
    /// strong ink is framed as a whole.
    pub fn framed(&self) -> DigitImage {
        let whole = Bounds { left: 0, top: 0, right: SHEET, bottom: SHEET };
        let bounds = self.bounds().filter(|bounds| bounds.longer_side() > 4).unwrap_or(whole);
        let plane = Plane { width: SHEET, height: SHEET, values: self.ink.clone() };
        DigitImage::from_mnist(&frame(&plane, &bounds))
    }

    /// The rectangle that holds all ink; `None` of a blank sheet.
    fn bounds(&self) -> Option<Bounds> {
        let inked = (0..SHEET * SHEET).filter(|&at| self.ink[at] > INK);
        inked
            .map(|at| Bounds { left: at % SHEET, top: at / SHEET, right: at % SHEET + 1, bottom: at / SHEET + 1 })
            .reduce(|a, b| a.union(&b))
    }

    fn segment(&mut self, [ax, ay]: Point, [bx, by]: Point, radius: f32) {
        let reach = radius + 1.0;
        let span = |a: f32, b: f32| {
            let end = |place: f32| place.clamp(0.0, SHEET as f32) as usize;
            end(a.min(b) - reach)..end(a.max(b) + reach + 1.0)
        };
        let (along, down) = (bx - ax, by - ay);
        let length = (along * along + down * down).max(1e-6);
        for row in span(ay, by) {
            for column in span(ax, bx) {
                let (x, y) = (column as f32 + 0.5 - ax, row as f32 + 0.5 - ay);
                let part = ((x * along + y * down) / length).clamp(0.0, 1.0);
                let distance = (x - part * along).hypot(y - part * down);
                let ink = &mut self.ink[row * SHEET + column];
                *ink = ink.max((radius + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }
}
