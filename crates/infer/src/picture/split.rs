//! Two digits in one picture.

use std::path::Path;

use digits::{Picture, TightBox};

use super::{PictureError, PictureFile, prepare_image, read_image};

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
        let mut prepared = prepare_image(image.crop_imm(left, top, width, height))?;
        // Where the digit is, is told in the whole picture.
        prepared.tight_box.left += part.left;
        prepared.tight_box.top += part.top;
        Ok(PictureFile {
            path: path.to_owned(),
            width: image.width() as usize,
            height: image.height() as usize,
            prepared,
        })
    };
    let [first, second] = boxes;
    Ok([cut(first)?, cut(second)?])
}
