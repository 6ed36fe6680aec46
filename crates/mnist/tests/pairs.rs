//! Reading MNIST and drawing pair sets, on the real files.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::io::Write;
use std::path::{Path, PathBuf};

use mnist::{FileSums, Mnist, Orders, PairSets, Protocol, default_folder};

fn first_indices<const N: usize>(set: &mnist::PairSet) -> [usize; N] {
    let flat: Vec<usize> = set.indices().iter().flatten().copied().take(N).collect();
    flat.try_into().unwrap()
}

/// Check values of the course's generator (`torch.manual_seed(seed)`, `torch.randperm`).
#[test]
fn pair_sets_are_those_of_the_courses_generator() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let seed_0 = PairSets::draw(&mnist, 1000, 0).unwrap();
    assert_eq!(first_indices(&seed_0.training), [36044, 10678, 57327, 55074, 21567, 15479]);
    assert_eq!(first_indices(&seed_0.test), [7953, 9495, 6723, 5291, 1125, 1110]);
    assert_eq!(seed_0.training.classes()[..2], [[9, 3], [5, 4]]);
    assert_eq!(seed_0.test.classes()[..2], [[0, 7], [4, 1]]);
    assert_eq!(seed_0.test.targets().filter(|&leq| leq).count(), 526);

    let seed_42 = PairSets::draw(&mnist, 1000, 42).unwrap();
    assert_eq!(first_indices(&seed_42.training), [37542, 43087, 2992, 25810]);
    assert_eq!(first_indices(&seed_42.test), [914, 4169, 3956, 8025]);
}

#[test]
fn the_two_protocols_differ_in_what_the_rounds_seed_changes() {
    let fixed = Protocol::Fixed { data_seed: 42 };
    assert_eq!((fixed.data_seed(0).unwrap(), fixed.data_seed(9).unwrap()), (42, 42));
    assert_eq!((Protocol::Redrawn.data_seed(0).unwrap(), Protocol::Redrawn.data_seed(9).unwrap()), (0, 9));
    assert!(Protocol::Redrawn.data_seed(1 << 32).unwrap_err().to_string().contains("4294967296"));
}

#[test]
fn pixels_are_unrounded_means_of_four() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let sets = PairSets::draw(&mnist, 1000, 0).unwrap();
    assert!(sets.training.pixels().iter().all(|pixel| (0.0..=255.0).contains(pixel) && (4.0 * pixel).fract() == 0.0));
    assert!(sets.training.pixels().iter().any(|pixel| pixel.fract() == 0.25));
    let (mean, standard_deviation) = sets.training.mean_and_standard_deviation();
    assert!((30.0..36.0).contains(&mean) && (65.0..80.0).contains(&standard_deviation), "{mean} {standard_deviation}");
}

#[test]
fn a_set_larger_than_its_split_is_refused() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let error = PairSets::draw(&mnist, 5001, 0).unwrap_err().to_string();
    assert!(error.contains("5001 pairs take 10002 images") && error.contains("test split holds 10000"), "{error}");
}

struct Folder(tempfile::TempDir);

