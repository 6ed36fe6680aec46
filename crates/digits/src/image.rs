//! One digit as the networks see it.

/// Side of the image that the networks read.
pub const SIDE: usize = 14;

/// Side of an MNIST image.
pub const MNIST_SIDE: usize = 28;

/// A 14x14 digit, row by row: ink from 0 (none, black) to 255 (full, white).
///
/// ```
/// let mut mnist = [0; 28 * 28];
/// (mnist[0], mnist[29]) = (200, 100);
/// let image = digits::DigitImage::from_mnist(&mnist);
/// assert_eq!(image.pixels()[..2], [75.0, 0.0]); // the mean of 2x2
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DigitImage([f32; SIDE * SIDE]);

impl DigitImage {
    /// Wraps pixels that are already 14x14, ink 0..=255.
    pub fn new(pixels: [f32; SIDE * SIDE]) -> Self {
        Self(pixels)
    }

    /// Averages an MNIST image 2x2 with stride 2, without rounding: the course's `avg_pool2d`.
    pub fn from_mnist(pixels: &[u8; MNIST_SIDE * MNIST_SIDE]) -> Self {
        let ink = |row: usize, column: usize| f32::from(pixels[row * MNIST_SIDE + column]);
        Self(std::array::from_fn(|cell| {
            let (row, column) = (2 * (cell / SIDE), 2 * (cell % SIDE));
            (ink(row, column) + ink(row, column + 1) + ink(row + 1, column) + ink(row + 1, column + 1)) / 4.0
        }))
    }

    /// The pixels, row by row.
    pub fn pixels(&self) -> &[f32; SIDE * SIDE] {
        &self.0
    }
}
