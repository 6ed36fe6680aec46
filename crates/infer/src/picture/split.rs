//! Two digits in one picture.

use std::path::Path;

use digits::Picture;

use super::{PictureError, PreparedPicture, decode_guarded, read_bytes};

/// Reads an image file that shows two digits, and prepares both: the left one first, or the upper one where one stands
/// above the other.
///
/// # Errors
/// [`PictureError`] when the file is no usable image or does not show two digits.
pub fn two_digits(path: &Path) -> Result<[PreparedPicture; 2], PictureError> {
    two_digits_of(&read_bytes(path)?)
}

/// As [`two_digits`], from the bytes of an image file.
///
/// # Errors
/// As [`two_digits`].
pub fn two_digits_of(bytes: &[u8]) -> Result<[PreparedPicture; 2], PictureError> {
    let image = decode_guarded(bytes)?;
    let rgba = image.to_rgba8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let file = |candidates| PreparedPicture::new((width, height), candidates);
    let [first, second] = digits::split(&Picture::rgba(width, height, rgba.as_raw())?)?;
    Ok([file(first)?, file(second)?])
}
