//! Reads and checks MNIST, or files in the same format, from a folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use digits::{DigitImage, MNIST_SIDE};

use crate::checksums::{Checksums, FileSums, SUMS_FILE};
use crate::idx::{self, IdxError};

/// Largest file, packed or not; protects against gzip bombs and files without an end. MNIST's have 47 MB.
const MAX_BYTES: u64 = 1 << 30;

/// Why a data set cannot be used. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file is missing, packed and unpacked.
    #[error("{} is missing, also as .gz and under its other usual name; name the folder of MNIST's IDX files with --data DIR", path.display())]
    Missing {
        /// The unpacked file's path.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A gzip file that cannot be unpacked.
    #[error("{} does not unpack: {source}; it is damaged or truncated, fetch it again", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
        /// The unpacker's error.
        source: std::io::Error,
    },
    /// A file's checksum differs from the list.
    #[error("{} has SHA-256 {found}, but {list} says {wanted}: it is damaged or another file, fetch it again", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Its checksum.
        found: String,
        /// The listed checksum.
        wanted: String,
        /// The list.
        list: String,
    },
    /// A list of checksums does not list a file of the set.
    #[error("{} lists no checksum for {file}: add it, or remove the list to read the folder unchecked", list.display())]
    Unlisted {
        /// The list.
        list: PathBuf,
        /// The file's name.
        file: String,
    },
    /// The unpacked bytes are not a valid IDX file.
    #[error("{} is not a sound IDX file: {source}", path.display())]
    Idx {
        /// The file.
        path: PathBuf,
        /// The error.
        source: IdxError,
    },
    /// Images and labels of a split differ in number.
    #[error("{} holds {images} images, but {} holds {labels} labels", images_path.display(), labels_path.display())]
    CountsDiffer {
        /// The images file.
        images_path: PathBuf,
        /// Number of images.
        images: usize,
        /// The labels file.
        labels_path: PathBuf,
        /// Number of labels.
        labels: usize,
    },
    /// A pair set larger than its split.
    #[error("{pairs} pairs take {} images, but the {split} split holds {images}", 2 * pairs)]
    TooFewImages {
        /// Pairs requested.
        pairs: usize,
        /// `training` or `test`.
        split: &'static str,
        /// Images in the split.
        images: usize,
    },
    /// A seed too large for the course's generator.
    #[error("seed {0} does not fit the course's generator, whose seeds are 32 bits: use 0 to 4294967295")]
    SeedTooLarge(u64),
}

/// Labelled images.
#[derive(Debug, Clone)]
pub struct Split {
    /// 28x28 images, row-major, 0..=255, white on black.
    pub images: Vec<[u8; MNIST_SIDE * MNIST_SIDE]>,
    /// The digit of each image, 0..=9.
    pub labels: Vec<u8>,
}

impl Split {
    /// Every image averaged 2x2 to 14x14.
    pub fn digit_images(&self) -> impl ExactSizeIterator<Item = DigitImage> + '_ {
        self.images.iter().map(DigitImage::from_mnist)
    }
}

/// A training split and a test split.
#[derive(Debug, Clone)]
pub struct Mnist {
    /// 60,000 images in MNIST.
    pub training: Split,
    /// 10,000 images in MNIST.
    pub test: Split,
    /// Checksums of the files that were read.
    pub sums: FileSums,
}

impl Mnist {
    /// Reads `train-*` and `t10k-*` IDX files, unpacked or gzip, from `folder`, whatever their names say about packing:
    /// `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, with `.gz` or without. Files are checked against
    /// `SHA256SUMS` if the folder has one; the repository's own folder is always checked.
    ///
    /// # Errors
    /// Every [`DataError`] names the file and the problem.
    pub fn load(folder: &Path) -> Result<Self, DataError> {
        let checksums = Checksums::beside(folder)?;
        let (training, [training_images, training_labels]) = load_split(folder, TRAINING, &checksums)?;
        let (test, [test_images, test_labels]) = load_split(folder, TEST, &checksums)?;
        let sums = FileSums { training_images, training_labels, test_images, test_labels };
        Ok(Self { training, test, sums })
    }

