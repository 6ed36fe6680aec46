//! Chooses the trials of a study to run.

use std::str::FromStr;

use super::trial::Trial;
use crate::declaration::Cell;
use crate::declaration::Unknown;
use crate::declaration::identity;
use crate::declaration::{ProtocolName, Study};
use nets::training::{Scope, TrainingConfig};

/// One trial to be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Identity of the trial.
    pub id: String,
    /// Name of the cell.
    pub cell: String,
    /// The pair protocol.
    pub protocol: ProtocolName,
    /// The training configuration.
    pub config: TrainingConfig,
    /// Rough seconds on one core.
    pub seconds: f64,
}

/// Selects part of a study; everything by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Number of rounds instead of the declared one.
    pub rounds: Option<u64>,
    /// Only these cells; all if empty.
    pub cells: Vec<String>,
    /// Only this protocol.
    pub protocol: Option<ProtocolName>,
    /// A shard of the trials.
    pub shard: Option<Shard>,
    /// One round of one epoch of every cell, under its first protocol, judged by the round's test pairs alone.
    pub smoke: bool,
}

/// One of several shards of equal size.
///
/// ```
/// use study::run::Shard;
///
/// assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
/// assert!("9/8".parse::<Shard>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Number of the shard, from 1.
    pub number: usize,
    /// Number of shards.
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match parts {
            Some((Ok(number), Ok(of))) if number >= 1 && number <= of => Ok(Self { number, of }),
            _ => Err("a shard is I/N with I from 1 to N, such as 1/4".to_owned()),
        }
    }
}

impl Study {
    /// The trials selected by `selection`, longest first; a shard takes every N-th of them.
    ///
    /// # Errors
    /// If the study has no such cell.
    pub fn tasks(&self, selection: &Selection) -> Result<Vec<Task>, Unknown> {
        selection.cells.iter().try_for_each(|name| self.cell(name).map(|_| ()))?;
        let wanted = |cell: &&Cell| selection.cells.is_empty() || selection.cells.contains(&cell.name);
        let mut tasks: Vec<Task> = self.cells.iter().filter(wanted).flat_map(|cell| cell.tasks(selection)).collect();
        tasks.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        if let Some(Shard { number, of }) = selection.shard {
            tasks = tasks.into_iter().skip(number - 1).step_by(of).collect();
        }
        Ok(tasks)
    }

    /// The `trials` that the study declares, ordered by cell, protocol and seed. Trials of an older declaration or of
    /// additional rounds are left out.
    pub fn declared(&self, trials: &[Trial]) -> Vec<Trial> {
        let ids =
            self.cells.iter().flat_map(|cell| cell.protocols.iter().flat_map(|&protocol| cell.identities(protocol)));
        let by_id: std::collections::HashMap<&str, &Trial> =
            trials.iter().map(|trial| (trial.id.as_str(), trial)).collect();
        ids.filter_map(|id| by_id.get(id.as_str()).map(|&trial| trial.clone())).collect()
    }

    /// Number of declared trials.
    pub fn trial_count(&self) -> u64 {
        self.cells.iter().map(|cell| cell.rounds * cell.protocols.len() as u64).sum()
    }

    /// Rough seconds of all trials on one core.
    pub fn estimated_seconds(&self) -> f64 {
        let seconds = |cell: &Cell| cell.estimated_seconds() * (cell.rounds * cell.protocols.len() as u64) as f64;
        self.cells.iter().map(seconds).sum()
    }
}

impl Cell {
    fn tasks(&self, selection: &Selection) -> Vec<Task> {
        let mut cell = self.clone();
        if selection.smoke {
            cell = cell.with_epochs(1);
            (cell.rounds, cell.protocols) = (1, vec![self.protocols[0]]);
        }
        cell.rounds = selection.rounds.unwrap_or(cell.rounds);
        cell.protocols.retain(|protocol| selection.protocol.is_none_or(|wanted| wanted == *protocol));
        let seconds = if cell.protocols.is_empty() { 0.0 } else { cell.estimated_seconds() };
        let task = |protocol, seed| {
            let mut config = cell.config(protocol, seed);
            if selection.smoke {
                config.scope = Scope::TestPairs;
            }
            Task { id: identity(&config), cell: cell.name.clone(), protocol, config, seconds }
        };
        let protocols = cell.protocols.iter();
        protocols
            .flat_map(|&protocol| cell.seeds().map(move |seed| (protocol, seed)))
            .map(|(p, s)| task(p, s))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, of: 3 }));
        for text in ["0/3", "3/2", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
