//! Large photos, made smaller before anything else copies them.

use image::metadata::Orientation;
use image::{DynamicImage, RgbaImage};

/// Pixels from which a picture is shrunk.
pub(super) const LARGE: u64 = 16_000_000;

/// Longer side that is kept at least, in pixels: twice what preparation works on.
const KEPT_SIDE: usize = 2048;

/// A shrunk picture, as it was stored.
pub(super) struct Shrunk {
    /// Red, green, blue and alpha.
    rgba: Vec<u8>,
    width: usize,
    height: usize,
    /// Pixels of the picture in one of these, along each side.
    pub factor: usize,
}

impl Shrunk {
    /// Red, green, blue and alpha of the picture turned upright.
    pub fn upright(self, orientation: Orientation) -> Vec<u8> {
        let image = RgbaImage::from_raw(self.width as u32, self.height as u32, self.rgba);
        // Never none: `rgba` has four bytes for each of its pixels.
        let mut image = DynamicImage::from(image.unwrap_or_default());
        image.apply_orientation(orientation);
        image.into_rgba8().into_raw()
    }
}

/// By how much a picture of this size is shrunk; `None` where it is not.
pub(super) fn factor(width: usize, height: usize) -> Option<usize> {
    let factor = width.max(height) / KEPT_SIDE;
    ((width * height) as u64 > LARGE && factor >= 2).then_some(factor)
}

/// Averages squares of pixels where a picture has more than [`LARGE`] of them.
pub(super) fn shrunk(image: &DynamicImage) -> Option<Shrunk> {
    let size = (image.width() as usize, image.height() as usize);
    let factor = factor(size.0, size.1)?;
    let rgba = match image {
        DynamicImage::ImageLuma8(image) => means(image.as_raw(), 1, size, factor),
        DynamicImage::ImageLumaA8(image) => means(image.as_raw(), 2, size, factor),
        DynamicImage::ImageRgb8(image) => means(image.as_raw(), 3, size, factor),
        DynamicImage::ImageRgba8(image) => means(image.as_raw(), 4, size, factor),
        DynamicImage::ImageLuma16(image) => means(image.as_raw(), 1, size, factor),
        DynamicImage::ImageLumaA16(image) => means(image.as_raw(), 2, size, factor),
        DynamicImage::ImageRgb16(image) => means(image.as_raw(), 3, size, factor),
        DynamicImage::ImageRgba16(image) => means(image.as_raw(), 4, size, factor),
        DynamicImage::ImageRgb32F(image) => means(image.as_raw(), 3, size, factor),
        DynamicImage::ImageRgba32F(image) => means(image.as_raw(), 4, size, factor),
        _ => return None,
    };
    let (width, height) = small(size, factor);
    Some(Shrunk { rgba, width, height, factor })
}

/// Columns and rows of a shrunk picture. What is left over at the right and lower side is less than one of its pixels.
fn small((width, height): (usize, usize), factor: usize) -> (usize, usize) {
    ((width / factor).max(1), (height / factor).max(1))
}

/// The value of one channel of one pixel.
trait Level: Copy {
    /// A 255th of the largest value.
    const STEP: usize;

    fn value(self) -> usize;
}

impl Level for u8 {
    const STEP: usize = 1;

    fn value(self) -> usize {
        self.into()
    }
}

impl Level for u16 {
    const STEP: usize = 257;

    fn value(self) -> usize {
        self.into()
    }
}

/// From 0 to 1.
impl Level for f32 {
    const STEP: usize = u16::STEP;

    fn value(self) -> usize {
        (self.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as usize
    }
}

/// Red, green, blue and alpha of every square of `factor` times `factor` pixels.
fn means<L: Level>(levels: &[L], channels: usize, size: (usize, usize), factor: usize) -> Vec<u8> {
    let (columns, rows) = small(size, factor);
    let mut rgba = Vec::with_capacity(4 * columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            rgba.extend(mean(levels, channels, size, (column * factor, row * factor), factor));
        }
    }
    rgba
}

/// The mean of a square of pixels, as far as it is inside the picture.
fn mean<L: Level>(
    levels: &[L],
    channels: usize,
    (width, height): (usize, usize),
    (left, top): (usize, usize),
    side: usize,
) -> [u8; 4] {
    let mut sums = [0usize; 4];
    let full = 255 * L::STEP;
    let (right, bottom) = ((left + side).min(width), (top + side).min(height));
    for row in top..bottom {
        for pixel in levels[(row * width + left) * channels..(row * width + right) * channels].chunks_exact(channels) {
            let at = |channel: usize| pixel[channel].value();
            let values = match channels {
                1 => [at(0), at(0), at(0), full],
                2 => [at(0), at(0), at(0), at(1)],
                3 => [at(0), at(1), at(2), full],
                _ => [at(0), at(1), at(2), at(3)],
            };
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
    let steps = (right - left) * (bottom - top) * L::STEP;
    sums.map(|sum| ((sum + steps / 2) / steps) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageBuffer, Luma, RgbImage};

    #[test]
    fn squares_are_averaged_and_small_pictures_left_alone() {
        assert!(shrunk(&GrayImage::new(4000, 4000).into()).is_none());
        let photo = RgbImage::from_fn(6144, 4000, |x, y| image::Rgb([(x % 3 * 30) as u8, (y % 3) as u8, 7]));
        let Shrunk { rgba, width, height, factor } = shrunk(&photo.into()).unwrap();
        assert_eq!((factor, width, height, rgba.len()), (3, 2048, 1333, 4 * 2048 * 1333));
        assert!(rgba.chunks_exact(4).all(|pixel| pixel == [30, 1, 7, 255]));
    }

    #[test]
    fn deep_pictures_are_shrunk_as_others() {
        let deep = ImageBuffer::from_fn(4200, 4000, |x, _| Luma([if x % 2 == 0 { 0u16 } else { u16::MAX }]));
        let Shrunk { rgba, factor, .. } = shrunk(&deep.into()).unwrap();
        assert_eq!((factor, rgba.len()), (2, 4 * 2100 * 2000));
        assert!(rgba.chunks_exact(4).all(|pixel| pixel == [128, 128, 128, 255]));
        assert_eq!(means(&[0.5f32, 2.0, -1.0, 1.0, 1.0, 1.0], 3, (2, 1), 1), [128, 255, 0, 255, 255, 255, 255, 255]);
        assert_eq!(means(&[1000u16, u16::MAX], 2, (1, 1), 1), [4, 4, 4, 255]);
    }

    #[test]
    fn a_shrunk_picture_is_turned_upright() {
        let (red, blue) = ([255, 0, 0, 255], [0, 0, 255, 255]);
        let stored = || Shrunk { rgba: [red, blue].concat(), width: 2, height: 1, factor: 2 };
        assert_eq!(stored().upright(Orientation::NoTransforms), [red, blue].concat());
        assert_eq!(stored().upright(Orientation::Rotate180), [blue, red].concat());
        assert_eq!(stored().upright(Orientation::Rotate270), [blue, red].concat());
    }
}