    /// As [`Mnist::load`], for what needs the test split only: the training split is empty where its files are missing.
    ///
    /// # Errors
    /// As [`Mnist::load`].
    pub fn load_for_testing(folder: &Path) -> Result<Self, DataError> {
        let is_missing = KINDS.iter().all(|kind| find(folder, TRAINING, kind).is_none());
        if !is_missing {
            return Self::load(folder);
        }
        let (test, [test_images, test_labels]) = load_split(folder, TEST, &Checksums::beside(folder)?)?;
        let training = Split { images: Vec::new(), labels: Vec::new() };
        let sums = FileSums { test_images, test_labels, ..FileSums::default() };
        Ok(Self { training, test, sums })
    }

    /// The checksum by which checkpoints and model files name their training data: it depends on images and labels, and is
    /// that of the images for MNIST.
    pub fn data_sha256(&self) -> String {
        self.sums.data_sha256()
    }

    /// Whether all four files are MNIST's.
    pub fn is_mnist(&self) -> bool {
        self.sums.training_is_mnist() && self.sums.test_is_mnist()
    }
}

/// First words of the names of a split's files, and what its two files hold.
const TRAINING: &str = "train";
const TEST: &str = "t10k";
const KINDS: [&str; 2] = ["images-idx3", "labels-idx1"];

/// Every file of a folder that [`Mnist::load`] may read, whether or not it is there.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let kinds = [TRAINING, TEST].into_iter().flat_map(|prefix| KINDS.map(|kind| paths(folder, prefix, kind)));
    kinds.flatten().chain([folder.join(SUMS_FILE)]).collect()
}

/// `data/mnist` in the working folder or a parent, else in the source tree of the build.
pub fn default_folder() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let nearest = here.ancestors().map(|folder| folder.join("data/mnist")).find(|folder| folder.is_dir());
    nearest.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mnist"))
}

/// A split, and the checksums of its images and of its labels.
fn load_split(folder: &Path, prefix: &str, sums: &Checksums) -> Result<(Split, [String; 2]), DataError> {
    let [images_kind, labels_kind] = KINDS;
    let (images_path, image_bytes) = read(folder, prefix, images_kind, sums)?;
    let images = idx::images(&image_bytes).map_err(|source| DataError::Idx { path: images_path.clone(), source })?;
    let (labels_path, label_bytes) = read(folder, prefix, labels_kind, sums)?;
    let labels = idx::labels(&label_bytes).map_err(|source| DataError::Idx { path: labels_path.clone(), source })?;
    if images.len() != labels.len() {
        return Err(DataError::CountsDiffer { images: images.len(), labels: labels.len(), images_path, labels_path });
    }
    Ok((Split { images, labels }, [files::sha256(&image_bytes), files::sha256(&label_bytes)]))
}

/// The file of a split, if it is there.
fn find(folder: &Path, prefix: &str, kind: &str) -> Option<PathBuf> {
    paths(folder, prefix, kind).into_iter().find(|path| path.exists())
}

/// The names that a file of a split may have: `-` or, as some archivers have it, `.` before `idx`, packed or not.
fn paths(folder: &Path, prefix: &str, kind: &str) -> [PathBuf; 4] {
    let [usual, other] = [format!("{prefix}-{kind}-ubyte"), format!("{prefix}-{}-ubyte", kind.replace('-', "."))];
    [usual.clone(), format!("{usual}.gz"), other.clone(), format!("{other}.gz")].map(|name| folder.join(name))
}

