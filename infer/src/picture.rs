//! An image file, read within limits, and the digit in it.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use digits::{Picture, PrepareError, Prepared};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

mod jpeg;

/// Largest image file that is read, in bytes: a 50 megapixel photo as an uncompressed BMP fits.
pub const MAX_FILE_BYTES: u64 = 200 << 20;

/// Most pixels that are decoded: what large phone cameras make. Checked against the header, before any allocation.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Most memory that a decoder may use, in bytes: 50 megapixels of 16-bit RGBA.
const MAX_DECODER_BYTES: u64 = 8 * MAX_PIXELS;

/// What the decoders read, as messages name it.
const FORMATS: &str = "PNG, JPEG, BMP or PNM";

/// A digit read from a file.
#[derive(Debug)]
pub struct PictureFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// Columns, after the photo was turned upright.
    pub width: usize,
    /// Rows, after the photo was turned upright.
    pub height: usize,
    /// The digit as the network sees it.
    pub prepared: Prepared,
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
    /// The image decodes and shows no digit.
    #[error(transparent)]
    Unprepared(#[from] PrepareError),
}

/// Reads an image file and prepares the digit in it.
///
/// # Errors
/// [`PictureError`], one variant for each thing that can be wrong with a file.
pub fn read(path: &Path) -> Result<PictureFile, PictureError> {
    let image = decode(&read_bytes(path)?)?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let prepared = if image.color().has_color() || image.color().has_alpha() {
        let rgba = image.into_rgba8();
        digits::prepare(&Picture::rgba(width, height, rgba.as_raw())?)?
    } else {
        let grey = image.into_luma8();
        digits::prepare(&Picture::luma(width, height, grey.as_raw())?)?
    };
    Ok(PictureFile { path: path.to_owned(), width, height, prepared })
}

/// The file's bytes, at most [`MAX_FILE_BYTES`]; pipes too, whose length nobody knows before their end.
fn read_bytes(path: &Path) -> Result<Vec<u8>, PictureError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => PictureError::Missing,
        io::ErrorKind::IsADirectory => PictureError::Folder,
        _ => PictureError::Unreadable(error),
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(PictureError::Folder);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooManyBytes);
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    match bytes.len() as u64 {
        0 => Err(PictureError::Empty),
        length if length > MAX_FILE_BYTES => Err(PictureError::TooManyBytes),
        _ => Ok(bytes),
    }
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
