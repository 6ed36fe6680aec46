//! Chooses the trials of a study to run.

use shard::Shard;

use super::trial::Trial;
use crate::declaration::Cell;
use crate::declaration::Unknown;
use crate::declaration::identity;
use crate::declaration::{ProtocolName, Study};
use nets::training::{COURSE_PAIRS, Scope, TrainingConfig};

/// Trials of one run, at most: all of them are listed before the first is run.
pub const MOST_TRIALS: u64 = 300_000;

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
    /// One round of one epoch of every cell, under the first of its protocols that is wanted, on at most the course's 1,000
    /// pairs, judged by the round's test pairs alone.
    pub smoke: bool,
}

/// A selection that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A name that stands for no cell.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// Rounds that have no seeds.
    #[error("cell {cell}: {reason}; run fewer rounds")]
    Seeds {
        /// The cell.
        cell: String,
        /// Which seed is too large.
        reason: anyhow::Error,
    },
    /// More trials than can be listed.
    #[error("{trials} trials are selected, but a run can have {MOST_TRIALS} at most; name fewer rounds or cells")]
    TooMany {
        /// Their number.
        trials: u64,
    },
}

impl Study {
    /// The trials selected by `selection`, longest first; a shard takes every N-th of them.
    ///
    /// # Errors
    /// If the study has no such cell, rounds have no seeds, or the trials are too many.
    pub fn tasks(&self, selection: &Selection) -> Result<Vec<Task>, PlanError> {
        selection.cells.iter().try_for_each(|name| self.cell(name).map(|_| ()))?;
        let wanted = |cell: &&Cell| selection.cells.is_empty() || selection.cells.contains(&cell.name);
        let cells: Vec<Cell> = self.cells.iter().filter(wanted).map(|cell| cell.selected(selection)).collect();
        for cell in &cells {
            cell.check_seeds().map_err(|reason| PlanError::Seeds { cell: cell.name.clone(), reason })?;
        }
        let trials = cells.iter().map(Cell::trial_count).fold(0, u64::saturating_add);
        if trials > MOST_TRIALS {
            return Err(PlanError::TooMany { trials });
        }
        let mut tasks: Vec<Task> = cells.iter().flat_map(|cell| cell.tasks(selection.smoke)).collect();
        tasks.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        if let Some(shard) = selection.shard {
            let dealt = tasks.into_iter().enumerate().filter(|(index, _)| shard.takes(*index as u64));
            tasks = dealt.map(|(_, task)| task).collect();
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
        self.cells.iter().map(Cell::trial_count).sum()
    }

    /// Rough seconds of all trials on one core.
    pub fn estimated_seconds(&self) -> f64 {
        let seconds = |cell: &Cell| cell.estimated_seconds() * cell.trial_count() as f64;
        self.cells.iter().map(seconds).sum()
    }
}

impl Cell {
    /// Number of trials: a round for each seed and protocol.
    fn trial_count(&self) -> u64 {
        self.rounds.saturating_mul(self.protocols.len() as u64)
    }

    /// The cell with the rounds, epochs and protocols that are wanted.
    fn selected(&self, selection: &Selection) -> Self {
        let mut cell = self.clone();
        cell.protocols.retain(|protocol| selection.protocol.is_none_or(|wanted| wanted == *protocol));
        if selection.smoke {
            cell = cell.with_epochs(1);
            cell.rounds = 1;
            cell.protocols.truncate(1);
        }
        cell.rounds = selection.rounds.unwrap_or(cell.rounds);
        cell
    }

    /// All trials of the cell; for `smoke` shrunk.
    fn tasks(&self, smoke: bool) -> Vec<Task> {
        let seconds = if self.protocols.is_empty() { 0.0 } else { self.estimated_seconds() };
        let task = |protocol, seed| {
            let mut config = self.config(protocol, seed);
            if smoke {
                shrink(&mut config);
            }
            Task { id: identity(&config), cell: self.name.clone(), protocol, config, seconds }
        };
        let protocols = self.protocols.iter();
        protocols
            .flat_map(|&protocol| self.seeds().map(move |seed| (protocol, seed)))
            .map(|(p, s)| task(p, s))
            .collect()
    }
}

/// Leaves as little of a training as goes every way that the whole goes, but for teachers: their files are made by trainings.
fn shrink(config: &mut TrainingConfig) {
    config.recipe.teacher = None;
    config.scope = Scope::TestPairs;
    config.pairs = config.pairs.min(COURSE_PAIRS);
    if let Some(drawn) = &mut config.recipe.drawn {
        (drawn.non_digits, drawn.forms) = (drawn.non_digits.min(300), drawn.forms.min(100));
    }
}
