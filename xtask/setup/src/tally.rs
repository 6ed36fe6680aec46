//! How many checks passed.

use std::fmt;
use std::ops::AddAssign;

/// A count of checks by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Checks that passed.
    pub passed: u64,
    /// Checks that failed.
    pub failed: u64,
    /// Checks that were not run.
    pub skipped: u64,
}

impl Tally {
    /// One check that passed.
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One check that failed.
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(formatter, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_named_only_where_something_was() {
        let mut tally = Tally::PASSED;
        tally += Tally::FAILED;
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        tally.skipped = 2;
        assert_eq!(tally.to_string(), "1 passed, 1 failed, 2 skipped");
    }
}
