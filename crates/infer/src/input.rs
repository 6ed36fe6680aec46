//! A picture to be compared, wherever it is.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use digits::Picture;
use terminal::shown;

/// A picture of one digit: a file, the bytes of a file, or decoded pixels.
///
/// ```
/// use digits::Picture;
/// use infer::Input;
///
/// let from_path = Input::from("three.png");
/// let from_bytes = Input::from(include_bytes!("../examples/two.png"));
/// let pixels = [255; 28 * 28];
/// let decoded = Input::from(Picture::luma(28, 28, &pixels)?);
/// assert!(matches!(from_path, Input::File(_)));
/// assert!(matches!(from_bytes, Input::Bytes(_)));
/// assert!(matches!(decoded, Input::Pixels(_)));
/// # Ok::<(), digits::PrepareError>(())
/// ```
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// An image file: PNG, JPEG, WebP, GIF, TIFF, BMP, QOI or PNM.
    File(&'a Path),
    /// The content of such a file.
    Bytes(&'a [u8]),
    /// Decoded pixels.
    Pixels(Picture<'a>),
}

impl Input<'_> {
    /// The file's name for a message; `None` for what is no file.
    pub fn file_name(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(shown(path)),
            Self::Bytes(_) | Self::Pixels(_) => None,
        }
    }
}

impl fmt::Debug for Input<'_> {
    /// Without the bytes of the picture.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Pixels(picture) => write!(f, "Pixels({} x {})", picture.width(), picture.height()),
        }
    }
}

/// Anything that names a file.
macro_rules! from_path {
    ($($path:ty),*) => {$(
        impl<'a> From<&'a $path> for Input<'a> {
            fn from(path: &'a $path) -> Self {
                Self::File(path.as_ref())
            }
        }
    )*};
}

from_path!(str, String, OsStr, OsString, Path, PathBuf);

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<Picture<'a>> for Input<'a> {
    fn from(picture: Picture<'a>) -> Self {
        Self::Pixels(picture)
    }
}

impl<'a> From<&Picture<'a>> for Input<'a> {
    fn from(picture: &Picture<'a>) -> Self {
        Self::Pixels(*picture)
    }
}
