//! Verdicts on published values and claims from trials.

mod comparison;
mod conclusion;
mod published;
mod results;
mod selection;
mod verdict;

pub use comparison::Comparison;
pub(crate) use comparison::signed;
pub use published::{AgainstPublished, Agreement, Tested, tested};
pub use results::{CellSample, Results, StudyResults};
pub use verdict::{ClaimVerdict, Judgement, judge};
