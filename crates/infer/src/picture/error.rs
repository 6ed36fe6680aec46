//! Why a picture gave no digit.

use std::io;

use digits::{PrepareError, SplitError};

use super::MAX_FILE_BYTES;

/// What the decoders read, as messages name it.
pub(super) const FORMATS: &str = "PNG, JPEG, WebP, GIF, TIFF, BMP, QOI and PNM";

/// A format that is known and not read.
#[derive(Debug, PartialEq, Eq)]
pub struct OtherFormat {
    /// With its article, such as `an SVG drawing`.
    pub name: &'static str,
    /// What the user can do.
    pub way_out: &'static str,
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
    /// More than [`super::MAX_FILE_BYTES`].
    #[error("is larger than {} MiB, the most that is read; save it smaller or compressed", MAX_FILE_BYTES >> 20)]
    TooManyBytes,
    /// A pipe, a device or a socket is there, which may never end.
    #[error("is a {0}, not a file; write - to read a picture from stdin")]
    NotAFile(&'static str),
    /// A file that the run itself writes.
    #[error("is written by this run, so it cannot be a picture of it")]
    Output,
    /// Unknown first bytes.
    #[error("is not an image: its first bytes are of no known image format; {FORMATS} can be read")]
    NotAnImage,
    /// A known format that no decoder here reads.
    #[error("is {}, which cannot be read; {}", .0.name, .0.way_out)]
    OtherFormat(&'static OtherFormat),
    /// More than [`super::MAX_PIXELS`].
    #[error("is {width} x {height} pixels, more than the {} million that are decoded; scale it down", most / 1_000_000)]
    TooManyPixels {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Most pixels of this kind of image.
        most: u64,
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
