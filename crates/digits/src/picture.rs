//! A decoded picture, as any decoder or canvas hands it over.

use std::borrow::Cow;

use crate::PrepareError;

/// A decoded picture of 8 bits a channel, borrowed: rows from the top, pixels from the left, nothing between them.
///
/// ```
/// use digits::{Picture, PrepareError};
///
/// let red = [255, 0, 0, 255].repeat(6);
/// assert_eq!(Picture::rgba(3, 2, &red)?.width(), 3);
/// assert!(matches!(Picture::rgba(3, 3, &red), Err(PrepareError::Bytes { bytes: 24, .. })));
/// # Ok::<(), PrepareError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    width: usize,
    height: usize,
    pixels: Pixels<'a>,
}

/// How the bytes of a [`Picture`] are to be read.
#[derive(Debug, Clone, Copy)]
enum Pixels<'a> {
    Luma(&'a [u8]),
    Rgba(&'a [u8]),
}

impl<'a> Picture<'a> {
    /// A grey picture: one byte a pixel, 0 black, 255 white.
    ///
    /// # Errors
    /// [`PrepareError::Bytes`] when `pixels` is not `width * height` long.
    pub fn luma(width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PrepareError> {
        Self::new(width, height, Pixels::Luma(pixels), 1, pixels.len())
    }

    /// A colour picture: red, green, blue and straight (not premultiplied) alpha, four bytes a pixel.
    ///
    /// # Errors
    /// [`PrepareError::Bytes`] when `pixels` is not `4 * width * height` long.
    pub fn rgba(width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PrepareError> {
        Self::new(width, height, Pixels::Rgba(pixels), 4, pixels.len())
    }

    fn new(
        width: usize,
        height: usize,
        pixels: Pixels<'a>,
        bytes_a_pixel: usize,
        bytes: usize,
    ) -> Result<Self, PrepareError> {
        let wanted = width.checked_mul(height).and_then(|count| count.checked_mul(bytes_a_pixel));
        if wanted != Some(bytes) {
            return Err(PrepareError::Bytes { width, height, bytes });
        }
        Ok(Self { width, height, pixels })
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green, blue and alpha of one pixel.
    pub(crate) fn rgba_at(&self, column: usize, row: usize) -> [u8; 4] {
        let at = row * self.width + column;
        match self.pixels {
            Pixels::Luma(bytes) => [bytes[at], bytes[at], bytes[at], u8::MAX],
            Pixels::Rgba(bytes) => [bytes[4 * at], bytes[4 * at + 1], bytes[4 * at + 2], bytes[4 * at + 3]],
        }
    }

    /// The picture's bytes as one grey channel; `None` when any pixel has colour or lets something shine through.
    pub(crate) fn opaque_grey(&self) -> Option<Cow<'a, [u8]>> {
        match self.pixels {
            Pixels::Luma(bytes) => Some(bytes.into()),
            Pixels::Rgba(bytes) => {
                let pixels = bytes.as_chunks::<4>().0;
                let is_grey = |&[red, green, blue, alpha]: &[u8; 4]| red == green && green == blue && alpha == u8::MAX;
                pixels.iter().all(is_grey).then(|| pixels.iter().map(|pixel| pixel[0]).collect())
            }
        }
    }
}
