//! Comparison of our values with the published ones.

use super::comparison::signed;
use super::{CellSample, Results, StudyResults};
use crate::declaration::{Cell, CellRef, ProtocolName, Published};
use metrics::{Difference, Summary};

/// Standard errors above which a difference counts.
const STANDARD_ERRORS: f64 = 2.0;
/// Rounds of a published mean if the declaration does not say.
const PUBLISHED_ROUNDS: usize = 10;

/// The reading under `redrawn`: only the pair set differs.
const OTHER_PAIRS: &str = "on pairs drawn again each round, the published set being one such draw";

/// The reading under `fixed`: the published pair set.
const PUBLISHED_PAIRS: &str = "on the one pair set of the report";

/// Whether our mean agrees with the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Within two standard errors.
    Reproduced,
    /// More than two standard errors apart.
    Differs,
    /// A single round cannot decide.
    TooFewRounds,
}

/// Our mean and the published one, in percent and percentage points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstPublished {
    /// The published value.
    pub published: Published,
    /// Ours.
    pub ours: Summary,
    /// Ours minus published.
    pub difference: f64,
    /// Standard error of the difference, combined from both means.
    pub standard_error: f64,
    /// Our verdict.
    pub agreement: Agreement,
}

impl Agreement {
    /// The verdict as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::Differs => "differs",
            Self::TooFewRounds => "too few rounds",
        }
    }
}

impl AgainstPublished {
    /// Compares the values. Without a published standard deviation, ours is used for both.
    pub fn new(published: Published, ours: Summary) -> Self {
        let standard_deviation = published.standard_deviation.unwrap_or(ours.standard_deviation);
        let rounds = published.rounds.unwrap_or(PUBLISHED_ROUNDS) as f64;
        let standard_error = (standard_deviation.powi(2) / rounds + ours.standard_error().powi(2)).sqrt();
        let difference = ours.mean - published.mean;
        let agreement = if ours.n < 2 {
            Agreement::TooFewRounds
        } else if difference.abs() <= STANDARD_ERRORS * standard_error {
            Agreement::Reproduced
        } else {
            Agreement::Differs
        };
        Self { published, ours, difference, standard_error, agreement }
    }

    /// Compares a mean over many pair sets with a published mean on one of them. The published mean's standard error is
    /// the standard deviation among pair sets.
    fn of_one_pair_set(published: Published, ours: Summary) -> Self {
        let rounds = published.rounds.unwrap_or(PUBLISHED_ROUNDS);
        let among_sets =
            Published { standard_deviation: Some(ours.standard_deviation * (rounds as f64).sqrt()), ..published };
        Self::new(among_sets, ours)
    }

    /// Compares a sample with its cell's published value; `None` without trials or a published value.
    pub fn of(sample: &CellSample) -> Option<Self> {
        Some(Self::new(sample.cell.published?, sample.summary()?))
    }
}

/// An alternative reading of the published experiment, with its trials.
#[derive(Debug, Clone)]
pub struct Tested<'a> {
    /// The reading as words.
    pub words: &'a str,
    /// The cell trained with this reading.
    pub by: CellSample<'a>,
    /// Comparison of that cell with the published value in question.
    pub against: AgainstPublished,
    /// Effect of the reading: that cell minus the cell in question.
    pub effect: Option<Difference>,
}

impl Tested<'_> {
    /// Whether the alternative reading reproduces the published value.
    pub fn explains(&self) -> bool {
        self.against.agreement == Agreement::Reproduced
    }

    /// The test and its result as a sentence.
    pub fn sentence(&self) -> String {
        let AgainstPublished { ours, difference, standard_error, published, .. } = &self.against;
        let result = match self.against.agreement {
            Agreement::Reproduced => "that explains the published value",
            Agreement::Differs => "that does not explain the published value",
            Agreement::TooFewRounds => "too few rounds to tell",
        };
        let effect = self.effect.map_or(String::new(), |effect| {
            let [low, high] = effect.interval.map(signed);
            format!(", {} points from our first reading (95 % interval {low} to {high})", signed(effect.estimate))
        });
        format!(
            "Tested {}: {:.2} (standard deviation {:.2}, n = {}){effect}; {} ± {standard_error:.2} from the published \
             {:.2}: {result}.",
            self.words,
            ours.mean,
            ours.standard_deviation,
            ours.n,
            signed(*difference),
            published.mean
        )
    }
}

