//! What the files under `experiments/` declare.

mod cell;
mod claim;
mod files;
mod grid;
mod identity;
mod network;
mod own_recipe;
mod study_file;
mod suggestion;

pub use cell::Cell;
pub use claim::{CellRef, Claim, ClaimKind, Explanation, Test};
pub use files::{Unknown, default_folder, named, read_all, read_file};
pub use grid::{Grid, GridFamily};
pub use identity::identity;
pub use network::NetworkDeclaration;
pub use own_recipe::{AugmentationName, RecipeDeclaration};
pub use study_file::{
    CellDeclaration, Declaration, FigureKind, ProtocolName, Published, Quoted, Reading, Report, Rung, Study,
};
