//! MNIST's digits for tests.

use std::sync::LazyLock;

use mnist::Mnist;

/// An MNIST image and its label.
#[derive(Clone)]
pub struct Labelled {
    pub pixels: [u8; 784],
    pub label: u8,
}

/// The digits of a split, `t10k` or `train`.
pub fn mnist(split: &str) -> Vec<Labelled> {
    static MNIST: LazyLock<Mnist> = LazyLock::new(|| Mnist::load(&mnist::default_folder()).unwrap());
    let split = if split == "train" { &MNIST.training } else { &MNIST.test };
    split.images.iter().zip(&split.labels).map(|(&pixels, &label)| Labelled { pixels, label }).collect()
}
