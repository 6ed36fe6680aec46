//! Light on the sheet.

/// Where it is how bright.
#[derive(Debug, Clone, Copy)]
pub struct Lamp {
    /// Brightness in the middle.
    pub level: f32,
    /// Change of brightness from the middle to the right and to the lower side.
    pub slope: [f32; 2],
    /// Loss of brightness in the corners.
    pub vignette: f32,
    /// Colour of the light.
    pub colour: [f32; 3],
    /// A shadow's edge.
    pub shadow: Option<Shadow>,
    /// A reflection on something shiny: place and radius as fractions of the picture's sides, and strength.
    pub glare: Option<([f32; 2], f32, f32)>,
}

/// A shadow, all on one side of an edge.
#[derive(Debug, Clone, Copy)]
pub struct Shadow {
    /// A point of the edge, as fractions of the picture's sides.
    pub at: [f32; 2],
    /// The edge's direction, in degrees.
    pub degrees: f32,
    /// Width of the edge, as a fraction of the picture's longer side.
    pub softness: f32,
    /// Light that is left in it.
    pub left: f32,
    /// How much the edge is bent, as a hand's is.
    pub bend: f32,
}

impl Lamp {
    /// Even light.
    pub fn even() -> Self {
        Self { level: 0.95, slope: [0.0, 0.0], vignette: 0.0, colour: [1.0; 3], shadow: None, glare: None }
    }

    /// Light at a place, `x` and `y` from 0 to 1; `aspect` is height by width.
    pub fn at(&self, x: f32, y: f32, aspect: f32) -> f32 {
        let [across, down] = [2.0 * x - 1.0, 2.0 * y - 1.0];
        let slope = 1.0 + self.slope[0] * across + self.slope[1] * down;
        let corner = 1.0 - self.vignette * (across * across + down * down) / 2.0;
        let shadow = self.shadow.map_or(1.0, |shadow| shadow.at(x, y, aspect));
        (self.level * slope * corner * shadow).max(0.02)
    }

    /// Light added by a reflection.
    pub fn glare_at(&self, x: f32, y: f32) -> f32 {
        self.glare.map_or(0.0, |([at_x, at_y], radius, strength)| {
            let away = ((x - at_x).powi(2) + (y - at_y).powi(2)) / (radius * radius);
            strength * (-away).exp()
        })
    }
}

impl Shadow {
    fn at(&self, x: f32, y: f32, aspect: f32) -> f32 {
        let (sine, cosine) = self.degrees.to_radians().sin_cos();
        let (x, y) = (x - self.at[0], (y - self.at[1]) * aspect);
        let (along, away) = (cosine * x + sine * y, cosine * y - sine * x);
        let away = (away + self.bend * along * along) / self.softness.max(0.001);
        let inside = (0.5 + away).clamp(0.0, 1.0);
        let inside = inside * inside * (3.0 - 2.0 * inside);
        1.0 - (1.0 - self.left) * inside
    }
}
