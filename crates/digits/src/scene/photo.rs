//! A photograph of digits on a sheet: everything that is in it, and how it is drawn.

use super::camera::Camera;
use super::dice::Dice;
use super::hand::Hand;
use super::lamp::Lamp;
use super::mark::Mark;
use super::noise::smooth;
use super::paper::{Colour, Paper, mixed};
use super::pen::Pen;
use super::view::View;
use crate::TightBox;

/// A picture in colour.
#[derive(Debug, Clone)]
pub struct Photo {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue and alpha, four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// A digit on the sheet.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its strokes.
    pub hand: Hand,
    /// Its middle, in millimetres from the view's middle.
    pub at: [f32; 2],
    /// Longer side, in millimetres.
    pub height: f32,
    /// Columns that it leans to the right, a row.
    pub lean: f32,
}

/// What lies around the sheet.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its colour.
    pub colour: Colour,
    /// How distinct the grain of its wood is.
    pub grain: f32,
    /// The sheet's edges: direction to the outside in degrees, and distance from the view's middle in millimetres.
    pub edges: Vec<(f32, f32)>,
}

/// Everything in a photograph.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Columns of the picture.
    pub width: usize,
    /// Rows of the picture.
    pub height: usize,
    /// The sheet.
    pub paper: Paper,
    /// What surrounds it; `None` where it fills the picture.
    pub table: Option<Table>,
    /// What is written with.
    pub pen: Pen,
    /// Digits.
    pub written: Vec<Written>,
    /// Anything else on the sheet.
    pub marks: Vec<Mark>,
    /// Where the camera stands.
    pub view: View,
    /// Light.
    pub lamp: Lamp,
    /// The camera.
    pub camera: Camera,
    /// For all that is uneven.
    pub seed: u64,
}

/// Height of the digits of an ordinary scene, in millimetres.
pub const HEIGHT: f32 = 30.0;

impl Setup {
    /// An ordinary photo of digits written on plain paper: `share` of the shorter side high.
    pub fn ordinary(digits: &[&[u8; 784]], dice: &mut Dice) -> Self {
        let (width, height) = dice.one_of(&[(600, 800), (640, 640), (800, 600), (560, 720)]);
        let share = dice.between(0.28, 0.55);
        let ink = dice.one_of(&[[0.08, 0.1, 0.35], [0.1, 0.1, 0.12], [0.05, 0.06, 0.08], [0.12, 0.15, 0.42]]);
        let written =
            digits.iter().map(|digit| Written { hand: Hand::of(digit), at: [0.0, 0.0], height: HEIGHT, lean: 0.0 });
        let mut paper = Paper::plain();
        paper.phase = [dice.between(0.0, 10.0), dice.between(0.0, 10.0)];
        Self {
            width,
            height,
            paper,
            table: None,
            pen: Pen::ballpoint(ink, dice.between(0.045, 0.1)),
            written: written.collect(),
            marks: Vec::new(),
            view: View {
                degrees: dice.between(-5.0, 5.0),
                tilt: [dice.between(-0.05, 0.05), dice.between(-0.05, 0.05)],
                shift: [dice.between(-0.1, 0.1), dice.between(-0.1, 0.1)],
                scale: share * width.min(height) as f32 / HEIGHT,
            },
            lamp: Lamp {
                level: dice.between(0.8, 1.0),
                slope: [dice.between(-0.15, 0.15), dice.between(-0.15, 0.15)],
                vignette: dice.between(0.0, 0.2),
                colour: [1.0, dice.between(0.95, 1.0), dice.between(0.85, 1.0)],
                shadow: None,
                glare: None,
            },
            camera: Camera { blur: 2, noise: dice.between(0.004, 0.015), quality: Some(dice.between(75.0, 95.0)) },
            seed: dice.seed(),
        }
    }

    /// The same in a smaller picture: its sides, and what is measured in its pixels, times `factor`.
    #[must_use]
    pub fn shrunk(mut self, factor: f32) -> Self {
        let shrunk = |side: usize| ((side as f32 * factor).round() as usize).max(1);
        (self.width, self.height) = (shrunk(self.width), shrunk(self.height));
        self.view.scale *= factor;
        self.camera.blur = shrunk(self.camera.blur);
        self
    }

    /// Box of a digit's strokes in the picture, in pixels; `None` where nothing of them is in it.
    pub fn box_of(&self, written: &Written) -> Option<TightBox> {
        let pixel = 1.0 / self.view.scale;
        let is_inked = |at: &usize| {
            let (column, row) = ((at % self.width) as f32 + 0.5, (at / self.width) as f32 + 0.5);
            let place = self.view.place(column, row, self.width, self.height);
            written.covers(place, pixel, &self.pen, self.seed) > 0.5
        };
        let inked: Vec<usize> = (0..self.width * self.height).filter(is_inked).collect();
        let columns = || inked.iter().map(|at| at % self.width);
        let (left, right, top) = (columns().min()?, columns().max()?, inked.first()? / self.width);
        let bottom = inked.last()? / self.width;
        Some(TightBox { left, top, width: right + 1 - left, height: bottom + 1 - top })
    }

