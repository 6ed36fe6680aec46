//! An image file, read within limits, and the digit in it.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use digits::{Candidate, Picture, PrepareError, Prepared, SplitError};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::input::Input;

mod jpeg;
mod plain_png;
mod split;

pub use plain_png::Decoded;
pub use split::two_digits;

use plain_png::PlainPng;

/// Largest image file that is read, in bytes: a 50 megapixel photo as an uncompressed BMP fits.
pub const MAX_FILE_BYTES: u64 = 200 << 20;

/// Most pixels that are decoded: what large phone cameras make. Checked against the header, before any allocation.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Most memory that a decoder may use, in bytes: 50 megapixels of 16-bit RGBA.
const MAX_DECODER_BYTES: u64 = 8 * MAX_PIXELS;

/// What the decoders read, as messages name it.
const FORMATS: &str = "PNG, JPEG, BMP or PNM";

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

    /// Takes another reading for the digit.
    pub fn choose(&mut self, winner: usize) {
        if let Some(candidate) = self.candidates.get(winner) {
            self.prepared = candidate.prepared.clone();
        }
    }
}

/// Why an image file gave no digit. Messages go after the file's name and a colon.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Nothing is there.
    #[error("no such file")]
    Missing,
    /// A folder is there.
    #[error("is a folder; name an image file in it")]
    Folder,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// There are no bytes.
    #[error("is empty; an image file of 0 bytes holds no image")]
    Empty,
    /// More than [`MAX_FILE_BYTES`].
    #[error("is larger than {} MiB, the most that is read; save it smaller or compressed", MAX_FILE_BYTES >> 20)]
    TooManyBytes,
    /// Unknown first bytes.
    #[error("is not an image: its first bytes are of no known image format; {FORMATS} can be read")]
    NotAnImage,
    /// An image that no decoder here reads.
    #[error("is a {0} image, which cannot be read; save it as {FORMATS}")]
    OtherFormat(String),
    /// More than [`MAX_PIXELS`].
    #[error("is {width} x {height} pixels, more than the {} million that are decoded; scale it down", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The data ends early.
    #[error("is cut short: the {0} data ends before the image does; copy or save it again")]
    Truncated(&'static str),
    /// The data contradicts itself.
    #[error("is a damaged {format} image: {fault}")]
    Damaged {
        /// The format of its first bytes.
        format: &'static str,
        /// What the decoder found.
        fault: String,
    },
    /// The decoder lacks something.
    #[error("is a kind of {format} image that cannot be read ({fault}); save it as an ordinary PNG")]
    Unsupported {
        /// The format of its first bytes.
        format: &'static str,
        /// What the decoder lacks.
        fault: String,
    },
    /// The decoder broke off without a reason.
    #[error("is an image that the decoder fails on; save it as an ordinary PNG")]
    Decoder,
    /// The image decodes and shows no digit.
    #[error(transparent)]
    Unprepared(#[from] PrepareError),
    /// The image decodes and does not show two digits.
    #[error(transparent)]
    Unsplit(#[from] SplitError),
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
    bytes: Vec<u8>,
    pixels: Vec<u8>,
    png: PlainPng,
}

impl Reader {
    /// Reads a picture and prepares the digit in it.
    ///
    /// # Errors
    /// [`PictureError`], one variant for each thing that can be wrong with a picture.
    pub fn prepare(&mut self, input: &Input<'_>) -> Result<PreparedPicture, PictureError> {
        match *input {
            Input::File(path) => read_bytes(path, &mut self.bytes)?,
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
        read_bytes(path, &mut self.bytes)?;
        Ok(self.prepare_read()?.1)
    }

    /// Decodes an image file's bytes; the pixels stay here for [`Reader::prepare_decoded`].
    ///
    /// # Errors
    /// As [`Reader::prepare`], except for I/O errors and for a picture without a digit.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Decoded, PictureError> {
        self.take(bytes);
        self.guarded(Self::decode_read)
    }

    /// Prepares the digit in what was decoded last.
    ///
    /// # Errors
    /// When it shows no digit, or `decoded` is of another picture.
    pub fn prepare_decoded(&self, decoded: Decoded) -> Result<Prepared, PrepareError> {
        digits::prepare(&of_pixels(decoded.rgba, decoded.width, decoded.height, &self.pixels)?)
    }

    /// The bytes of what was decoded last: one a pixel of grey, four of colour.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
    }

    /// Columns and rows of what was read, and its readings.
    fn prepare_read(&mut self) -> Result<((usize, usize), Vec<Candidate>), PictureError> {
        self.guarded(|reader| {
            let Decoded { width, height, rgba } = reader.decode_read()?;
            let picture = of_pixels(rgba, width, height, &reader.pixels)?;
            Ok(((width, height), digits::candidates(&picture)?))
        })
    }

    fn decode_read(&mut self) -> Result<Decoded, PictureError> {
        if let Some(plain) = self.png.decode(&self.bytes, &mut self.pixels) {
            return Ok(plain);
        }
        let image = decode(&self.bytes)?;
        let (width, height) = (image.width() as usize, image.height() as usize);
        let rgba = image.color().has_color() || image.color().has_alpha();
        self.pixels = if rgba { image.into_rgba8().into_raw() } else { image.into_luma8().into_raw() };
        Ok(Decoded { width, height, rgba })
    }

    /// Decoders are other people's work on other people's bytes: a bug there must not end the run.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, PictureError>) -> Result<T, PictureError> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        // The memory of a large photo is not kept for the digits after it.
        if done.is_err() || self.pixels.capacity() > MOST_KEPT || self.bytes.capacity() > MOST_KEPT {
            *self = Self::default();
        }
        done.unwrap_or(Err(PictureError::Decoder))
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
    let mut bytes = Vec::new();
    read_bytes(path, &mut bytes)?;
    catch_unwind(AssertUnwindSafe(|| decode(&bytes))).unwrap_or(Err(PictureError::Decoder))
}

fn of_pixels(rgba: bool, width: usize, height: usize, pixels: &[u8]) -> Result<Picture<'_>, PrepareError> {
    let form = if rgba { Picture::rgba } else { Picture::luma };
    form(width, height, pixels)
}

