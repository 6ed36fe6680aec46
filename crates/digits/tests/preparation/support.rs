//! MNIST's digits for tests, and all cores for the long ones.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use mnist::Mnist;

/// An MNIST image and its label.
#[derive(Clone)]
pub struct Labelled {
    pub pixels: [u8; 784],
    pub label: u8,
}

/// The digits of a split, `t10k` or `train`.
pub fn mnist(split: &str) -> &'static [Labelled] {
    static MNIST: LazyLock<[Vec<Labelled>; 2]> = LazyLock::new(|| {
        let Mnist { training, test, .. } = Mnist::load(&mnist::default_folder()).unwrap();
        [training, test].map(|split| {
            let digits = split.images.iter().zip(&split.labels);
            digits.map(|(&pixels, &label)| Labelled { pixels, label }).collect()
        })
    });
    let [training, test] = &*MNIST;
    if split == "train" { training } else { test }
}

/// Checks every item, on a thread for each core; panics where a check does.
pub fn on_all_cores<T: Sync>(items: &[T], check: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            check(item);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
}
