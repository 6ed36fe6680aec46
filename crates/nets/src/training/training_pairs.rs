//! The training pairs, as one step takes them.

use candle_core::Result;

use super::{Recipe, Shuffle};
use crate::network::{Batch, Comparator};
use augmentation::Augmentation;
use augmentation::DrawnImages;
use mnist::PairSet;
use random::Stream;

/// The training pairs of a round, ready for steps.
#[derive(Debug)]
pub(super) enum TrainingPairs {
    /// The same at every step, so normalised once.
    Fixed(Batch),
    /// Changed at every step.
    Changing {
        /// As drawn.
        pairs: PairSet,
        /// Whether the order is one of digits.
        by_digit: bool,
        /// Whether the digits of a pair are swapped at random.
        swap: bool,
        /// How images are distorted.
        augmentation: Option<Augmentation>,
        /// Drawn images that join in.
        drawn: Option<Box<DrawnImages>>,
    },
}

impl TrainingPairs {
    /// `pairs` for a training by `recipe`; images drawn by programs come from `drawings`.
    pub fn new(pairs: &PairSet, recipe: &Recipe, comparator: &Comparator, drawings: &mut Stream) -> Result<Self> {
        let by_digit = recipe.shuffle == Shuffle::DigitsEachEpoch;
        let (swap, augmentation) = (recipe.swap_pairs, recipe.augmentation);
        let drawn = recipe.drawn.map(|settings| Box::new(DrawnImages::draw(settings, pairs, drawings)));
        if by_digit || swap || augmentation.is_some() || drawn.is_some() {
            return Ok(Self::Changing { pairs: pairs.clone(), by_digit, swap, augmentation, drawn });
        }
        Ok(Self::Fixed(comparator.batch(pairs)?))
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        match self {
            Self::Fixed(batch) => batch.pairs(),
            Self::Changing { pairs, .. } => pairs.len(),
        }
    }

    /// Positions that an order holds for each pair: 2 where it is one of digits.
    pub fn positions_a_pair(&self) -> usize {
        if matches!(self, Self::Changing { by_digit: true, .. }) { 2 } else { 1 }
    }

    /// A step's batch: the pairs, or digits, at `positions`, distorted as suits a training of which the fraction `progress` is
    /// done. Drawn images are chosen by the stream `drawings`, and distorted by it where they are no digits.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn batch(
        &self,
        positions: &[u32],
        progress: f64,
        comparator: &Comparator,
        stream: &mut Stream,
        drawings: &mut Stream,
    ) -> Result<Batch> {
        let (pairs, by_digit, swap, augmentation, drawn) = match self {
            Self::Fixed(batch) => return batch.select(positions),
            Self::Changing { pairs, by_digit, swap, augmentation, drawn } => {
                (pairs, *by_digit, *swap, augmentation, drawn)
            }
        };
        let mut chosen = if by_digit { pairs.paired_anew(positions) } else { pairs.select(positions) };
        if swap {
            let leq: Vec<bool> = chosen.targets().collect();
            chosen = chosen.with_swapped(|pair| !leq[pair] && stream.bits() & 1 == 1);
        }
        let mut non_digits = Vec::new();
        if let Some(drawn) = drawn {
            drawn.replace_digits(&mut chosen, drawings);
            non_digits = drawn.non_digits(2 * chosen.len(), drawings);
        }
        if let Some(augmentation) = augmentation {
            augmentation.apply(chosen.pixels_mut(), progress, stream);
            augmentation.apply(&mut non_digits, progress, drawings);
        }
        comparator.batch_with(&chosen, &non_digits)
    }
}
