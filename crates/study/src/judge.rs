//! Verdicts on published values and claims from trials.

mod against;
mod comparison;
mod conclusion;
mod explanation;
mod judged;
mod pytorch;
mod results;
mod selection;
mod value;
mod verdict;

pub use against::{AgainstPublished, LEVEL, MARGIN, ValueVerdict};
pub use comparison::{Comparison, p_value, signed};
pub use explanation::{TIMES_BETTER, Tested, tested};
pub use judged::{Judged, Power};
pub use pytorch::{InPyTorch, PyTorchRound, PyTorchRounds, PyTorchVersions};
pub use results::{CellSample, Results, StudyResults};
pub use value::{Place, Spread, Value, values};
pub use verdict::{ClaimVerdict, Judgement, judge};