/// Every alternative reading of `cell` with trials under `protocol`. If our value differs, also the same network under
/// the other protocol.
pub fn tested<'a>(
    results: &'a Results,
    of: &'a StudyResults,
    cell: &'a Cell,
    protocol: ProtocolName,
) -> Vec<Tested<'a>> {
    let name = of.study.name.as_str();
    let own = CellRef { study: None, cell: cell.name.clone(), reading: None };
    let Ok(ours) = results.sample(name, &own, protocol) else { return Vec::new() };
    let explanations = of.study.explanations.iter().filter(|explanation| explanation.of == cell.name);
    let tried = explanations.filter_map(|explanation| {
        let by = results.sample(name, &explanation.by, protocol).ok()?;
        let against = AgainstPublished::new(cell.published?, by.summary()?);
        Some(Tested { words: &explanation.words, effect: by.minus(&ours), by, against })
    });
    let differs = AgainstPublished::of(&ours).is_some_and(|against| against.agreement == Agreement::Differs);
    let other_pairs = if differs { other_pairs(results, name, &own, &ours) } else { None };
    tried.chain(other_pairs).collect()
}

/// The same cell under the other protocol, to test whether the pair set explains the difference.
fn other_pairs<'a>(results: &'a Results, study: &str, own: &CellRef, ours: &CellSample) -> Option<Tested<'a>> {
    let (protocol, words) = match ours.protocol {
        ProtocolName::Fixed => (ProtocolName::Redrawn, OTHER_PAIRS),
        ProtocolName::Redrawn => (ProtocolName::Fixed, PUBLISHED_PAIRS),
    };
    let by = results.sample(study, own, protocol).ok()?;
    let (published, summary) = (by.cell.published?, by.summary()?);
    let against = match protocol {
        ProtocolName::Redrawn => AgainstPublished::of_one_pair_set(published, summary),
        ProtocolName::Fixed => AgainstPublished::new(published, summary),
    };
    Some(Tested { words, effect: by.minus(ours), by, against })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(standard_deviation: Option<f64>) -> Published {
        Published { mean: 80.0, standard_deviation, rounds: Some(20) }
    }

    #[test]
    fn the_standard_error_combines_both_deviations() {
        let ours = Summary { n: 10, mean: 81.0, standard_deviation: 1.0, interval: [80.0, 82.0] };
        let against = AgainstPublished::new(published(Some(2.0)), ours);
        assert!((against.standard_error - (4.0_f64 / 20.0 + 1.0 / 10.0).sqrt()).abs() < 1e-12);
        assert_eq!(against.agreement, Agreement::Reproduced);
        let without = AgainstPublished::new(published(None), ours);
        assert!((without.standard_error - (1.0_f64 / 20.0 + 1.0 / 10.0).sqrt()).abs() < 1e-12);
        assert_eq!(without.agreement, Agreement::Differs);
    }

    #[test]
    fn another_pair_set_explains_what_lies_within_two_deviations_among_sets() {
        let ours = Summary { n: 10, mean: 82.0, standard_deviation: 1.0, interval: [81.0, 83.0] };
        let against = AgainstPublished::of_one_pair_set(published(Some(0.1)), ours);
        assert!((against.standard_error - (1.0_f64 + 1.0 / 10.0).sqrt()).abs() < 1e-12);
        assert_eq!(against.agreement, Agreement::Reproduced);
        let far = AgainstPublished::of_one_pair_set(published(None), Summary { mean: 83.0, ..ours });
        assert_eq!(far.agreement, Agreement::Differs);
    }

    #[test]
    fn a_single_round_decides_nothing() {
        let ours = Summary::of(&[99.0]).unwrap();
        assert_eq!(AgainstPublished::new(published(None), ours).agreement, Agreement::TooFewRounds);
    }
}
