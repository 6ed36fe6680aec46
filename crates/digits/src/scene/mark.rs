//! What is on a sheet besides digits: frames, rings, dots.

use super::paper::{Colour, covered};

/// A shape on the sheet.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// What it looks like.
    pub shape: Shape,
    /// Its middle, in millimetres.
    pub at: [f32; 2],
    /// Its colour.
    pub colour: Colour,
    /// How much of the paper it hides.
    pub opacity: f32,
}

/// Forms of marks, in millimetres.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Outline of a rectangle: half of its sides, and the line's width.
    Frame([f32; 2], f32),
    /// Outline of an ellipse: half of its axes, and the line's width.
    Ring([f32; 2], f32),
    /// A filled circle.
    Dot(f32),
    /// A filled ellipse, for a comma or a smudge.
    Oval([f32; 2]),
}

impl Mark {
    /// Fraction of a pixel that it covers.
    pub fn covers(&self, [x, y]: [f32; 2], pixel: f32) -> f32 {
        let (x, y) = (x - self.at[0], y - self.at[1]);
        let share = match self.shape {
            Shape::Frame([wide, high], line) => {
                let (across, down) = (x.abs() - wide, y.abs() - high);
                covered(across.max(down).abs(), line, pixel)
            }
            Shape::Ring(axes, line) => covered(ellipse(x, y, axes).abs(), line, pixel),
            Shape::Dot(radius) => (0.5 + (radius - x.hypot(y)) / pixel).clamp(0.0, 1.0),
            Shape::Oval(axes) => (0.5 - ellipse(x, y, axes) / pixel).clamp(0.0, 1.0),
        };
        self.opacity * share
    }
}

/// Distance from an ellipse, about; below 0 inside.
fn ellipse(x: f32, y: f32, [wide, high]: [f32; 2]) -> f32 {
    let out = (x / wide).hypot(y / high);
    let slope = ((x / (wide * wide)).hypot(y / (high * high)) / out.max(1e-3)).max(1e-3);
    (out - 1.0) / slope
}