impl Folder {
    /// A copy of MNIST's four packed files, without the list of checksums.
    fn of_mnist() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(default_folder()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "gz") {
                std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn fault(&self) -> String {
        Mnist::load(self.0.path()).unwrap_err().to_string()
    }
}

fn pack(path: &Path, contents: &[u8]) {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(contents).unwrap();
    std::fs::write(path, packer.finish().unwrap()).unwrap();
}

#[test]
fn another_folder_is_read_packed_or_not_and_unchecked_without_a_list() {
    let folder = Folder::of_mnist();
    let mut labels: Vec<u8> = vec![0, 0, 8, 1, 0, 0, 0x27, 0x10];
    labels.resize(8 + 10_000, 5);
    std::fs::remove_file(folder.file("t10k-labels-idx1-ubyte.gz")).unwrap();
    std::fs::write(folder.file("t10k-labels-idx1-ubyte"), labels).unwrap();
    let mnist = Mnist::load(folder.0.path()).unwrap();
    assert!(mnist.test.labels.iter().all(|&label| label == 5));
    assert_eq!(mnist.training.images.len(), 60_000);
    assert!(mnist.sums.training_is_mnist() && !mnist.is_mnist());
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::of_mnist();
    std::fs::remove_file(folder.file("train-labels-idx1-ubyte.gz")).unwrap();
    let fault = folder.fault();
    assert!(fault.contains("train-labels-idx1-ubyte is missing") && fault.contains("--data"), "{fault}");
}

#[test]
fn a_truncated_archive_is_named() {
    let folder = Folder::of_mnist();
    let path = folder.file("t10k-images-idx3-ubyte.gz");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let fault = folder.fault();
    assert!(fault.contains("t10k-images-idx3-ubyte.gz does not unpack"), "{fault}");
}

#[test]
fn other_usual_names_and_packings_are_read_and_the_test_split_alone_is_enough_for_testing() {
    let folder = Folder::of_mnist();
    // As 7-Zip and Kaggle have them; packed under the unpacked name; unpacked under the packed one.
    let rename = |from: &str, to: &str| std::fs::rename(folder.file(from), folder.file(to)).unwrap();
    rename("train-images-idx3-ubyte.gz", "train-images.idx3-ubyte.gz");
    rename("train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte");
    rename("t10k-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte");
    let usual = Mnist::load(&default_folder()).unwrap();
    let read = Mnist::load(folder.0.path()).unwrap();
    assert!(read.training.images == usual.training.images && read.test.labels == usual.test.labels);
    for name in ["train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte"] {
        std::fs::remove_file(folder.file(name)).unwrap();
    }
    let alone = Mnist::load_for_testing(folder.0.path()).unwrap();
    assert!(alone.training.images.is_empty() && alone.test.images == usual.test.images);
    let sums = FileSums { training_images: String::new(), training_labels: String::new(), ..usual.sums.clone() };
    assert_eq!(alone.sums, sums);
    let [alone, usual] = [&alone, &usual].map(|mnist| Orders::draw(mnist, 0).test(mnist, 0..1000).unwrap());
    assert_eq!(alone.indices(), usual.indices());
    assert!(Mnist::load(folder.0.path()).unwrap_err().to_string().contains("train-images-idx3-ubyte is missing"));
}

#[test]
fn a_wrong_magic_number_and_a_wrong_count_are_named() {
    let folder = Folder::of_mnist();
    pack(&folder.file("t10k-labels-idx1-ubyte.gz"), &[0, 0, 8, 3, 0, 0, 0, 1, 4]);
    assert!(
        folder.fault().contains("t10k-labels-idx1-ubyte.gz is not a sound IDX file: its magic number is 0x00000803")
    );
    pack(&folder.file("t10k-labels-idx1-ubyte.gz"), &[0, 0, 8, 1, 0, 0, 0, 2, 4]);
    assert!(folder.fault().contains("announces 2 labels, that is 2 bytes, but 1 follow: the file is truncated"));
    pack(&folder.file("t10k-labels-idx1-ubyte.gz"), &[0, 0, 8, 1, 0, 0, 0, 1, 4]);
    assert!(folder.fault().contains("holds 10000 images"), "{}", folder.fault());
}

#[test]
fn a_checksum_that_differs_is_named_with_both_sums() {
    let folder = Folder::of_mnist();
    std::fs::copy(default_folder().join("SHA256SUMS"), folder.file("SHA256SUMS")).unwrap();
    Mnist::load(folder.0.path()).unwrap();
    pack(&folder.file("t10k-labels-idx1-ubyte.gz"), &[0, 0, 8, 1, 0, 0, 0, 1, 4]);
    let fault = folder.fault();
    assert!(
        fault.contains("t10k-labels-idx1-ubyte.gz has SHA-256") && fault.contains("but SHA256SUMS says b91679a0acfe"),
        "{fault}"
    );
}
