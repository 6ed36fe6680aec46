//! An image file, read within limits, and the digit in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use digits::{Candidate, Channels, Picture, PrepareError, Prepared, Sight};
use image::DynamicImage;

use crate::input::Input;

mod ahead;
mod budget;
mod decode;
mod error;
mod file;
mod format;
mod jpeg;
mod plain_png;
mod shrink;
mod split;
mod steps;

pub(crate) use ahead::{AheadReader, ReadAhead};
pub use decode::decode;
pub use error::OtherFormat;
pub use error::PictureError;
pub use plain_png::Decoded;
pub use split::{TwoDigits, two_digits, two_digits_of};
pub use steps::{Seen, steps_of};

use budget::Permit;
use decode::{DecodedImage, Size, transposes, within_budget};
use file::Access;
use plain_png::PlainPng;

/// Largest image file that is read, in bytes: a 50 megapixel photo as an uncompressed BMP fits.
pub const MAX_FILE_BYTES: u64 = 200 << 20;

/// Most pixels that are decoded: what large phone cameras make. Checked against the header, before any allocation.
pub const MAX_PIXELS: u64 = 128_000_000;

/// A picture that was read, and the digit in it.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedPicture {
    /// Columns, after the photo was turned upright.
    pub width: usize,
    /// Rows, after the photo was turned upright.
    pub height: usize,
    /// The digit as the network sees it: of the likeliest reading, or of the one that was chosen.
    pub prepared: Prepared,
    /// All readings of the picture, likeliest first, at least one.
    pub candidates: Vec<Candidate>,
}

impl PreparedPicture {
    fn new((width, height): (usize, usize), candidates: Vec<Candidate>) -> Result<Self, PrepareError> {
        let likeliest = candidates.first().ok_or(PrepareError::NoInk)?;
        Ok(Self { width, height, prepared: likeliest.prepared.clone(), candidates })
    }

    /// Takes another reading for the digit, as it was seen.
    pub fn choose(&mut self, winner: usize, sight: Sight) {
        if let Some(candidate) = self.candidates.get(winner) {
            self.prepared = candidate.seen(sight);
        }
    }
}

/// Reads pictures, and keeps its memory from one to the next.
///
/// ```
/// use digits::Route;
/// use infer::picture::Reader;
///
/// let mut reader = Reader::default();
/// let two = reader.prepare(&"examples/two.png".into())?;
/// assert_eq!((two.width, two.height, two.prepared.route), (96, 128, Route::Framed));
/// let error = reader.prepare(&b"no picture".into()).unwrap_err();
/// assert!(error.to_string().starts_with("is not an image: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Reader {
    access: Access,
    bytes: Vec<u8>,
    pixels: Pixels,
    png: PlainPng,
}

/// What was decoded last.
#[derive(Default)]
struct Pixels {
    /// One, three or four bytes a pixel.
    bytes: Vec<u8>,
    /// Pixels of the picture in one of these, along each side; 0 where there are none.
    factor: usize,
    permit: Option<Permit>,
}

impl Reader {
    /// For files that a list names: no pipes, and none of `outputs`, which the run writes.
    pub fn of_files(outputs: Vec<files::Identity>) -> Self {
        Self { access: Access { only_files: true, outputs }, ..Self::default() }
    }

    /// Reads a picture and prepares the digit in it.
    ///
    /// # Errors
    /// [`PictureError`], one variant for each thing that can be wrong with a picture.
    pub fn prepare(&mut self, input: &Input<'_>) -> Result<PreparedPicture, PictureError> {
        match *input {
            Input::File(path) => self.access.read(path, &mut self.bytes)?,
            Input::Bytes(bytes) => self.take(bytes),
            Input::Pixels(picture) => {
                let size = (picture.width(), picture.height());
                return Ok(PreparedPicture::new(size, digits::candidates(&picture)?)?);
            }
        }
        let (size, candidates) = self.prepare_read()?;
        Ok(PreparedPicture::new(size, candidates)?)
    }

    /// The readings of an image file, likeliest first, and nothing else of it.
    ///
    /// # Errors
    /// As [`Reader::prepare`].
    pub fn read_digit(&mut self, path: &Path) -> Result<Vec<Candidate>, PictureError> {
        self.access.read(path, &mut self.bytes)?;
        Ok(self.prepare_read()?.1)
    }

    /// As [`Reader::read_digit`], of an image file whose bytes are there already.
    ///
    /// # Errors
    /// As [`Reader::prepare`].
    pub fn digit_in(&mut self, bytes: &[u8]) -> Result<Vec<Candidate>, PictureError> {
        self.take(bytes);
        Ok(self.prepare_read()?.1)
    }

