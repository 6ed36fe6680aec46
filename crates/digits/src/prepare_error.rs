//! Why a picture gives no digit.

/// Why a picture gave no digit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// Nothing stands out from the background, or nothing large enough to be a digit.
    #[error(
        "no ink found: the picture is blank, or too faint or small to read; show one digit, dark on light or light on dark"
    )]
    NoInk,
    /// The picture has no pixels.
    #[error("the picture is {width} x {height} pixels and so has none")]
    Empty {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The caller's buffer does not fit the size it states.
    #[error("{bytes} bytes do not make a picture of {width} x {height} pixels")]
    Bytes {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Length of the buffer.
        bytes: usize,
    },
}
