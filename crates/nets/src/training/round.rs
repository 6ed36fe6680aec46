//! The pair sets of one round: what a network is trained on, and what it is judged on.

use augmentation::Augmentation;
use serde::{Deserialize, Serialize};

use super::{Evaluation, Scope, TrainingConfig, evaluate, every_ordered_pair};
use crate::network::Comparator;
use metrics::Accuracy;
use mnist::{Mnist, Orders, PairSet};
use random::{Purpose, Stream};

/// Training pairs, and test pairs, of the course and of both reports.
pub const COURSE_PAIRS: usize = 1000;
/// Pairs of training images outside the round's own that a network is judged on, where so many are left.
const OUTSIDE_PAIRS: usize = 10_000;
/// Seed of the distortions of held-out images: the same for all networks.
const JUDGING_SEED: u64 = 0;

/// The pair sets of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// What the network is trained on.
    pub training: PairSet,
    /// The round's test pairs: as many, but at most the 1,000 of the course. With [`Scope::HeldOut`] all pairs of training
    /// images that it is judged on.
    pub test: PairSet,
    /// All test images in disjoint pairs, the round's test pairs first.
    pub disjoint: Option<PairSet>,
    /// Pairs of training images that are not among the round's own: to choose between recipes without looking at the test
    /// split. None where the round takes all images, and where they are in the place of the test pairs.
    pub outside: Option<PairSet>,
    is_held_out: bool,
}

/// What a network gets right on each pair set of its round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundEvaluation {
    /// On [`Round::test`].
    pub test: Evaluation,
    /// On [`Round::disjoint`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disjoint: Option<Evaluation>,
    /// On [`Round::outside`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Evaluation>,
    /// All ordered pairs of different test images, compared by their posteriors; with [`Scope::AllImages`], of networks that
    /// compare so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_pairs: Option<Accuracy>,
    /// On held-out images, with [`Scope::HeldOut`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
}

/// What a network gets right on training images that it was not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOut {
    /// All ordered pairs of different images, compared by their posteriors; of networks that compare so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_pairs: Option<Accuracy>,
    /// Digits recognised in images distorted as [`Augmentation::EVERYBODY`] does, in the same way for every network; of
    /// networks with trained digit heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distorted_digits: Option<Accuracy>,
}

impl Round {
    /// Draws the pair sets that `config` names.
    ///
    /// # Errors
    /// When a split is too small, or the seed too large for the course's generator.
    pub fn draw(config: &TrainingConfig, mnist: &Mnist) -> anyhow::Result<Self> {
        let orders = Orders::draw(mnist, config.protocol.data_seed(config.seed)?);
        let pairs = config.pairs;
        let all = mnist.training.images.len() / 2;
        let outside = pairs..all.min(pairs + OUTSIDE_PAIRS);
        let is_held_out = config.scope == Scope::HeldOut;
        if is_held_out && outside.is_empty() {
            anyhow::bail!("{pairs} training pairs take all training images: none is held out to judge by");
        }
        let mut round = Self {
            training: orders.training(mnist, 0..pairs)?,
            test: if is_held_out {
                orders.training(mnist, outside.clone())?
            } else {
                orders.test(mnist, 0..pairs.min(COURSE_PAIRS))?
            },
            disjoint: None,
            outside: None,
            is_held_out,
        };
        if config.scope == Scope::AllImages {
            round.disjoint = Some(orders.test(mnist, 0..mnist.test.images.len() / 2)?);
            round.outside = if outside.is_empty() { None } else { Some(orders.training(mnist, outside)?) };
        }
        Ok(round)
    }

    /// Judges a network.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn judge(&self, comparator: &Comparator) -> candle_core::Result<RoundEvaluation> {
        let judge = |pairs: &Option<PairSet>| pairs.as_ref().map(|pairs| evaluate(comparator, pairs)).transpose();
        Ok(RoundEvaluation {
            test: evaluate(comparator, &self.test)?,
            disjoint: judge(&self.disjoint)?,
            outside: judge(&self.outside)?,
            all_pairs: match &self.disjoint {
                Some(test) => every_ordered_pair(comparator, test)?,
                None => None,
            },
            held_out: if self.is_held_out { Some(held_out(comparator, &self.test)?) } else { None },
        })
    }
}

fn held_out(comparator: &Comparator, pairs: &PairSet) -> candle_core::Result<HeldOut> {
    let mut distorted = pairs.clone();
    Augmentation::EVERYBODY.apply(distorted.pixels_mut(), 0.0, &mut Stream::new(JUDGING_SEED, Purpose::Judging));
    Ok(HeldOut {
        all_pairs: every_ordered_pair(comparator, pairs)?,
        distorted_digits: evaluate(comparator, &distorted)?.digits,
    })
}
