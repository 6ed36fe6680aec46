//! Decoding an image file's bytes, within limits.

use std::io::{self, Cursor};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::budget::{self, Permit};
use super::{MAX_PIXELS, PictureError, format, jpeg, shrink};

/// Most memory that a decoder may use, in bytes: [`MAX_PIXELS`] of 8-bit colour.
const MAX_DECODER_BYTES: u64 = 3 * MAX_PIXELS + (16 << 20);

/// Most pixels of a progressive JPEG, whose decoder keeps every coefficient.
const MAX_PROGRESSIVE_PIXELS: u64 = 64_000_000;

/// A decoded image, how its EXIF data says that it is turned upright, and the memory that it was allowed.
#[derive(Debug)]
pub(super) struct DecodedImage {
    /// As it is stored.
    pub image: DynamicImage,
    pub orientation: Orientation,
    pub permit: Permit,
}

/// What becomes of a large image once it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// It keeps its size.
    Kept,
    /// It is shrunk before it is turned upright.
    Shrunk,
}

/// Decodes an image and turns it upright as its EXIF data says.
///
/// # Errors
/// [`PictureError`] when the bytes are no image, too large a one, or a damaged one.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let DecodedImage { mut image, orientation, permit: _permit } = within_budget(bytes, Size::Kept)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Decodes an image once there is room among all pictures that are decoded at this time.
pub(super) fn within_budget(bytes: &[u8], size: Size) -> Result<DecodedImage, PictureError> {
    let (format, name) = format::of(bytes)?;
    let fault = |error: ImageError| fault(name, error);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    let is_jpeg = name == format::JPEG;
    let most = if is_jpeg && jpeg::is_progressive(bytes) { MAX_PROGRESSIVE_PIXELS } else { MAX_PIXELS };
    let pixels = u64::from(width) * u64::from(height);
    if pixels > most {
        return Err(PictureError::TooManyPixels { width, height, most });
    }
    if decoder.total_bytes() > MAX_DECODER_BYTES {
        let most = MAX_DECODER_BYTES / u64::from(decoder.color_type().bytes_per_pixel());
        return Err(PictureError::TooManyPixels { width, height, most });
    }
    if is_jpeg && !jpeg::is_complete(bytes) {
        return Err(PictureError::Truncated(name));
    }
    decoder.set_limits(limits).map_err(fault)?;
    // Orientation is a courtesy: damaged EXIF data must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let is_shrunk = size == Size::Shrunk && shrink::factor(width as usize, height as usize).is_some();
    let permit = budget::take(needed(decoder.total_bytes(), pixels, !is_shrunk && transposes(orientation)));
    let image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    Ok(DecodedImage { image, orientation, permit })
}

/// Whether rows become columns, which takes a second image of the same size.
pub(super) fn transposes(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
}

/// Bytes for an image of `bytes`, a second one where it is transposed, and what preparation makes of its pixels.
fn needed(bytes: u64, pixels: u64, is_transposed: bool) -> u64 {
    bytes * if is_transposed { 2 } else { 1 } + 5 * pixels.min(shrink::LARGE)
}

fn fault(format: &'static str, error: ImageError) -> PictureError {
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => PictureError::Truncated(format),
        ImageError::Unsupported(error) => PictureError::Unsupported { format, fault: error.to_string() },
        other => PictureError::Damaged { format, fault: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_whose_rows_become_columns_takes_twice_its_bytes() {
        assert_eq!(needed(300_000_000, 100_000_000, false), 300_000_000 + 5 * shrink::LARGE);
        assert_eq!(needed(48_000_000, 16_000_000, true), 96_000_000 + 80_000_000);
        assert_eq!(needed(3_000, 1_000, true), 6_000 + 5_000);
        let all = (1..=8).filter_map(Orientation::from_exif);
        // Of the eight orientations of EXIF, 5 to 8 swap rows and columns.
        assert_eq!(all.map(transposes).collect::<Vec<_>>(), [false, false, false, false, true, true, true, true]);
    }

    /// The headers of an image of so many pixels, without any.
    fn pixmap(kind: &str, width: u32, height: u32, most: u32) -> Vec<u8> {
        format!("{kind} {width} {height} {most}\n").into_bytes()
    }

    #[test]
    fn an_image_is_as_large_as_it_may_be_or_refused_by_its_header() {
        assert!(matches!(decode(&pixmap("P5", 16_000, 8_000, 255)), Err(PictureError::Truncated("PNM"))));
        let wide = decode(&pixmap("P5", 16_000, 8_001, 255));
        assert!(matches!(wide, Err(PictureError::TooManyPixels { width: 16_000, height: 8_001, most: MAX_PIXELS })));
        // Six bytes a pixel: fewer fit.
        let deep = decode(&pixmap("P6", 10_000, 10_000, 65_535));
        let most_of_six = MAX_DECODER_BYTES / 6;
        assert!(matches!(deep, Err(PictureError::TooManyPixels { most, .. }) if most == most_of_six));
        assert!(matches!(decode(b"P5 2 2 255\n\x01\x02\x03"), Err(PictureError::Truncated("PNM"))));
        assert_eq!(decode(b"P5 2 2 255\n\x01\x02\x03\x04").unwrap().into_luma8().into_raw(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_jpeg_is_refused_where_its_data_are_missing_and_not_for_its_size_before() {
        let (width, height) = (8_001u16.to_be_bytes(), 8_000u16.to_be_bytes());
        let frame = [&[0xFF, 0xC0, 0, 11, 8][..], &height, &width, &[1, 1, 0x11, 0]].concat();
        let jpeg = [&[0xFF, 0xD8][..], &frame, &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]].concat();
        let read = decode(&jpeg);
        assert!(matches!(read, Err(PictureError::Truncated("JPEG"))), "{read:?}");
    }

    #[test]
    fn decoders_errors_are_told_apart() {
        let io = |kind: io::ErrorKind| fault("PNG", ImageError::IoError(kind.into()));
        assert!(matches!(io(io::ErrorKind::UnexpectedEof), PictureError::Truncated("PNG")));
        assert!(matches!(io(io::ErrorKind::Other), PictureError::Damaged { format: "PNG", .. }));
        let lacking = image::error::UnsupportedErrorKind::GenericFeature("layers".to_owned());
        let lacking =
            image::error::UnsupportedError::from_format_and_kind(image::error::ImageFormatHint::Unknown, lacking);
        let unsupported = fault("TIFF", ImageError::Unsupported(lacking));
        assert!(matches!(unsupported, PictureError::Unsupported { format: "TIFF", .. }));
    }

    #[test]
    fn a_photo_is_turned_as_its_exif_data_says() {
        let image = image::GrayImage::from_fn(24, 16, |x, y| image::Luma([(10 * x + y) as u8]));
        let mut file = Cursor::new(Vec::new());
        image.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
        let (start, rest) = file.get_ref().split_at(2);
        // One entry: tag 0x0112, the orientation, is the number 3.
        let entry = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
        let turned = [start, &[0xFF, 0xE1, 0, 2 + entry.len() as u8], entry, rest].concat();
        let stored = within_budget(&turned, Size::Kept).unwrap();
        assert_eq!(stored.orientation, Orientation::Rotate180);
        assert_eq!(decode(&turned).unwrap(), stored.image.rotate180());
        assert_eq!(decode(file.get_ref()).unwrap(), stored.image);
    }
}
