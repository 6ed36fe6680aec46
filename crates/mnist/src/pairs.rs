//! Pair sets: two digits, their classes, and whether the first is less than or equal to the second.

use std::ops::Range;

use digits::{DigitImage, SIDE};
use serde::{Deserialize, Serialize};

use crate::{DataError, Mnist, Mt19937, Split};

/// Images in MNIST's training split.
const MNIST_TRAINING_IMAGES: usize = 60_000;

/// Pixels of a pair: first image, then second image, row-major.
const PAIR_PIXELS: usize = 2 * SIDE * SIDE;

/// How the pair sets of a round are drawn.
///
/// ```
/// use mnist::Protocol;
///
/// assert_eq!(Protocol::Fixed { data_seed: 42 }.data_seed(7)?, 42);
/// assert_eq!(Protocol::Redrawn.data_seed(7)?, 7);
/// # Ok::<(), mnist::DataError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// One training and one test set for all rounds, drawn with this data seed, as in both reports.
    Fixed {
        /// Seed of the course's generator.
        data_seed: u32,
    },
    /// Both sets drawn again in each round with the round's seed, as the course asked.
    Redrawn,
}

impl Protocol {
    /// The name used in commands and results.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::Redrawn => "redrawn",
        }
    }

    /// The seed for the pair sets of a round with seed `round_seed`.
    ///
    /// # Errors
    /// If the round's seed does not fit the course's 32-bit generator.
    pub fn data_seed(&self, round_seed: u64) -> Result<u32, DataError> {
        match *self {
            Self::Fixed { data_seed } => Ok(data_seed),
            Self::Redrawn => u32::try_from(round_seed).map_err(|_| DataError::SeedTooLarge(round_seed)),
        }
    }
}

/// Pairs of 14x14 digits with their classes.
///
/// ```
/// use mnist::{PairSet, Split};
///
/// let split = Split { images: vec![[0; 784]; 4], labels: vec![3, 7, 7, 3] };
/// let pairs = PairSet::from_indices(&split, &[0, 1, 2, 3]);
/// assert_eq!(pairs.classes(), [[3, 7], [7, 3]]);
/// assert_eq!(pairs.targets().collect::<Vec<_>>(), [true, false]); // first <= second
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PairSet {
    pixels: Vec<f32>,
    classes: Vec<[u8; 2]>,
    indices: Vec<[usize; 2]>,
}

impl PairSet {
    /// Pairs `(indices[0], indices[1])`, `(indices[2], indices[3])`, ... of `split`. A last odd index is ignored.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn from_indices(split: &Split, indices: &[usize]) -> Self {
        let (pairs, _) = indices.as_chunks::<2>();
        let image = |&index: &usize| DigitImage::from_mnist(&split.images[index]);
        Self {
            pixels: pairs.iter().flatten().flat_map(|index| *image(index).pixels()).collect(),
            classes: pairs.iter().map(|pair| pair.map(|index| split.labels[index])).collect(),
            indices: pairs.to_vec(),
        }
    }

    /// Every image of `split` once, the first half against the second: `len / 2` disjoint pairs.
    pub fn disjoint(split: &Split) -> Self {
        let half = split.images.len() / 2;
        let indices: Vec<usize> = (0..half).flat_map(|at| [at, at + half]).collect();
        Self::from_indices(split, &indices)
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Raw pixels `[len, 2, 14, 14]`, 0..=255.
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// The digits of each pair.
    pub fn classes(&self) -> &[[u8; 2]] {
        &self.classes
    }

    /// The indices of each pair's images in the split.
    pub fn indices(&self) -> &[[usize; 2]] {
        &self.indices
    }

    /// The label of each pair: true if the first digit is less than or equal to the second.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        self.classes.iter().map(|[first, second]| first <= second)
    }

    /// The pairs at `positions`, in that order.
    ///
    /// # Panics
    /// If a position is out of range.
    pub fn select(&self, positions: &[u32]) -> Self {
        let at = |&position: &u32| position as usize;
        Self {
            pixels: positions
                .iter()
                .flat_map(|position| &self.pixels[at(position) * PAIR_PIXELS..][..PAIR_PIXELS])
                .copied()
                .collect(),
            classes: positions.iter().map(|position| self.classes[at(position)]).collect(),
            indices: positions.iter().map(|position| self.indices[at(position)]).collect(),
        }
    }

    /// Mutable raw pixels `[len, 2, 14, 14]`.
    pub fn pixels_mut(&mut self) -> &mut [f32] {
        &mut self.pixels
    }

    /// New pairs of the digits at `positions`. Position `2 k` is the first digit of pair `k`, `2 k + 1` its second. A
    /// last odd position is ignored.
    ///
    /// # Panics
    /// If a position is out of range.
    pub fn paired_anew(&self, positions: &[u32]) -> Self {
        let (pairs, _) = positions.as_chunks::<2>();
        let at = |&position: &u32| (position as usize / 2, position as usize % 2);
        let image = |position: &u32| &self.pixels[*position as usize * PAIR_PIXELS / 2..][..PAIR_PIXELS / 2];
        Self {
            pixels: pairs.iter().flatten().flat_map(image).copied().collect(),
            classes: pairs
                .iter()
                .map(|pair| pair.each_ref().map(at).map(|(pair, side)| self.classes[pair][side]))
                .collect(),
            indices: pairs
                .iter()
                .map(|pair| pair.each_ref().map(at).map(|(pair, side)| self.indices[pair][side]))
                .collect(),
        }
    }

    /// The same pairs, with the two digits swapped at the positions for which `swapped` holds.
    pub fn with_swapped(&self, swapped: impl FnMut(usize) -> bool) -> Self {
        let swapped: Vec<bool> = (0..self.len()).map(swapped).collect();
        let order = |position: usize| {
            let first = 2 * position as u32;
            if swapped[position] { [first + 1, first] } else { [first, first + 1] }
        };
        self.paired_anew((0..self.len()).map(order).collect::<Vec<_>>().as_flattened())
    }

    /// Mean and unbiased standard deviation over all pixels, as used by report A's normalisation.
    pub fn mean_and_standard_deviation(&self) -> (f32, f32) {
        let count = self.pixels.len() as f64;
        let mean = self.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / count;
        let squares = self.pixels.iter().map(|&pixel| (f64::from(pixel) - mean).powi(2)).sum::<f64>();
        (mean as f32, (squares / (count - 1.0)).sqrt() as f32)
    }
}