/// The file's bytes, at most [`MAX_FILE_BYTES`].
fn read_bytes(path: &Path, bytes: &mut Vec<u8>) -> Result<(), PictureError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => PictureError::Missing,
        io::ErrorKind::IsADirectory => PictureError::Folder,
        _ => PictureError::Unreadable(error),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(PictureError::Folder);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooManyBytes);
    }
    bytes.clear();
    match metadata.len() as usize {
        // A pipe or a device, whose length nobody knows before its end.
        0 => file.take(MAX_FILE_BYTES + 1).read_to_end(bytes).map(drop),
        length => {
            bytes.resize(length, 0);
            read_stated(&mut file, bytes)
        }
    }
    .map_err(unreadable)?;
    match bytes.len() as u64 {
        0 => Err(PictureError::Empty),
        length if length > MAX_FILE_BYTES => Err(PictureError::TooManyBytes),
        _ => Ok(()),
    }
}

/// Fills `bytes`, the file's stated length, without asking again whether more follows; shortens them if less does.
fn read_stated(file: &mut File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => bytes.truncate(filled),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Decodes an image and turns it upright as its EXIF data says.
///
/// # Errors
/// [`PictureError`] when the bytes are no image, too large a one, or a damaged one.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAnImage)?;
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Pnm => "PNM",
        other => return Err(PictureError::OtherFormat(format!("{other:?}").to_uppercase())),
    };
    let fault = |error: ImageError| fault(name, error);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels { width, height });
    }
    if format == ImageFormat::Jpeg && !jpeg::is_complete(bytes) {
        return Err(PictureError::Truncated(name));
    }
    decoder.set_limits(limits).map_err(fault)?;
    // Orientation is a courtesy: damaged EXIF data must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn fault(format: &'static str, error: ImageError) -> PictureError {
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => PictureError::Truncated(format),
        ImageError::Unsupported(error) => PictureError::Unsupported { format, fault: error.to_string() },
        other => PictureError::Damaged { format, fault: other.to_string() },
    }
}
