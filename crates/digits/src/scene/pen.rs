//! What a digit is written with.

use super::paper::{Colour, mixed};

/// A pen, or chalk.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    /// Colour of full ink.
    pub colour: Colour,
    /// Width of its stroke, as a fraction of the digit's height.
    pub width: f32,
    /// How much of the paper it hides, 0 to 1.
    pub opacity: f32,
    /// Whether it stains paper, as a highlighter does, and lets print shine through.
    pub stains: bool,
    /// How uneven its stroke is, 0 to 1: a pencil and chalk skip the paper's hollows.
    pub grain: f32,
    /// How ragged its edge is, as a fraction of its width.
    pub ragged: f32,
    /// Width of a grain, in millimetres.
    pub grain_size: f32,
}

impl Pen {
    /// A ballpoint of a colour.
    pub fn ballpoint(colour: Colour, width: f32) -> Self {
        Self { colour, width, opacity: 0.92, stains: false, grain: 0.12, ragged: 0.05, grain_size: 0.3 }
    }

    /// What the surface's colour becomes where the stroke covers a fraction of the pixel.
    pub fn on(&self, surface: Colour, share: f32) -> Colour {
        let ink = if self.stains {
            std::array::from_fn(|channel| surface[channel] * self.colour[channel])
        } else {
            self.colour
        };
        mixed(surface, ink, share * self.opacity)
    }
}
