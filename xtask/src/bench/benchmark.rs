//! What a benchmark of training was measured with, on and beside, and all that it measured.

use super::load::Load;
use super::machine::Machine;
use super::measurement::Measurements;
use super::plan::TrainPlan;

/// Everything that the results are made of.
pub struct TrainBenchmark {
    /// What was measured how often.
    pub plan: &'static TrainPlan,
    /// On what.
    pub machine: Machine,
    /// What else the machine did just before.
    pub before: Load,
    /// The runs.
    pub measurements: Measurements,
}

impl TrainBenchmark {
    /// Whether anything was measured beside other load.
    pub fn is_disturbed(&self) -> bool {
        self.measurements.is_disturbed(&self.before)
    }
}
