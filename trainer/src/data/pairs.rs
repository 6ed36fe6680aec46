//! Pair sets: two digits, the class of each, and whether the first is less than or equal to the second.

use digits::{DigitImage, SIDE};
use serde::{Deserialize, Serialize};

use super::{DataError, Mnist, Mt19937, Split};

/// Pixels of a pair: first image, then second image, row by row.
const PAIR_PIXELS: usize = 2 * SIDE * SIDE;

/// Where the pair sets of a round come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// One training and one test set for all rounds, drawn with this data seed: what both reports did.
    Fixed {
        /// Seed of the course's generator.
        data_seed: u32,
    },
    /// Both sets drawn anew each round with the round's seed: what the course asked for.
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

    /// The seed that draws the pair sets of the round with this seed.
    ///
    /// # Errors
    /// When the round's seed does not fit the course's 32-bit generator.
    pub fn data_seed(&self, round_seed: u64) -> Result<u32, DataError> {
        match *self {
            Self::Fixed { data_seed } => Ok(data_seed),
            Self::Redrawn => u32::try_from(round_seed).map_err(|_| DataError::SeedTooLarge(round_seed)),
        }
    }
}

/// Pairs of 14x14 digits with their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSet {
    pixels: Vec<f32>,
    classes: Vec<[u8; 2]>,
    indices: Vec<[usize; 2]>,
}

impl PairSet {
    /// Pairs `(indices[0], indices[1])`, `(indices[2], indices[3])`, ... of `split`; a last odd index is left out.
    ///
    /// # Panics
    /// When an index is beyond the split.
    pub fn from_indices(split: &Split, indices: &[usize]) -> Self {
        let (pairs, _) = indices.as_chunks::<2>();
        let image = |&index: &usize| DigitImage::from_mnist(&split.images[index]);
        Self {
            pixels: pairs.iter().flatten().flat_map(|index| *image(index).pixels()).collect(),
            classes: pairs.iter().map(|pair| pair.map(|index| split.labels[index])).collect(),
            indices: pairs.to_vec(),
        }
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no pair.
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

    /// Where each pair's images stand in the split.
    pub fn indices(&self) -> &[[usize; 2]] {
        &self.indices
    }

    /// The label of each pair: true where the first digit is less than or equal to the second.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        self.classes.iter().map(|[first, second]| first <= second)
    }

    /// The pairs at `positions`, in that order.
    ///
    /// # Panics
    /// When a position is beyond the set.
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

    /// Mean and unbiased standard deviation over all pixels, the scalars that report A normalises with.
    pub fn mean_and_deviation(&self) -> (f32, f32) {
        let count = self.pixels.len() as f64;
        let mean = self.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / count;
        let squares = self.pixels.iter().map(|&pixel| (f64::from(pixel) - mean).powi(2)).sum::<f64>();
        (mean as f32, (squares / (count - 1.0)).sqrt() as f32)
    }
}

/// The training and the test pairs of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSets {
    /// Drawn from the training split.
    pub training: PairSet,
    /// Drawn from the test split.
    pub test: PairSet,
}

impl PairSets {
    /// Draws `pairs` training and `pairs` test pairs as the course's generator does: for each split, in that order and
    /// from one stream, a random permutation whose first `2 * pairs` entries are read two by two.
    ///
    /// # Errors
    /// When a split is too small.
    pub fn draw(mnist: &Mnist, pairs: usize, data_seed: u32) -> Result<Self, DataError> {
        let mut generator = Mt19937::new(data_seed);
        let mut draw = |split: &Split, name: &'static str| {
            if split.images.len() < 2 * pairs {
                return Err(DataError::TooFewImages { pairs, split: name, images: split.images.len() });
            }
            let order = generator.permutation(split.images.len());
            Ok(PairSet::from_indices(split, &order[..2 * pairs]))
        };
        Ok(Self { training: draw(&mnist.training, "training")?, test: draw(&mnist.test, "test")? })
    }
}