/// The training and test pairs of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSets {
    /// Drawn from the training split.
    pub training: PairSet,
    /// Drawn from the test split.
    pub test: PairSet,
}

impl PairSets {
    /// Draws `pairs` training and `pairs` test pairs as the course's generator does. For each split, in that order and
    /// from one stream, it draws a random permutation and pairs its first `2 * pairs` entries in order.
    ///
    /// # Errors
    /// If a split is too small.
    pub fn draw(mnist: &Mnist, pairs: usize, data_seed: u32) -> Result<Self, DataError> {
        let orders = Orders::draw(mnist, data_seed);
        Ok(Self { training: orders.training(mnist, 0..pairs)?, test: orders.test(mnist, 0..pairs)? })
    }
}

/// The order of both splits' images in a round: the permutations of the course's generator, paired in order. Disjoint
/// ranges of pairs share no image.
#[derive(Debug, Clone)]
pub struct Orders {
    training: Vec<usize>,
    test: Vec<usize>,
}

impl Orders {
    /// Draws both permutations from one stream, the training split's first. Where that split is missing, its permutation is
    /// of MNIST's size, so that the test pairs are the same.
    pub fn draw(mnist: &Mnist, data_seed: u32) -> Self {
        let mut generator = Mt19937::new(data_seed);
        let training = match mnist.training.images.len() {
            0 => generator.permutation(MNIST_TRAINING_IMAGES),
            images => generator.permutation(images),
        };
        Self { training, test: generator.permutation(mnist.test.images.len()) }
    }

    /// The training pairs `pairs` of the order.
    ///
    /// # Errors
    /// If the split is too small.
    pub fn training(&self, mnist: &Mnist, pairs: Range<usize>) -> Result<PairSet, DataError> {
        Self::select(&mnist.training, &self.training, pairs, "training")
    }

    /// The test pairs `pairs` of the order.
    ///
    /// # Errors
    /// If the split is too small.
    pub fn test(&self, mnist: &Mnist, pairs: Range<usize>) -> Result<PairSet, DataError> {
        Self::select(&mnist.test, &self.test, pairs, "test")
    }

    fn select(split: &Split, order: &[usize], pairs: Range<usize>, name: &'static str) -> Result<PairSet, DataError> {
        let images = split.images.len();
        match order.get(2 * pairs.start..2 * pairs.end) {
            Some(chosen) if order.len() == images => Ok(PairSet::from_indices(split, chosen)),
            _ => Err(DataError::TooFewImages { pairs: pairs.end, split: name, images }),
        }
    }
}

#[cfg(test)]
mod tests;
