//! Two digits in one picture.

use std::path::Path;

use digits::{Picture, TightBox};

use super::{PictureError, PictureFile, image_candidates, read_image};

/// Reads an image file that shows two digits, and prepares both: the left one first, or the upper one where one stands
/// above the other.
///
/// # Errors
/// [`PictureError`] when the file is no usable image or does not show two digits.
pub fn two_digits(path: &Path) -> Result<[PictureFile; 2], PictureError> {
    let image = read_image(path)?;
    let rgba = image.to_rgba8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let boxes = digits::split(&Picture::rgba(width, height, rgba.as_raw())?)?;
    let cut = |part: TightBox| -> Result<PictureFile, PictureError> {
        let [left, top, width, height] = [part.left, part.top, part.width, part.height].map(|side| side as u32);
        let mut candidates = image_candidates(image.crop_imm(left, top, width, height))?;
        // Where the digit is, is told in the whole picture.
        for candidate in &mut candidates {
            candidate.prepared.tight_box.left += part.left;
            candidate.prepared.tight_box.top += part.top;
        }
        Ok(PictureFile::new(path, (image.width() as usize, image.height() as usize), candidates)?)
    };
    let [first, second] = boxes;
    Ok([cut(first)?, cut(second)?])
}
