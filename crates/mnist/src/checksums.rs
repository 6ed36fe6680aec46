//! Checksums of the files of a data set.

use std::path::{Path, PathBuf};

use crate::DataError;

/// SHA-256 of MNIST's four files, packed and unpacked, in the format of `sha256sum`.
pub const MNIST_SHA256SUMS: &str = "\
1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be  t10k-images-idx3-ubyte.gz
b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b  t10k-labels-idx1-ubyte.gz
0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971  train-images-idx3-ubyte.gz
1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203  train-labels-idx1-ubyte.gz
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
";

/// Whether training data of this checksum, [`crate::Mnist::data_sha256`], are MNIST's.
pub fn is_mnist(data_sha256: &str) -> bool {
    is_mnists(data_sha256, "train-images-idx3-ubyte")
}

fn is_mnists(sha256: &str, file: &str) -> bool {
    MNIST_SHA256SUMS.lines().any(|line| line == format!("{sha256}  {file}"))
}

/// SHA-256 of a data set's four files, unpacked, in hexadecimal; empty for a file that was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSums {
    /// Of the training images.
    pub training_images: String,
    /// Of the training labels.
    pub training_labels: String,
    /// Of the test images.
    pub test_images: String,
    /// Of the test labels.
    pub test_labels: String,
}

impl FileSums {
    /// Whether training images and training labels are MNIST's.
    pub fn training_is_mnist(&self) -> bool {
        is_mnists(&self.training_images, "train-images-idx3-ubyte")
            && is_mnists(&self.training_labels, "train-labels-idx1-ubyte")
    }

    /// Whether test images and test labels are MNIST's.
    pub fn test_is_mnist(&self) -> bool {
        is_mnists(&self.test_images, "t10k-images-idx3-ubyte") && is_mnists(&self.test_labels, "t10k-labels-idx1-ubyte")
    }

    /// One checksum for images and labels of the training split; that of the images for MNIST.
    pub(crate) fn data_sha256(&self) -> String {
        if self.training_is_mnist() {
            return self.training_images.clone();
        }
        files::sha256(format!("{}  {}", self.training_images, self.training_labels))
    }
}

/// Name of a folder's own list.
pub(crate) const SUMS_FILE: &str = "SHA256SUMS";

/// Largest list that is read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// A `sha256sum` list, if there is one.
pub(crate) struct Checksums {
    list: Option<(PathBuf, String)>,
}

impl Checksums {
    /// The list for `folder`: the one in the folder, or MNIST's own for the repository's folder.
    pub(crate) fn beside(folder: &Path) -> Result<Self, DataError> {
        let path = folder.join(SUMS_FILE);
        if is_repository_folder(folder) {
            return Ok(Self { list: Some((path, MNIST_SHA256SUMS.to_owned())) });
        }
        match files::read_text(&path, MAX_LIST_BYTES) {
            Ok(text) => Ok(Self { list: Some((path, text)) }),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(Self { list: None }),
            Err(source) => Err(DataError::Unreadable { path, source }),
        }
    }

    /// Compares the bytes of the file at `path` with the checksum listed for its name.
    pub(crate) fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), DataError> {
        let Some((list, text)) = &self.list else { return Ok(()) };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let line =
            text.lines().find_map(|line| line.split_once(char::is_whitespace).filter(|(_, name)| name.trim() == file));
        let Some((wanted, _)) = line else { return Err(DataError::Unlisted { list: list.clone(), file }) };
        let found = files::sha256(bytes);
        if found == wanted.to_lowercase() {
            return Ok(());
        }
        Err(DataError::Checksum { path: path.to_owned(), found, wanted: wanted.to_owned(), list: SUMS_FILE.to_owned() })
    }
}

fn is_repository_folder(folder: &Path) -> bool {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mnist");
    match (folder.canonicalize(), repository.canonicalize()) {
        (Ok(folder), Ok(repository)) => folder == repository,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_mnist() -> FileSums {
        let sum = |file: &str| {
            let line = MNIST_SHA256SUMS.lines().find_map(|line| line.strip_suffix(file)).unwrap();
            line.trim_end().to_owned()
        };
        FileSums {
            training_images: sum("train-images-idx3-ubyte"),
            training_labels: sum("train-labels-idx1-ubyte"),
            test_images: sum("t10k-images-idx3-ubyte"),
            test_labels: sum("t10k-labels-idx1-ubyte"),
        }
    }

    #[test]
    fn mnist_is_four_files_and_named_by_its_training_images() {
        let mnist = of_mnist();
        assert!(mnist.training_is_mnist() && mnist.test_is_mnist() && is_mnist(&mnist.data_sha256()));
        assert_eq!(mnist.data_sha256(), mnist.training_images);
        let other = || "0".repeat(64);
        assert!(!FileSums { test_images: other(), ..of_mnist() }.test_is_mnist());
        assert!(!FileSums { test_labels: other(), ..of_mnist() }.test_is_mnist());
        assert!(!FileSums::default().training_is_mnist() && !FileSums::default().test_is_mnist());
    }

    #[test]
    fn the_same_images_with_other_labels_are_other_data() {
        let names: Vec<String> = ["0", "1"]
            .map(|digit| FileSums { training_labels: digit.repeat(64), ..of_mnist() })
            .iter()
            .map(|sums| {
                assert!(!sums.training_is_mnist());
                sums.data_sha256()
            })
            .collect();
        assert!(names[0] != names[1] && !names.iter().any(|name| is_mnist(name)), "{names:?}");
    }

    #[test]
    fn the_repositorys_folder_is_known_by_every_path_to_it() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        // A published crate has no data beside it.
        let is_there = data.join("mnist").is_dir();
        for path in ["mnist", "../data/mnist"] {
            assert_eq!(is_repository_folder(&data.join(path)), is_there, "{path}");
        }
        for other in ["", "../crates", "no such folder"] {
            assert!(!is_repository_folder(&data.join(other)), "{other}");
        }
    }
}
