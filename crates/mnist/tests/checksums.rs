//! The built-in checksums equal those in the repository.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::path::Path;

#[test]
fn the_built_in_sums_are_those_beside_the_files() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mnist/SHA256SUMS");
    assert_eq!(mnist::MNIST_SHA256SUMS, std::fs::read_to_string(list).unwrap());
}

#[test]
fn the_files_of_the_repository_are_mnist() {
    let mnist = mnist::Mnist::load(&mnist::default_folder()).unwrap();
    assert!(mnist.is_mnist() && mnist::is_mnist(&mnist.data_sha256()));
    assert_eq!(mnist.data_sha256(), mnist.sums.training_images);
}
