//! MNIST's digits for tests, and pictures made from them.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

use std::io::Read;
use std::path::Path;

pub use digits::scene::Scene;

/// An MNIST image and its label.
#[derive(Clone)]
pub struct Labelled {
    pub pixels: [u8; 784],
    pub label: u8,
}

/// The digits of a split, `t10k` or `train`.
pub fn mnist(split: &str) -> Vec<Labelled> {
    let images = unpack(&format!("{split}-images-idx3-ubyte.gz"));
    let labels = unpack(&format!("{split}-labels-idx1-ubyte.gz"));
    images[16..]
        .chunks_exact(784)
        .zip(&labels[8..])
        .map(|(pixels, &label)| Labelled { pixels: pixels.try_into().unwrap(), label })
        .collect()
}

fn unpack(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/mnist").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}
