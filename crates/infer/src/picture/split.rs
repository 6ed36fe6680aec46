//! Two digits in one picture.

use std::path::Path;

use digits::{Split, SplitError, Verdict};

use super::{PictureError, PreparedPicture, Reader, enlarge};

/// A picture that was read, and every way to see two digits in it.
#[derive(Debug, Clone)]
pub struct TwoDigits {
    /// Columns, after the photo was turned upright.
    pub width: usize,
    /// Rows, after the photo was turned upright.
    pub height: usize,
    /// What may be the digits.
    pub split: Split,
}

impl TwoDigits {
    /// The two digits, the left or upper one first, by what a network says about each of the split's readings beside itself.
    ///
    /// # Errors
    /// As [`Split::chosen`].
    pub fn chosen(&self, verdicts: &[Verdict]) -> Result<[PreparedPicture; 2], SplitError> {
        let digit = |candidate| PreparedPicture::new((self.width, self.height), vec![candidate]);
        let [first, second] = self.split.chosen(verdicts)?;
        Ok([digit(first)?, digit(second)?])
    }
}

/// Reads an image file that shows two digits, for [`crate::Comparer::compare_two`].
///
/// # Errors
/// [`PictureError`] when the file is no usable image or shows nothing that may be two digits.
pub fn two_digits(path: &Path) -> Result<TwoDigits, PictureError> {
    let mut reader = Reader::default();
    reader.access.read(path, &mut reader.bytes)?;
    split_read(reader)
}

/// As [`two_digits`], from the bytes of an image file.
///
/// # Errors
/// As [`two_digits`].
pub fn two_digits_of(bytes: &[u8]) -> Result<TwoDigits, PictureError> {
    let mut reader = Reader::default();
    reader.take(bytes);
    split_read(reader)
}

fn split_read(mut reader: Reader) -> Result<TwoDigits, PictureError> {
    let ((width, height), split) = reader.look(|picture, factor| {
        let mut split = Split::of(picture)?;
        enlarge(split.readings_mut(), factor);
        Ok(split)
    })?;
    Ok(TwoDigits { width, height, split })
}
