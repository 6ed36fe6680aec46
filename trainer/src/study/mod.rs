//! Studies: many trainings, declared in `experiments/*.toml`, journalled trial by trial, judged claim by claim.
//!
//! A [`Study`] is read from one file; its grids are written out, so that it is a plain list of [`Cell`]s. A cell is one
//! network with one recipe; with a protocol and a seed it is a training, and what that training gave is a [`Trial`].

mod cell;
mod claim;
mod comparison;
mod conclusion;
mod declaration;
mod estimate;
mod file;
mod grid;
mod journal;
mod network;
mod own_recipe;
mod plan;
mod provenance;
mod published;
mod results;
mod runner;
mod selection;
mod suggestion;
mod trial;
mod verdict;

pub use cell::Cell;
pub use claim::{CellRef, Claim, ClaimKind, Explanation, Test};
pub use comparison::Comparison;
pub(crate) use comparison::signed;
pub use declaration::{
    CellDeclaration, Declaration, FigureKind, ProtocolName, Published, Quoted, Reading, Report, Rung, Study,
};
pub use file::{Unknown, default_folder, named, read_all, read_file};
pub use grid::{Grid, GridFamily};
pub use journal::{FILE as JOURNAL_FILE, Journal, read};
pub use network::NetworkDeclaration;
pub use own_recipe::{AugmentationName, RecipeDeclaration};
pub use plan::{Selection, Shard, Task};
pub use published::{AgainstPublished, Agreement, Tested, tested};
pub use results::{Results, Sample, StudyResults};
pub use runner::{Event, Runner, Share};
pub use trial::{Host, Outcome, Trial, Versions, identity};
pub use verdict::{Judgement, Verdict, judge};
