//! The pair sets of one round: what a network is trained on, and what it is judged on.

use serde::{Deserialize, Serialize};

use super::{Evaluation, Scope, TrainingConfig, evaluate};
use crate::network::Comparator;
use mnist::{Mnist, Orders, PairSet};

/// Training pairs, and test pairs, of the course and of both reports.
pub const COURSE_PAIRS: usize = 1000;
/// Pairs of training images outside the round's own that a network is judged on, where so many are left.
const OUTSIDE_PAIRS: usize = 10_000;

/// The pair sets of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// What the network is trained on.
    pub training: PairSet,
    /// The round's test pairs: as many, but at most the 1,000 of the course.
    pub test: PairSet,
    /// All test images in disjoint pairs, the round's test pairs first.
    pub disjoint: Option<PairSet>,
    /// Pairs of training images that are not among the round's own: to choose between recipes without looking at the test
    /// split. None where the round takes all images.
    pub outside: Option<PairSet>,
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
}

impl Round {
    /// Draws the pair sets that `config` names.
    ///
    /// # Errors
    /// When a split is too small, or the seed too large for the course's generator.
    pub fn draw(config: &TrainingConfig, mnist: &Mnist) -> anyhow::Result<Self> {
        let orders = Orders::draw(mnist, config.protocol.data_seed(config.seed)?);
        let pairs = config.pairs;
        let mut round = Self {
            training: orders.training(mnist, 0..pairs)?,
            test: orders.test(mnist, 0..pairs.min(COURSE_PAIRS))?,
            disjoint: None,
            outside: None,
        };
        if config.scope == Scope::AllImages {
            let all = mnist.training.images.len() / 2;
            round.disjoint = Some(orders.test(mnist, 0..mnist.test.images.len() / 2)?);
            let outside = pairs..all.min(pairs + OUTSIDE_PAIRS);
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
        })
    }
}
