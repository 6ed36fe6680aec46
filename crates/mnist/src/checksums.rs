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

/// Whether images of this checksum, unpacked, are MNIST's training images.
pub fn is_mnist(training_images_sha256: &str) -> bool {
    MNIST_SHA256SUMS.lines().any(|line| line == format!("{training_images_sha256}  train-images-idx3-ubyte"))
}

const SUMS_FILE: &str = "SHA256SUMS";

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
        match std::fs::read_to_string(&path) {
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
