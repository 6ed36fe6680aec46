//! A decoded picture, as any decoder or canvas hands it over.

use std::borrow::Cow;

use crate::PrepareError;

/// What the bytes of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// One byte: brightness, 0 black, 255 white.
    Luma,
    /// Red, green and blue.
    Rgb,
    /// Red, green, blue and straight (not premultiplied) alpha.
    Rgba,
}

impl Channels {
    /// Bytes of a pixel.
    pub fn bytes(self) -> usize {
        match self {
            Self::Luma => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A decoded picture of 8 bits a channel, borrowed: rows from the top, pixels from the left, nothing between them.
///
/// ```
/// use digits::{Channels, Picture, PrepareError};
///
/// let red = [255, 0, 0, 255].repeat(6);
/// assert_eq!(Picture::rgba(3, 2, &red)?.width(), 3);
/// assert!(matches!(Picture::rgba(3, 3, &red), Err(PrepareError::Bytes { bytes: 24, .. })));
/// assert_eq!(Picture::new(Channels::Rgb, 4, 2, &red)?.height(), 2);
/// # Ok::<(), PrepareError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    width: usize,
    height: usize,
    channels: Channels,
    bytes: &'a [u8],
}

impl<'a> Picture<'a> {
    /// A grey picture: one byte a pixel, 0 black, 255 white.
    ///
    /// # Errors
    /// [`PrepareError::Bytes`] when `pixels` is not `width * height` long.
    pub fn luma(width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PrepareError> {
        Self::new(Channels::Luma, width, height, pixels)
    }

    /// A colour picture: red, green, blue and straight (not premultiplied) alpha, four bytes a pixel.
    ///
    /// # Errors
    /// [`PrepareError::Bytes`] when `pixels` is not `4 * width * height` long.
    pub fn rgba(width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PrepareError> {
        Self::new(Channels::Rgba, width, height, pixels)
    }

    /// A picture whose pixels have these channels.
    ///
    /// # Errors
    /// [`PrepareError::Bytes`] when `pixels` is not as long as its sides and channels say.
    pub fn new(channels: Channels, width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PrepareError> {
        let wanted = width.checked_mul(height).and_then(|count| count.checked_mul(channels.bytes()));
        if wanted != Some(pixels.len()) {
            return Err(PrepareError::Bytes { width, height, bytes: pixels.len() });
        }
        Ok(Self { width, height, channels, bytes: pixels })
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// What the bytes of a pixel are.
    pub(crate) fn channels(&self) -> Channels {
        self.channels
    }

    /// The bytes of one row.
    pub(crate) fn row(&self, row: usize) -> &'a [u8] {
        let length = self.width * self.channels.bytes();
        &self.bytes[row * length..][..length]
    }

    /// The picture's bytes as one grey channel; `None` when any pixel has colour or lets something shine through.
    pub(crate) fn opaque_grey(&self) -> Option<Cow<'a, [u8]>> {
        let every = |step: usize| self.bytes.iter().copied().step_by(step).collect::<Vec<u8>>().into();
        match self.channels {
            Channels::Luma => Some(self.bytes.into()),
            Channels::Rgb => {
                let is_grey = |&[red, green, blue]: &[u8; 3]| red == green && green == blue;
                let is_all_grey = self.bytes.as_chunks::<3>().0.iter().all(is_grey);
                is_all_grey.then(|| every(3))
            }
            Channels::Rgba => {
                let is_grey = |&[red, green, blue, alpha]: &[u8; 4]| red == green && green == blue && alpha == u8::MAX;
                let is_all_grey = self.bytes.as_chunks::<4>().0.iter().all(is_grey);
                is_all_grey.then(|| every(4))
            }
        }
    }
}
