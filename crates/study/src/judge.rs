//! From trials to verdicts on published values and claims.

mod comparison;
mod conclusion;
mod published;
mod results;
mod selection;
mod verdict;

pub use comparison::Comparison;
pub(crate) use comparison::signed;
pub use published::{AgainstPublished, Agreement, Tested, tested};
pub use results::{Results, Sample, StudyResults};
pub use verdict::{Judgement, Verdict, judge};
