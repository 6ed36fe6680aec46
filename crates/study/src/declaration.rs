//! What the files under `experiments/` declare.

mod cell;
mod claim;
mod cost;
mod files;
mod grid;
mod identity;
mod keys;
mod protocol;
mod published;
mod reading;
mod report;
mod study_file;

pub use crate::experiment::default_folder;
pub use crate::suggestion::Unknown;
pub use cell::Cell;
pub use claim::{CellRef, Claim, ClaimKind, Explanation, Test};
pub use cost::Cost;
pub use files::{COVERAGE, MOST_ROUNDS, named, read_all, read_file};
pub use grid::{Grid, GridFamily};
pub use identity::identity;
pub use keys::sections;
pub use protocol::ProtocolName;
pub use published::{AlsoPublished, Published, Statistic};
pub use reading::Reading;
pub use report::Report;
pub use study_file::{CellDeclaration, Declaration, FigureKind, Quoted, Rung, Study};
