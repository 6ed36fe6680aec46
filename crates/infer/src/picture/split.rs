//! Two digits in one picture.

use std::path::Path;

use super::{PictureError, PreparedPicture, Reader, enlarge};

/// Reads an image file that shows two digits, and prepares both: the left one first, or the upper one where one stands
/// above the other.
///
/// # Errors
/// [`PictureError`] when the file is no usable image or does not show two digits.
pub fn two_digits(path: &Path) -> Result<[PreparedPicture; 2], PictureError> {
    let mut reader = Reader::default();
    reader.access.read(path, &mut reader.bytes)?;
    split_read(reader)
}

/// As [`two_digits`], from the bytes of an image file.
///
/// # Errors
/// As [`two_digits`].
pub fn two_digits_of(bytes: &[u8]) -> Result<[PreparedPicture; 2], PictureError> {
    let mut reader = Reader::default();
    reader.take(bytes);
    split_read(reader)
}

fn split_read(mut reader: Reader) -> Result<[PreparedPicture; 2], PictureError> {
    let (size, [first, second]) = reader.look(|picture, factor| {
        let mut both = digits::split(picture)?;
        both.iter_mut().for_each(|candidates| enlarge(candidates, factor));
        Ok(both)
    })?;
    Ok([PreparedPicture::new(size, first)?, PreparedPicture::new(size, second)?])
}