/// A file and its contents, unpacked if they are gzip.
fn read(folder: &Path, prefix: &str, kind: &str, sums: &Checksums) -> Result<(PathBuf, Vec<u8>), DataError> {
    let missing = || DataError::Missing { path: folder.join(format!("{prefix}-{kind}-ubyte")) };
    let path = find(folder, prefix, kind).ok_or_else(missing)?;
    let bytes = files::read(&path, MAX_BYTES).map_err(|source| DataError::Unreadable { path: path.clone(), source })?;
    sums.check(&path, &bytes)?;
    // An IDX file begins with two zeros, whatever its name says.
    let is_named_packed = path.extension().is_some_and(|ending| ending == "gz") && !bytes.starts_with(&[0, 0]);
    let is_packed = is_named_packed || bytes.starts_with(b"\x1F\x8B");
    let contents = if is_packed { unpacked(&path, &bytes)? } else { bytes };
    Ok((path, contents))
}

fn unpacked(path: &Path, packed: &[u8]) -> Result<Vec<u8>, DataError> {
    let mut contents = Vec::with_capacity(announced_length(packed));
    flate2::read::MultiGzDecoder::new(packed)
        .take(MAX_BYTES)
        .read_to_end(&mut contents)
        .map_err(|source| DataError::Packed { path: path.to_owned(), source })?;
    Ok(contents)
}

/// The unpacked length in the last four bytes of a gzip file, capped by gzip's highest ratio. Only a hint.
fn announced_length(packed: &[u8]) -> usize {
    const HIGHEST_RATIO: usize = 1032;
    let announced = packed.last_chunk::<4>().map_or(0, |&length| u32::from_le_bytes(length) as usize);
    announced.min(packed.len() * HIGHEST_RATIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_announces_more_than_gzip_can_hold() {
        let packed = |length: u32| [[0; 16].as_slice(), &length.to_le_bytes()].concat();
        assert_eq!(announced_length(&packed(500)), 500);
        assert_eq!(announced_length(&packed(u32::MAX)), 20 * 1032);
        assert_eq!(announced_length(&[1, 2, 3]), 0);
    }

    #[test]
    fn every_name_that_is_looked_for_is_among_the_files_of_a_folder() {
        let files = files_in(Path::new("d"));
        assert_eq!(files.len(), 17);
        for name in ["train-images-idx3-ubyte", "t10k-labels.idx1-ubyte.gz", "SHA256SUMS"] {
            assert!(files.contains(&Path::new("d").join(name)), "{name}");
        }
    }

    #[test]
    fn what_is_not_packed_is_read_as_it_is_whatever_its_name() {
        let images = [[0_u8, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28].as_slice(), &[7; 784]].concat();
        let labels = [0_u8, 0, 8, 1, 0, 0, 0, 1, 4];
        for ending in ["", ".gz"] {
            let folder = tempfile::tempdir().unwrap();
            for split in [TRAINING, TEST] {
                std::fs::write(folder.path().join(format!("{split}-images-idx3-ubyte{ending}")), &images).unwrap();
                std::fs::write(folder.path().join(format!("{split}-labels.idx1-ubyte{ending}")), labels).unwrap();
            }
            let read = Mnist::load(folder.path()).unwrap();
            assert_eq!((read.training.images, read.test.labels), (vec![[7; 784]], vec![4]), "{ending}");
        }
    }

    #[test]
    fn what_is_neither_is_taken_for_what_its_name_says() {
        for (ending, is_packed) in [("", false), (".gz", true)] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(format!("{TRAINING}-images-idx3-ubyte{ending}")), "a web page").unwrap();
            let refused = Mnist::load(folder.path()).unwrap_err();
            assert_eq!(matches!(refused, DataError::Packed { .. }), is_packed, "{ending}: {refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["train-images-idx3-ubyte", "SHA256SUMS"] {
            let pipe = folder.path().join(name);
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            let refused = Mnist::load(folder.path()).unwrap_err().to_string();
            assert!(refused.contains(name) && refused.contains("it is a pipe, not a file"), "{refused}");
        }
    }
}
