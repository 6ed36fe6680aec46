//! Versions and host of a trial.

use super::trial::{Host, Versions};
use nets::training::{instructions, source_revision};

/// Hexadecimal digits of a trial's revision.
const REVISION_DIGITS: usize = 12;

/// Number of the program's numerics: kernels, recipes, and the order of their sums. Trials of one revision and one kind of
/// machine agree bit for bit. A change that gives other bits counts it up; a test trains networks and compares.
pub const NUMERICAL_REVISION: u32 = 3;

impl Versions {
    /// The versions of this program.
    pub fn here() -> Self {
        Self {
            leq: source_revision(REVISION_DIGITS),
            numerics: Some(NUMERICAL_REVISION),
            candle: env!("LEQ_CANDLE").to_owned(),
            rustc: env!("LEQ_RUSTC").to_owned(),
            instructions: instructions().to_owned(),
        }
    }
}

impl Host {
    /// This machine.
    pub fn here() -> Self {
        Self { processor: files::processor().unwrap_or_else(|| "unknown".to_owned()), cores: files::cores() }
    }
}
