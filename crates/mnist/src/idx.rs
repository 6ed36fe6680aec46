//! The IDX format of MNIST's files: a big-endian header (magic number, sizes), then unsigned bytes.

use digits::MNIST_SIDE;

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;
const IMAGE_BYTES: usize = MNIST_SIDE * MNIST_SIDE;

/// An error in an IDX file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdxError {
    /// The file is shorter than its header.
    #[error("it is truncated: {found} bytes, but the header alone takes {wanted}")]
    NoHeader {
        /// Bytes in the file.
        found: usize,
        /// Bytes of the header.
        wanted: usize,
    },
    /// The first four bytes are not those of this kind of file.
    #[error("its magic number is {found:#010x}, but a file of {kind} starts with {wanted:#010x}")]
    WrongMagic {
        /// The number found.
        found: u32,
        /// The number expected.
        wanted: u32,
        /// `images` or `labels`.
        kind: &'static str,
    },
    /// Images of an unsupported size.
    #[error("its images are {rows}x{columns}, but leq reads 28x28")]
    WrongSize {
        /// Rows of each image.
        rows: u32,
        /// Columns of each image.
        columns: u32,
    },
    /// The data's length differs from the header's.
    #[error("its header announces {count} {kind}, that is {wanted} bytes, but {found} follow{}", truncated(*found, *wanted))]
    WrongLength {
        /// `images` or `labels`.
        kind: &'static str,
        /// Items in the header.
        count: u32,
        /// Bytes expected.
        wanted: u64,
        /// Bytes after the header.
        found: u64,
    },
    /// A label above 9.
    #[error("label number {index} is {found}, but digits are 0 to 9")]
    WrongLabel {
        /// Index of the label, from 0.
        index: usize,
        /// Its value.
        found: u8,
    },
}

fn truncated(found: u64, wanted: u64) -> &'static str {
    if found < wanted { ": the file is truncated" } else { "" }
}

/// The images of an unpacked IDX file, 28x28 each, row-major.
///
/// # Errors
/// [`IdxError`] if the bytes are not an images file of the announced length.
pub fn images(bytes: &[u8]) -> Result<Vec<[u8; IMAGE_BYTES]>, IdxError> {
    let ([magic, count, rows, columns], body) = header::<4>(bytes)?;
    expect_magic(magic, IMAGES_MAGIC, "images")?;
    if (rows, columns) != (MNIST_SIDE as u32, MNIST_SIDE as u32) {
        return Err(IdxError::WrongSize { rows, columns });
    }
    expect_length("images", count, IMAGE_BYTES, body)?;
    let (images, _) = body.as_chunks::<IMAGE_BYTES>();
    Ok(images.to_vec())
}

/// The labels of an unpacked IDX file, each 0..=9.
///
/// ```
/// use mnist::idx::{IdxError, labels};
///
/// let file = [0, 0, 8, 1, 0, 0, 0, 2, 7, 3]; // magic number, count, two labels
/// assert_eq!(labels(&file), Ok(vec![7, 3]));
/// assert!(matches!(labels(&file[..9]), Err(IdxError::WrongLength { .. })));
/// ```
///
/// # Errors
/// [`IdxError`] if the bytes are not a labels file of the announced length, or a label is above 9.
pub fn labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    let ([magic, count], body) = header::<2>(bytes)?;
    expect_magic(magic, LABELS_MAGIC, "labels")?;
    expect_length("labels", count, 1, body)?;
    match body.iter().position(|&label| label > 9) {
        Some(index) => Err(IdxError::WrongLabel { index, found: body[index] }),
        None => Ok(body.to_vec()),
    }
}

fn header<const FIELDS: usize>(bytes: &[u8]) -> Result<([u32; FIELDS], &[u8]), IdxError> {
    let (fields, _) = bytes.as_chunks::<4>();
    match fields.first_chunk::<FIELDS>() {
        Some(fields) => Ok((fields.map(u32::from_be_bytes), &bytes[4 * FIELDS..])),
        None => Err(IdxError::NoHeader { found: bytes.len(), wanted: 4 * FIELDS }),
    }
}

fn expect_magic(found: u32, wanted: u32, kind: &'static str) -> Result<(), IdxError> {
    if found == wanted { Ok(()) } else { Err(IdxError::WrongMagic { found, wanted, kind }) }
}

fn expect_length(kind: &'static str, count: u32, item: usize, body: &[u8]) -> Result<(), IdxError> {
    let (wanted, found) = (u64::from(count) * item as u64, body.len() as u64);
    if wanted == found { Ok(()) } else { Err(IdxError::WrongLength { kind, count, wanted, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &[u32], body: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = header.iter().flat_map(|field| field.to_be_bytes()).collect();
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn images_and_labels_are_read() {
        let pixels: Vec<u8> = (0..2 * IMAGE_BYTES).map(|index| (index % 251) as u8).collect();
        let read = images(&file(&[IMAGES_MAGIC, 2, 28, 28], &pixels)).unwrap();
        assert_eq!(read.concat(), pixels);
        assert_eq!(labels(&file(&[LABELS_MAGIC, 3], &[7, 0, 9])).unwrap(), [7, 0, 9]);
    }

    #[test]
    fn each_fault_is_told_apart() {
        let body = [0; IMAGE_BYTES];
        let fault = |header: &[u32], body: &[u8]| images(&file(header, body)).unwrap_err().to_string();
        assert!(fault(&[IMAGES_MAGIC], &[]).contains("truncated: 4 bytes, but the header alone takes 16"));
        assert!(fault(&[LABELS_MAGIC, 1, 28, 28], &body).contains("magic number is 0x00000801"));
        assert!(fault(&[IMAGES_MAGIC, 1, 32, 28], &body).contains("32x28"));
        assert!(fault(&[IMAGES_MAGIC, 2, 28, 28], &body).contains("784 follow: the file is truncated"));
        assert!(fault(&[IMAGES_MAGIC, 1, 28, 28], &[0; IMAGE_BYTES + 1]).ends_with("but 785 follow"));
        assert!(fault(&[IMAGES_MAGIC, u32::MAX, 28, 28], &body).contains("4294967295 images"));
        assert!(labels(&file(&[LABELS_MAGIC, 2], &[3, 10])).unwrap_err().to_string().contains("label number 1 is 10"));
    }

    #[test]
    fn a_file_is_truncated_where_bytes_are_missing() {
        assert_eq!([4, 5, 6].map(|found| truncated(found, 5)), [": the file is truncated", "", ""]);
    }
}
