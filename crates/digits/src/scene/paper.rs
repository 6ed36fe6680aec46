//! Sheets: their colour, and what is printed on them.

/// Red, green and blue, 0 to 1.
pub type Colour = [f32; 3];

/// What is printed on a sheet, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ruling {
    /// Nothing.
    Plain,
    /// Lines from left to right.
    Lined,
    /// Lines both ways.
    Squared,
    /// A dot at each crossing.
    Dotted,
    /// Lines both ways, every fifth a little and every tenth more distinct.
    Millimetre,
}

/// A sheet.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// Its colour.
    pub colour: Colour,
    /// What is printed on it.
    pub ruling: Ruling,
    /// Millimetres from line to line.
    pub pitch: f32,
    /// Millimetres that a line is wide; a dot is two and a half times as wide.
    pub thickness: f32,
    /// Colour of the lines.
    pub line: Colour,
    /// How much of a line's colour is on the paper, 0 to 1.
    pub strength: f32,
    /// Where lines begin, in millimetres.
    pub phase: [f32; 2],
    /// Place and colour of a margin's line from top to bottom.
    pub margin: Option<(f32, Colour)>,
    /// How uneven the paper itself is.
    pub grain: f32,
}

impl Paper {
    /// A plain white sheet.
    pub fn plain() -> Self {
        Self {
            colour: [0.95, 0.95, 0.94],
            ruling: Ruling::Plain,
            pitch: 5.0,
            thickness: 0.2,
            line: [0.5, 0.6, 0.8],
            strength: 0.8,
            phase: [0.0, 0.0],
            margin: None,
            grain: 0.006,
        }
    }

    /// The sheet's colour at a place, where a pixel is `pixel` millimetres wide.
    pub fn at(&self, x: f32, y: f32, pixel: f32) -> Colour {
        let printed = self.strength * self.printed(x, y, pixel);
        let mut colour = mixed(self.colour, self.line, printed);
        if let Some((place, line)) = self.margin {
            colour = mixed(colour, line, 0.8 * covered((x - place).abs(), 1.3 * self.thickness, pixel));
        }
        colour
    }

    /// Fraction of print in a pixel.
    fn printed(&self, x: f32, y: f32, pixel: f32) -> f32 {
        let [x, y] = [x - self.phase[0], y - self.phase[1]];
        let away = |value: f32, pitch: f32| (value - (value / pitch).round() * pitch).abs();
        let line = |value: f32, pitch: f32| covered(away(value, pitch), self.thickness, pixel);
        match self.ruling {
            Ruling::Plain => 0.0,
            Ruling::Lined => line(y, self.pitch),
            Ruling::Squared => line(x, self.pitch).max(line(y, self.pitch)),
            Ruling::Dotted => covered(away(x, self.pitch).hypot(away(y, self.pitch)), 2.5 * self.thickness, pixel),
            Ruling::Millimetre => {
                let both = |pitch: f32| line(x, pitch).max(line(y, pitch));
                (0.45 * both(1.0)).max(0.7 * both(5.0)).max(both(10.0))
            }
        }
    }
}

/// Fraction of a pixel that a line covers whose middle is `away` from the pixel's.
pub fn covered(away: f32, thickness: f32, pixel: f32) -> f32 {
    let overlap = (thickness + pixel) / 2.0 - away;
    (overlap.min(thickness) / pixel).clamp(0.0, 1.0)
}

/// Between two colours.
pub fn mixed(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * share)
}
