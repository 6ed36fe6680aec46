//! What preparation sees of a picture on its way.

use digits::{Candidate, PrepareError, Step};

use super::{PictureError, Reader, enlarge};

/// The steps of a preparation, and the readings that it ends with.
pub type Seen = (Vec<Step>, Result<Vec<Candidate>, PrepareError>);

/// The steps of the preparation of an image file's bytes, and the readings that it ends with: those of [`Reader::prepare`].
///
/// # Errors
/// [`PictureError`] when the bytes are no usable image. One that shows no digit has steps.
pub fn steps_of(bytes: &[u8]) -> Result<Seen, PictureError> {
    let mut reader = Reader::default();
    reader.take(bytes);
    let (_, seen) = reader.look(|picture, factor| {
        let (steps, mut candidates) = digits::steps(picture);
        if let Ok(candidates) = &mut candidates {
            enlarge(candidates, factor);
        }
        Ok((steps, candidates))
    })?;
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_paper_has_steps_and_no_reading_and_no_image_has_neither() {
        let blank = image::GrayImage::from_pixel(100, 80, image::Luma([255]));
        let mut file = std::io::Cursor::new(Vec::new());
        blank.write_to(&mut file, image::ImageFormat::Png).unwrap();
        let (steps, candidates) = steps_of(file.get_ref()).unwrap();
        assert_eq!((steps[0].name.as_str(), candidates), ("picture", Err(PrepareError::NoInk)));
        assert!(matches!(steps_of(b"no picture"), Err(PictureError::NotAnImage)));
    }
}