    /// Draws it.
    pub fn draw(&self) -> Photo {
        let count = self.width * self.height;
        let mut planes: [Vec<f32>; 3] = std::array::from_fn(|_| Vec::with_capacity(count));
        for at in 0..count {
            let colour = self.pixel(at % self.width, at / self.width);
            planes.iter_mut().zip(colour).for_each(|(plane, value)| plane.push(value));
        }
        let rgba = self.camera.take(planes, self.width, self.seed);
        Photo { width: self.width, height: self.height, rgba }
    }

    fn pixel(&self, column: usize, row: usize) -> Colour {
        let (x, y) = (column as f32 + 0.5, row as f32 + 0.5);
        let place = self.view.place(x, y, self.width, self.height);
        let surface = self.surface(place);
        let (x, y) = (x / self.width as f32, y / self.height as f32);
        let light = self.lamp.at(x, y, self.height as f32 / self.width as f32);
        let glare = self.lamp.glare_at(x, y);
        std::array::from_fn(|channel| surface[channel] * light * self.lamp.colour[channel] + glare)
    }

    /// Colour of the sheet or of the table at a place, in millimetres.
    fn surface(&self, place: [f32; 2]) -> Colour {
        let [x, y] = place;
        let pixel = 1.0 / self.view.scale;
        let outside = self.table.as_ref().map_or(f32::MIN, |table| table.outside(place));
        let on_table = (outside / pixel + 0.5).clamp(0.0, 1.0);
        let mut colour = [0.0; 3];
        if on_table < 1.0 {
            let grain = 1.0 + self.paper.grain * (2.0 * smooth(x * 3.0, y * 3.0, self.seed) - 1.0);
            colour = self.paper.at(x, y, pixel).map(|value| value * grain);
            for mark in &self.marks {
                colour = mixed(colour, mark.colour, mark.covers(place, pixel));
            }
            for written in &self.written {
                colour = self.pen.on(colour, written.covers(place, pixel, &self.pen, self.seed));
            }
        }
        match &self.table {
            Some(table) if on_table > 0.0 => mixed(colour, table.at(place, outside, self.seed), on_table),
            _ => colour,
        }
    }
}

impl Table {
    /// Millimetres that a place is outside of the sheet; below 0 inside.
    fn outside(&self, [x, y]: [f32; 2]) -> f32 {
        let beyond = self.edges.iter().map(|&(degrees, distance)| {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            x * cosine + y * sine - distance
        });
        beyond.fold(f32::MIN, f32::max)
    }

    /// Colour, with the wood's grain and the sheet's shadow.
    fn at(&self, [x, y]: [f32; 2], outside: f32, seed: u64) -> Colour {
        let rings = smooth(x * 0.08 + 3.0 * smooth(x * 0.02, y * 0.01, seed), y * 1.2, seed ^ 1);
        let fine = smooth(x * 0.3, y * 4.0, seed ^ 2);
        let grain = 1.0 + self.grain * (1.2 * rings + 0.6 * fine - 0.9);
        let shadow = 1.0 - 0.35 * (-outside.max(0.0) / 1.5).exp();
        self.colour.map(|value| value * grain * shadow)
    }
}

impl Written {
    /// Fraction of a pixel that its stroke covers.
    fn covers(&self, [x, y]: [f32; 2], pixel: f32, pen: &Pen, seed: u64) -> f32 {
        let [left, top, right, bottom] = self.hand.extent();
        let unit = self.height / (right - left).max(bottom - top).max(1.0);
        let (across, down) = (x - self.at[0], y - self.at[1]);
        let across = across + self.lean * down;
        let away = self.hand.distance(across / unit + (left + right) / 2.0, down / unit + (top + bottom) / 2.0) * unit;
        let half = pen.width * self.height / 2.0;
        if away > 1.5 * half + pixel {
            return 0.0;
        }
        let rough = 2.0 * smooth(x / (2.0 * pen.grain_size), y / (2.0 * pen.grain_size), seed ^ 3) - 1.0;
        let edge = half * (1.0 + pen.ragged * rough);
        let share = ((edge - away) / pixel + 0.5).clamp(0.0, 1.0);
        let hollow = smooth(x / pen.grain_size, y / pen.grain_size, seed ^ 4);
        share * (1.0 - pen.grain * (2.2 * hollow - 0.6).clamp(0.0, 1.0))
    }
}
