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
        let mut means = [0.0; SIDE * SIDE];
        for (means, rows) in means.as_chunks_mut::<SIDE>().0.iter_mut().zip(pixels.as_chunks::<{ 2 * MNIST_SIDE }>().0)
        {
            let (upper, lower) = rows.split_at(MNIST_SIDE);
            let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            for (mean, (&[a, b], &[c, d])) in means.iter_mut().zip(pairs) {
                *mean = f32::from(u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d)) / 4.0;
            }
        }
        Self(means)
    }

    /// The pixels, row by row.
    pub fn pixels(&self) -> &[f32; SIDE * SIDE] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SplitMix64;

    #[test]
    fn every_pixel_is_the_mean_of_its_four() {
        let mut random = SplitMix64(3);
        let mnist: [u8; MNIST_SIDE * MNIST_SIDE] = std::array::from_fn(|_| (random.bits() >> 56) as u8);
        let ink = |row: usize, column: usize| f32::from(mnist[row * MNIST_SIDE + column]);
        let mean = |cell: usize| {
            let (row, column) = (2 * (cell / SIDE), 2 * (cell % SIDE));
            (ink(row, column) + ink(row, column + 1) + ink(row + 1, column) + ink(row + 1, column + 1)) / 4.0
        };
        assert_eq!(DigitImage::from_mnist(&mnist).0, std::array::from_fn(mean));
    }
}
