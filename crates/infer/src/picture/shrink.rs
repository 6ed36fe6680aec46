//! Large photos, made smaller before anything else copies them.

use image::DynamicImage;

/// Pixels from which a picture is shrunk.
pub(super) const LARGE: u64 = 16_000_000;

/// Longer side that is kept at least, in pixels: twice what preparation works on.
const KEPT_SIDE: usize = 2048;

/// Red, green, blue and alpha of a shrunk picture.
pub(super) struct Shrunk {
    pub rgba: Vec<u8>,
    /// Pixels of the picture in one of these, along each side.
    pub factor: usize,
}

/// Averages squares of pixels where a picture has more than [`LARGE`] of them and 8 bits a channel.
pub(super) fn shrunk(image: &DynamicImage) -> Option<Shrunk> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let factor = width.max(height) / KEPT_SIDE;
    if (width * height) as u64 <= LARGE || factor < 2 {
        return None;
    }
    let (bytes, channels) = match image {
        DynamicImage::ImageLuma8(image) => (image.as_raw(), 1),
        DynamicImage::ImageLumaA8(image) => (image.as_raw(), 2),
        DynamicImage::ImageRgb8(image) => (image.as_raw(), 3),
        DynamicImage::ImageRgba8(image) => (image.as_raw(), 4),
        _ => return None,
    };
    // What is left over at the right and lower side is less than one of the new pixels.
    let (small_width, small_height) = ((width / factor).max(1), (height / factor).max(1));
    let mut rgba = Vec::with_capacity(4 * small_width * small_height);
    for row in 0..small_height {
        for column in 0..small_width {
            let corner = (column * factor, row * factor);
            rgba.extend(mean(bytes, channels, (width, height), corner, factor));
        }
    }
    Some(Shrunk { rgba, factor })
}

/// The mean of a square of pixels, as far as it is inside the picture.
fn mean(
    bytes: &[u8],
    channels: usize,
    (width, height): (usize, usize),
    (left, top): (usize, usize),
    side: usize,
) -> [u8; 4] {
    let mut sums = [0usize; 4];
    let (right, bottom) = ((left + side).min(width), (top + side).min(height));
    for row in top..bottom {
        for pixel in bytes[(row * width + left) * channels..(row * width + right) * channels].chunks_exact(channels) {
            let [grey, .., last] = [pixel[0], pixel[channels - 1]];
            let values = match channels {
                1 => [grey, grey, grey, u8::MAX],
                2 => [grey, grey, grey, last],
                3 => [pixel[0], pixel[1], pixel[2], u8::MAX],
                _ => [pixel[0], pixel[1], pixel[2], last],
            };
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += usize::from(value));
        }
    }
    let count = (right - left) * (bottom - top);
    sums.map(|sum| ((sum + count / 2) / count) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, RgbImage};

    #[test]
    fn squares_are_averaged_and_small_pictures_left_alone() {
        assert!(shrunk(&GrayImage::new(4000, 4000).into()).is_none());
        let photo = RgbImage::from_fn(6144, 4000, |x, y| image::Rgb([(x % 3 * 30) as u8, (y % 3) as u8, 7]));
        let Shrunk { rgba, factor } = shrunk(&photo.into()).unwrap();
        assert_eq!((factor, rgba.len()), (3, 4 * 2048 * 1333));
        assert!(rgba.chunks_exact(4).all(|pixel| pixel == [30, 1, 7, 255]));
    }
}