    /// Decodes an image file's bytes; the pixels stay here for [`Reader::prepare_decoded`].
    ///
    /// # Errors
    /// As [`Reader::prepare`], except for I/O errors and for a picture without a digit.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Decoded, PictureError> {
        self.forget_large();
        self.take(bytes);
        self.guarded(Self::decode_read)
    }

    /// Prepares the digit in what was decoded last.
    ///
    /// # Errors
    /// When it shows no digit, or `decoded` is of another picture.
    pub fn prepare_decoded(&self, decoded: Decoded) -> Result<Prepared, PrepareError> {
        let Decoded { width, height, channels } = decoded;
        digits::prepare(&self.pixels.picture(width, height, channels)?)
    }

    /// The bytes of what was decoded last.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels.bytes
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
    }

    /// Columns and rows of what was read, and its readings.
    fn prepare_read(&mut self) -> Result<((usize, usize), Vec<Candidate>), PictureError> {
        self.look(|picture, factor| {
            let mut candidates = digits::candidates(picture)?;
            enlarge(&mut candidates, factor);
            Ok(candidates)
        })
    }

    /// Columns and rows of what was read, and what `work` finds in it. A large picture is shrunk; `work` also gets by how much,
    /// for [`enlarge`].
    fn look<T>(
        &mut self,
        work: impl FnOnce(&Picture<'_>, usize) -> Result<T, PictureError>,
    ) -> Result<((usize, usize), T), PictureError> {
        let found = self.guarded(|reader| {
            let Decoded { width, height, channels } = reader.decode_read()?;
            let picture = reader.pixels.picture(width, height, channels)?;
            Ok(((width, height), work(&picture, reader.pixels.factor)?))
        });
        self.forget_large();
        found
    }

    fn decode_read(&mut self) -> Result<Decoded, PictureError> {
        self.pixels.permit = None;
        if let Some(plain) = self.png.decode(&self.bytes, &mut self.pixels.bytes) {
            self.pixels.factor = 1;
            return Ok(plain);
        }
        let DecodedImage { mut image, orientation, permit } = within_budget(&self.bytes, Size::Shrunk)?;
        self.pixels.permit = Some(permit);
        let (mut width, mut height) = (image.width() as usize, image.height() as usize);
        if transposes(orientation) {
            (width, height) = (height, width);
        }
        if let Some(shrunk) = shrink::shrunk(&image) {
            self.pixels.factor = shrunk.factor;
            self.pixels.bytes = shrunk.upright(orientation);
            return Ok(Decoded { width, height, channels: Channels::Rgba });
        }
        image.apply_orientation(orientation);
        let color = image.color();
        let (channels, bytes) = match (color.has_alpha(), color.has_color()) {
            (true, _) => (Channels::Rgba, image.into_rgba8().into_raw()),
            (false, true) => (Channels::Rgb, image.into_rgb8().into_raw()),
            (false, false) => (Channels::Luma, image.into_luma8().into_raw()),
        };
        (self.pixels.bytes, self.pixels.factor) = (bytes, 1);
        Ok(Decoded { width, height, channels })
    }

    /// Decoders are other people's work on other people's bytes: a bug there must not end the run.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, PictureError>) -> Result<T, PictureError> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        if done.is_err() {
            let access = std::mem::take(&mut self.access);
            *self = Self { access, ..Self::default() };
        }
        done.unwrap_or(Err(PictureError::Decoder))
    }

    /// The memory of a large photo is not kept for the digits after it.
    fn forget_large(&mut self) {
        if self.pixels.bytes.capacity() > MOST_KEPT {
            self.pixels = Pixels::default();
        }
        self.pixels.permit = None;
        if self.bytes.capacity() > MOST_KEPT {
            self.bytes = Vec::new();
        }
    }
}

impl Pixels {
    /// The pixels as a picture, of a picture with these columns and rows.
    fn picture(&self, width: usize, height: usize, channels: Channels) -> Result<Picture<'_>, PrepareError> {
        let small = |side: usize| if self.factor > 1 { (side / self.factor).max(1) } else { side };
        Picture::new(channels, small(width), small(height), &self.bytes)
    }
}

/// Tells where the digit is in a picture that was shrunk by `factor`.
fn enlarge(candidates: &mut [Candidate], factor: usize) {
    for candidate in candidates {
        let digits::TightBox { left, top, width, height } = &mut candidate.prepared.tight_box;
        [left, top, width, height].into_iter().for_each(|length| *length *= factor);
    }
}

/// Most bytes that a [`Reader`] keeps between pictures.
const MOST_KEPT: usize = 4 << 20;

/// Reads one image file and prepares the digit in it.
///
/// # Errors
/// As [`Reader::prepare`].
pub fn read(path: &Path) -> Result<PreparedPicture, PictureError> {
    Reader::default().prepare(&Input::File(path))
}

/// Reads and decodes one image file.
///
/// # Errors
/// As [`Reader::prepare`], except for a picture without a digit.
pub fn read_image(path: &Path) -> Result<DynamicImage, PictureError> {
    decode_guarded(&read_bytes(path)?)
}

/// The bytes of an image file.
///
/// # Errors
/// As [`Reader::prepare`], before anything is decoded.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    Access::default().read(path, &mut bytes)?;
    Ok(bytes)
}

/// As [`decode`]; a panic of a decoder is an error.
///
/// # Errors
/// As [`decode`], and [`PictureError::Decoder`].
fn decode_guarded(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    catch_unwind(|| decode(bytes)).unwrap_or(Err(PictureError::Decoder))
}
