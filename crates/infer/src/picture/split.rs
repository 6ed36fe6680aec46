//! Two digits in one picture.

use std::path::Path;

use digits::Touching;

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

/// What may be two digits that touch, from the bytes of an image file: the parts, and the whole as one digit. Which of them it
/// is, [`digits::Touching::are_two`] says.
///
/// # Errors
/// As [`two_digits`].
pub fn touching_digits_of(bytes: &[u8]) -> Result<([PreparedPicture; 2], PreparedPicture), PictureError> {
    let mut reader = Reader::default();
    reader.take(bytes);
    let (size, Touching { parts: [first, second], whole }) = reader.look(|picture, factor| {
        let mut found = digits::split_touching(picture)?;
        found.parts.iter_mut().for_each(|candidates| enlarge(candidates, factor));
        enlarge(std::slice::from_mut(&mut found.whole), factor);
        Ok(found)
    })?;
    let parts = [PreparedPicture::new(size, first)?, PreparedPicture::new(size, second)?];
    Ok((parts, PreparedPicture::new(size, vec![whole])?))
}

fn split_read(mut reader: Reader) -> Result<[PreparedPicture; 2], PictureError> {
    let (size, [first, second]) = reader.look(|picture, factor| {
        let mut both = digits::split(picture)?;
        both.iter_mut().for_each(|candidates| enlarge(candidates, factor));
        Ok(both)
    })?;
    Ok([PreparedPicture::new(size, first)?, PreparedPicture::new(size, second)?])
}
