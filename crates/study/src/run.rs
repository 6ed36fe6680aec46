//! Runs the trials of a study and records them in its journal.

mod estimate;
mod journal;
mod plan;
mod provenance;
mod runner;
mod side_by_side;
mod trial;

pub use journal::{FILE as JOURNAL_FILE, Journal, read};
pub use plan::{MOST_TRIALS, PlanError, Selection, Task};
pub use provenance::NUMERICAL_REVISION;
pub use runner::{Event, Runner, StudyTasks};
pub use shard::Shard;
pub use side_by_side::side_by_side;
pub use trial::{Host, Outcome, Trial, Versions};
