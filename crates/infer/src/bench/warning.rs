//! What may be wrong with figures.

use std::fmt;

use super::report::Case;

/// Runs this many times as slow as the median are worth a word.
const SLOW_FIRST: f64 = 10.0;

/// Fraction of outliers that is worth a word.
const MANY_OUTLIERS: f64 = 0.02;

/// Something that a reader of the figures must know.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// The program was built for debugging.
    DebugBuild,
    /// Samples far from the median.
    Outliers {
        /// The case.
        case: String,
        /// How many, of how many.
        of: (usize, usize),
    },
    /// The first run was far slower than the others.
    SlowFirstRun {
        /// The case.
        case: String,
        /// How many times as slow as the median.
        times: f64,
    },
    /// More threads than cores.
    ThreadsBeyondCores {
        /// Threads.
        threads: usize,
        /// Cores.
        cores: usize,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DebugBuild => f.write_str("this is a debug build; measure with `cargo build --release`"),
            Self::Outliers { case, of: (some, all) } => write!(
                f,
                "{case}: {some} of {all} runs are far from the median; close other programs, or measure longer with \
                 --seconds"
            ),
            Self::SlowFirstRun { case, times } => write!(
                f,
                "{case}: the first run took {times:.0} times the median; a program that answers once pays that"
            ),
            Self::ThreadsBeyondCores { threads, cores } => {
                write!(f, "{threads} threads on {cores} cores wait for each other; ask for fewer with --threads")
            }
        }
    }
}

/// All that may be wrong with these cases, measured on `cores` cores by this build.
pub fn warnings(cases: &[Case], cores: usize, debug: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if debug {
        warnings.push(Warning::DebugBuild);
    }
    let most_threads = cases.iter().map(|case| case.threads).max().unwrap_or(0);
    if most_threads > cores {
        warnings.push(Warning::ThreadsBeyondCores { threads: most_threads, cores });
    }
    for case in cases {
        let times = case.first_ms / case.summary.median;
        if times > SLOW_FIRST {
            warnings.push(Warning::SlowFirstRun { case: case.name(), times });
        }
        let of = (case.summary.outliers, case.summary.n);
        if of.0 as f64 > MANY_OUTLIERS * of.1 as f64 {
            warnings.push(Warning::Outliers { case: case.name(), of });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::baseline::tests::report;
    use super::*;

    #[test]
    fn every_doubt_is_told() {
        let cases = report("e 1", &[0.1, 0.1, 0.1, 0.1, 5.0]).cases;
        let case = cases[0].name();
        let found = warnings(&cases, 0, true);
        let wanted = [
            Warning::DebugBuild,
            Warning::ThreadsBeyondCores { threads: 1, cores: 0 },
            Warning::SlowFirstRun { case: case.clone(), times: 3.0 / 0.1 },
            Warning::Outliers { case, of: (1, 5) },
        ];
        assert_eq!(found, wanted);
        assert!(found[2].to_string().contains("the first run took 30 times the median"));
    }

    #[test]
    fn sound_figures_have_no_warning() {
        assert_eq!(warnings(&report("e 1", &[1.0, 1.1, 0.9]).cases, 2, false), []);
    }
}
