//! Comparison of our rounds with a published value.

use metrics::{Difference, Mean, Summary, between, median};

use crate::declaration::{ProtocolName, Published, Statistic};

/// Percentage points within which two means are equivalent, stated before any comparison.
pub const MARGIN: f64 = 1.0;
/// Significance level of every test.
pub const LEVEL: f64 = 0.05;

/// Our rounds against a published value, in percent and percentage points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstPublished {
    /// The published value.
    pub published: Published,
    /// Our rounds.
    pub ours: Summary,
    /// Our mean, or median where a median is published.
    pub value: f64,
    /// Ours minus published, with the errors of both.
    pub difference: Difference,
}

/// The verdict on a published value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueVerdict {
    /// Ours lies within [`MARGIN`] of it, by two one-sided tests.
    Equivalent,
    /// Ours differs, by a t-test with Holm's correction over all values.
    Different,
    /// Neither is shown.
    Inconclusive,
    /// Its error is unknown, or ours has fewer than two rounds.
    NotJudged,
}

impl ValueVerdict {
    /// Every verdict, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Equivalent, Self::Different, Self::Inconclusive, Self::NotJudged];

    /// The verdict as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Different => "different",
            Self::Inconclusive => "inconclusive",
            Self::NotJudged => "not judged",
        }
    }

    /// The verdict from the p-value of the difference, corrected, and that of the two one-sided tests. A significant
    /// difference counts as one even if it is small.
    pub(super) fn of(against: &AgainstPublished, corrected_p: f64) -> Self {
        if corrected_p < LEVEL {
            Self::Different
        } else if against.difference.equivalence_p(MARGIN) < LEVEL {
            Self::Equivalent
        } else {
            Self::Inconclusive
        }
    }
}

impl AgainstPublished {
    /// Compares our accuracies under `protocol` with a published value; `None` if the error of either is unknown.
    ///
    /// Under `fixed` both are means on one pair set. Without a published standard deviation, ours is used for both. Under
    /// `redrawn` the published value is one draw from our pair sets: its error is at most the standard deviation of our
    /// rounds, whatever number of rounds it has.
    pub fn new(published: Published, statistic: Statistic, ours: &[f64], protocol: ProtocolName) -> Option<Self> {
        let summary = Summary::of(ours).filter(|summary| summary.n >= 2 && !published.rounds_unknown)?;
        let (value, widening) = match statistic {
            Statistic::Mean => (summary.mean, 1.0),
            Statistic::Median => (median(ours)?, std::f64::consts::FRAC_PI_2.sqrt()),
        };
        let rounds = published.round_count() as f64;
        let (share, theirs) = match (protocol, published.standard_deviation) {
            (ProtocolName::Fixed, Some(standard_deviation)) => (
                0.0,
                Mean {
                    value: published.mean,
                    standard_error: standard_deviation / rounds.sqrt(),
                    freedom: rounds - 1.0,
                },
            ),
            (ProtocolName::Fixed, None) => (1.0 / rounds, exact(published.mean)),
            (ProtocolName::Redrawn, _) => (1.0, exact(published.mean)),
        };
        let theirs = Mean { standard_error: widening * theirs.standard_error, ..theirs };
        let theirs = theirs.with_error(published.reading_error.unwrap_or_default(), f64::INFINITY);
        let standard_error = widening * summary.standard_deviation * (1.0 / summary.n as f64 + share).sqrt();
        let our_mean = Mean { value, standard_error, freedom: (summary.n - 1) as f64 };
        let difference = between(&our_mean, &theirs, [summary.n, published.round_count()]);
        Some(Self { published, ours: summary, value, difference })
    }

    /// Logarithm of the density that our rounds predict for the published value: normal, with the error of the difference.
    pub(super) fn log_density(&self) -> f64 {
        let Difference { estimate, standard_error, .. } = self.difference;
        -0.5 * (estimate / standard_error).powi(2) - standard_error.ln()
    }
}

/// A mean whose error is counted elsewhere.
fn exact(value: f64) -> Mean {
    Mean { value, standard_error: 0.0, freedom: f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [f64; 10] = [80.1, 82.4, 81.2, 79.9, 81.8, 80.7, 82.0, 81.1, 80.3, 80.5];

    fn published(standard_deviation: Option<f64>) -> Published {
        Published { mean: 80.0, standard_deviation, rounds: Some(20), reading_error: None, rounds_unknown: false }
    }

    fn standard_error(published: Published, protocol: ProtocolName) -> f64 {
        AgainstPublished::new(published, Statistic::Mean, &OURS, protocol).unwrap().difference.standard_error
    }

    #[test]
    fn the_standard_error_combines_both_deviations() {
        let spread = Summary::of(&OURS).unwrap().standard_deviation;
        let found = standard_error(published(Some(2.0)), ProtocolName::Fixed);
        assert!((found - (4.0_f64 / 20.0 + spread.powi(2) / 10.0).sqrt()).abs() < 1e-12);
        let without = standard_error(published(None), ProtocolName::Fixed);
        assert!((without - spread * (1.0_f64 / 20.0 + 1.0 / 10.0).sqrt()).abs() < 1e-12);
    }

    /// One published pair set says nothing of how pair sets differ, however many rounds it has.
    #[test]
    fn under_redrawn_the_error_includes_the_variance_between_pair_sets() {
        let spread = Summary::of(&OURS).unwrap().standard_deviation;
        for standard_deviation in [Some(0.1), None] {
            let found = standard_error(published(standard_deviation), ProtocolName::Redrawn);
            assert!((found - spread * 1.1_f64.sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_value_read_off_a_figure_has_the_error_of_reading_too() {
        let read = Published { reading_error: Some(0.3), ..published(Some(2.0)) };
        let without = standard_error(published(Some(2.0)), ProtocolName::Fixed);
        assert!((standard_error(read, ProtocolName::Fixed) - without.hypot(0.3)).abs() < 1e-12);
    }

    #[test]
    fn a_single_round_and_a_value_of_unknown_rounds_are_not_judged() {
        let new =
            |published, ours: &[f64]| AgainstPublished::new(published, Statistic::Mean, ours, ProtocolName::Fixed);
        assert_eq!(new(published(None), &[99.0]), None);
        assert_eq!(new(Published { rounds_unknown: true, ..published(None) }, &OURS), None);
    }

    #[test]
    fn no_difference_found_is_not_equivalence() {
        let against = |mean: f64, ours: &[f64]| {
            let published = Published { mean, ..published(None) };
            AgainstPublished::new(published, Statistic::Mean, ours, ProtocolName::Fixed).unwrap()
        };
        let near = against(81.0, &OURS);
        assert_eq!(ValueVerdict::of(&near, near.difference.p), ValueVerdict::Equivalent);
        let wide = OURS.map(|value| 81.0 + 5.0 * (value - 81.0));
        let wide = against(81.0, &wide);
        assert_eq!(ValueVerdict::of(&wide, wide.difference.p), ValueVerdict::Inconclusive);
        let far = against(84.0, &OURS);
        assert_eq!(ValueVerdict::of(&far, far.difference.p), ValueVerdict::Different);
    }

    #[test]
    fn a_median_is_compared_with_our_median() {
        let against =
            AgainstPublished::new(published(Some(1.0)), Statistic::Median, &OURS, ProtocolName::Fixed).unwrap();
        assert!((against.value - 80.9).abs() < 1e-9);
    }
}
