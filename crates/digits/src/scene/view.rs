//! Where the camera stands: from pixels of the picture to millimetres of the sheet.

/// A camera's place above the sheet.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Turned clockwise, in degrees.
    pub degrees: f32,
    /// How much nearer the right and the lower side are, as a share from the middle to the side.
    pub tilt: [f32; 2],
    /// Moved from the middle, as fractions of the picture's sides.
    pub shift: [f32; 2],
    /// Pixels a millimetre in the middle.
    pub scale: f32,
}

impl View {
    /// The place on the sheet, in millimetres from the digit's middle, of a pixel of a picture.
    pub fn place(&self, column: f32, row: f32, width: usize, height: usize) -> [f32; 2] {
        let (x, y) = (column - width as f32 * (0.5 + self.shift[0]), row - height as f32 * (0.5 + self.shift[1]));
        let half = width.max(height) as f32 / 2.0;
        let depth = 1.0 + (self.tilt[0] * x + self.tilt[1] * y) / half;
        let (sine, cosine) = self.degrees.to_radians().sin_cos();
        let [x, y] = [x, y].map(|value| value / depth.max(0.2) / self.scale);
        [cosine * x + sine * y, cosine * y - sine * x]
    }
}
