//! The same recipes trained in plain PyTorch: what another program gives, beside the published values and ours.

use std::collections::BTreeMap;

use metrics::{Accuracy, Difference, Summary, welch};
use serde::Deserialize;

use super::against::AgainstPublished;
use crate::declaration::{ProtocolName, Published, Statistic};

/// A round under the published protocol: a line of the journal that `bench/reproduction.py` writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PyTorchRound {
    /// The study whose cell it trains.
    pub study: String,
    /// The cell.
    pub cell: String,
    /// The round's number, the seed of PyTorch's weights, order and masks.
    pub seed: u64,
    /// Right answers of the learned comparison on the test pairs.
    pub learned_head: Accuracy,
}

/// All rounds: accuracies in percent by seed, of each study and cell.
#[derive(Debug, Clone, Default)]
pub struct PyTorchRounds(BTreeMap<[String; 2], BTreeMap<u64, f64>>);

/// PyTorch's rounds of one recipe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InPyTorch<'a> {
    /// The study and cell whose recipe it is.
    pub of: [&'a str; 2],
    /// Their accuracies in percent.
    pub rounds: Summary,
    /// Ours minus PyTorch's, by Welch's t-test.
    pub ours: Difference,
    /// PyTorch's against the published value, as ours are compared with it.
    pub against: AgainstPublished,
}

impl FromIterator<PyTorchRound> for PyTorchRounds {
    fn from_iter<T: IntoIterator<Item = PyTorchRound>>(rounds: T) -> Self {
        let mut by_cell: BTreeMap<[String; 2], BTreeMap<u64, f64>> = BTreeMap::new();
        for PyTorchRound { study, cell, seed, learned_head } in rounds {
            by_cell.entry([study, cell]).or_default().insert(seed, 100.0 * learned_head.value());
        }
        Self(by_cell)
    }
}

impl PyTorchRounds {
    /// The number of rounds.
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Accuracies of a cell in percent, ordered by seed.
    pub(super) fn of(&self, cell: [&str; 2]) -> Vec<f64> {
        let rounds = self.0.get(&cell.map(str::to_owned));
        rounds.into_iter().flat_map(|rounds| rounds.values().copied()).collect()
    }
}

impl<'a> InPyTorch<'a> {
    /// The comparison of PyTorch's rounds with ours and with the published value; `None` with fewer than two rounds of
    /// either, or where the published value cannot be judged.
    pub(super) fn new(
        of: [&'a str; 2],
        theirs: &[f64],
        ours: &[f64],
        (published, statistic): (Published, Statistic),
    ) -> Option<Self> {
        Some(Self {
            of,
            rounds: Summary::of(theirs).filter(|summary| summary.n >= 2)?,
            ours: welch(ours, theirs)?,
            against: AgainstPublished::new(published, statistic, theirs, ProtocolName::Fixed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(seed: u64, right: usize) -> PyTorchRound {
        let learned_head = Accuracy { right, all: 1000 };
        PyTorchRound { study: "a".to_owned(), cell: "b".to_owned(), seed, learned_head }
    }

    #[test]
    fn rounds_come_by_cell_in_the_order_of_their_seeds() {
        let rounds: PyTorchRounds = [round(1, 910), round(0, 900)].into_iter().collect();
        assert_eq!((rounds.of(["a", "b"]), rounds.count()), (vec![90.0, 91.0], 2));
        assert!(rounds.of(["a", "c"]).is_empty());
    }

    #[test]
    fn pytorch_is_compared_with_ours_and_with_the_published_value() {
        let published = Published {
            mean: 91.36,
            standard_deviation: Some(0.63),
            rounds: None,
            reading_error: None,
            rounds_unknown: false,
        };
        let (theirs, ours) = ([90.1, 90.9, 90.6], [90.8, 90.5, 91.1]);
        let found = |theirs: &[f64]| InPyTorch::new(["a", "b"], theirs, &ours, (published, Statistic::Mean));
        assert_eq!(found(&theirs[..1]), None);
        let found = found(&theirs).unwrap();
        assert!((found.ours.estimate - (90.8 - 90.533_333)).abs() < 1e-5);
        assert!((found.against.difference.estimate - (90.533_333 - 91.36)).abs() < 1e-5);
    }
}
