//! Pairs of MNIST's test split, each with its digits.

use std::path::{Path, PathBuf};

use digits::{DigitImage, SIDE, Verdict};
use mnist::{DataError, Mnist, Mt19937, Split, default_folder};

use crate::engine::{Engine, EngineError, PAIR_PIXELS};

/// Pairs with their digits.
#[derive(Debug, Clone)]
pub struct TestPairs {
    /// `[n, 2, 14, 14]`.
    pub pixels: Vec<f32>,
    /// The digits of each pair.
    pub classes: Vec<[u8; 2]>,
}

/// Pairs of the course's sets.
pub const COURSE_PAIRS: usize = 1_000;

/// Pairs at once: large enough that batching pays, small enough for any cache.
const CHUNK: usize = 250;

impl TestPairs {
    /// Pairs by their places in a split.
    pub fn of(split: &Split, places: &[[usize; 2]]) -> Self {
        let pixels = places.iter().flatten().flat_map(|&at| *DigitImage::from_mnist(&split.images[at]).pixels());
        Self { pixels: pixels.collect(), classes: places.iter().map(|pair| pair.map(|at| split.labels[at])).collect() }
    }

    /// The course's 1,000 test pairs for a data seed: a permutation of the training split, then of the test split, from
    /// one stream; the first 2,000 places of the second are read two by two.
    ///
    /// # Errors
    /// [`DataError::TooFewImages`].
    pub fn course(mnist: &Mnist, data_seed: u32) -> Result<Self, DataError> {
        let images = mnist.test.images.len();
        if images < 2 * COURSE_PAIRS {
            return Err(DataError::TooFewImages { pairs: COURSE_PAIRS, split: "test", images });
        }
        let mut generator = Mt19937::new(data_seed);
        let _training = generator.permutation(mnist.training.images.len());
        let order = generator.permutation(images);
        Ok(Self::of(&mnist.test, order[..2 * COURSE_PAIRS].as_chunks::<2>().0))
    }

    /// Every test digit once: the first half against the second, 5,000 disjoint pairs of MNIST.
    pub fn disjoint(split: &Split) -> Self {
        let half = split.images.len() / 2;
        let places: Vec<[usize; 2]> = (0..half).map(|at| [at, at + half]).collect();
        Self::of(split, &places)
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Whether first <= second, of each pair.
    pub fn truths(&self) -> impl Iterator<Item = bool> + '_ {
        self.classes.iter().map(|[first, second]| first <= second)
    }

    /// What a model answers about all of them.
    ///
    /// # Errors
    /// The engine's.
    pub fn ask(&self, engine: &mut dyn Engine) -> Result<Vec<Verdict>, EngineError> {
        ask(engine, &self.pixels)
    }

    /// One image of a pair.
    pub fn image(&self, pair: usize, side: usize) -> &[f32] {
        &self.pixels[pair * PAIR_PIXELS + side * SIDE * SIDE..][..SIDE * SIDE]
    }
}

/// Pixels of many pairs, some pairs at once.
pub fn chunks(pixels: &[f32]) -> std::slice::Chunks<'_, f32> {
    pixels.chunks(CHUNK * PAIR_PIXELS)
}

/// What a model answers about any number of pairs, `[n, 2, 14, 14]`.
///
/// # Errors
/// The engine's.
pub fn ask(engine: &mut dyn Engine, pixels: &[f32]) -> Result<Vec<Verdict>, EngineError> {
    let mut verdicts = Vec::with_capacity(pixels.len() / PAIR_PIXELS);
    for chunk in chunks(pixels) {
        verdicts.extend(engine.infer(chunk)?.verdicts()?);
    }
    Ok(verdicts)
}

/// Reads MNIST from `folder`, or from where this project has it.
///
/// # Errors
/// [`DataError`], naming the file.
pub fn load(folder: Option<&Path>) -> Result<Mnist, DataError> {
    Mnist::load(&folder.map_or_else(default_folder, PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_courses_test_pairs_are_those_of_the_trainer() {
        let mnist = load(None).unwrap();
        let pairs = TestPairs::course(&mnist, 0).unwrap();
        assert_eq!(pairs.len(), 1_000);
        // As `trainer/tests/data.rs` has them.
        for (pair, places) in [[7953, 9495], [6723, 5291]].into_iter().enumerate() {
            assert_eq!(pairs.classes[pair], places.map(|at| mnist.test.labels[at]));
            for (side, at) in places.into_iter().enumerate() {
                assert_eq!(pairs.image(pair, side), DigitImage::from_mnist(&mnist.test.images[at]).pixels());
            }
        }
        let disjoint = TestPairs::disjoint(&mnist.test);
        assert_eq!(disjoint.len(), 5_000);
        assert_eq!(disjoint.classes[0], [7, 3]);
        assert_eq!(disjoint.image(0, 0), DigitImage::from_mnist(&mnist.test.images[0]).pixels());
    }
}
