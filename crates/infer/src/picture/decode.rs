//! Decoding an image file's bytes, within limits.

use std::io::{self, Cursor};

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::budget::{self, Permit};
use super::{MAX_PIXELS, PictureError, format, jpeg};

/// Most memory that a decoder may use, in bytes: [`MAX_PIXELS`] of 8-bit colour.
const MAX_DECODER_BYTES: u64 = 3 * MAX_PIXELS + (16 << 20);

/// Most pixels of a progressive JPEG, whose decoder keeps every coefficient.
const MAX_PROGRESSIVE_PIXELS: u64 = 64_000_000;

/// A decoded image, turned upright as its EXIF data says, and the memory that it was allowed.
#[derive(Debug)]
pub(super) struct DecodedImage {
    pub image: DynamicImage,
    pub permit: Permit,
}

/// Decodes an image and turns it upright as its EXIF data says.
///
/// # Errors
/// [`PictureError`] when the bytes are no image, too large a one, or a damaged one.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    Ok(within_budget(bytes)?.image)
}

/// As [`decode`], once there is room among all pictures that are decoded at this time.
pub(super) fn within_budget(bytes: &[u8]) -> Result<DecodedImage, PictureError> {
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
    let permit = budget::take(decoder.total_bytes() + 5 * pixels.min(super::shrink::LARGE));
    // Orientation is a courtesy: damaged EXIF data must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    image.apply_orientation(orientation);
    Ok(DecodedImage { image, permit })
}

fn fault(format: &'static str, error: ImageError) -> PictureError {
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => PictureError::Truncated(format),
        ImageError::Unsupported(error) => PictureError::Unsupported { format, fault: error.to_string() },
        other => PictureError::Damaged { format, fault: other.to_string() },
    }
}
