//! The same recipes trained in plain PyTorch: what another program gives, beside the published values and ours.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Seconds of training.
    pub seconds: f64,
    /// What trained it.
    pub versions: PyTorchVersions,
}

/// Versions of the programs that trained a round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct PyTorchVersions {
    /// Source revision of leq; none in rounds from before it was noted.
    pub leq: Option<String>,
    /// Version of PyTorch.
    pub torch: String,
}

/// All rounds.
#[derive(Debug, Clone, Default)]
pub struct PyTorchRounds {
    /// Accuracies in percent by seed, of each study and cell.
    accuracies: BTreeMap<[String; 2], BTreeMap<u64, f64>>,
    seconds: f64,
    versions: BTreeSet<PyTorchVersions>,
}

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
        let mut all = Self::default();
        for PyTorchRound { study, cell, seed, learned_head, seconds, versions } in rounds {
            all.accuracies.entry([study, cell]).or_default().insert(seed, 100.0 * learned_head.value());
            all.seconds += seconds;
            all.versions.insert(versions);
        }
        all
    }
}

impl PyTorchRounds {
    /// The number of rounds.
    pub fn count(&self) -> usize {
        self.accuracies.values().map(BTreeMap::len).sum()
    }

    /// Seconds of training of all rounds together.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// What trained them.
    pub fn versions(&self) -> &BTreeSet<PyTorchVersions> {
        &self.versions
    }

    /// Accuracies of a cell in percent, ordered by seed.
    pub(super) fn of(&self, cell: [&str; 2]) -> Vec<f64> {
        let rounds = self.accuracies.get(&cell.map(str::to_owned));
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
        let versions = PyTorchVersions { leq: Some("c".to_owned()), torch: "2".to_owned() };
        PyTorchRound { study: "a".to_owned(), cell: "b".to_owned(), seed, learned_head, seconds: 1.5, versions }
    }

    #[test]
    fn rounds_come_by_cell_in_the_order_of_their_seeds() {
        let rounds: PyTorchRounds = [round(1, 910), round(0, 900)].into_iter().collect();
        assert_eq!((rounds.of(["a", "b"]), rounds.count()), (vec![90.0, 91.0], 2));
        assert_eq!((rounds.seconds(), rounds.versions().len()), (3.0, 1));
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
