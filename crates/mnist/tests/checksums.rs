//! The built-in checksums equal those in the repository.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its place is the message")]

use std::path::Path;

#[test]
fn the_built_in_sums_are_those_beside_the_files() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mnist/SHA256SUMS");
    assert_eq!(mnist::MNIST_SHA256SUMS, std::fs::read_to_string(list).unwrap());
}
