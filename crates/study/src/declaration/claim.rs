//! Claims in words, and the test that judges each.

use serde::{Deserialize, Serialize};

use super::{ProtocolName, Reading};

/// A claim of a report, or a question that the report leaves open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Unique among all studies.
    pub id: String,
    /// The claim as the report makes it, in our words.
    pub words: String,
    /// Whether the report claims it, or we ask it.
    #[serde(default)]
    pub kind: ClaimKind,
    /// What would bear it out.
    pub test: Test,
    /// Claims of one family share Holm's correction; absent: corrected for its own comparisons only.
    #[serde(default)]
    pub family: Option<String>,
    /// The protocol whose trials judge it; absent: every protocol that all its cells have, one verdict each.
    #[serde(default)]
    pub protocol: Option<ProtocolName>,
}

/// Who says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// The report claims it.
    #[default]
    Claim,
    /// We ask it.
    Question,
}

/// Another reading of a published figure's experiment, tried because ours differs: a cell trained by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The cell whose value differs from the published one.
    pub of: String,
    /// The cell trained as the other reading has it.
    pub by: CellRef,
    /// What is different, as in "without the dropout in the heads, as the report's text says".
    pub words: String,
}

/// A cell named in a claim: `cell`, `study/cell` for one of another study, `cell@reading` for another reading than the
/// cell's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CellRef {
    /// The study, where it is another than the claim's.
    pub study: Option<String>,
    /// The cell's name.
    pub cell: String,
    /// The reading, where it is another than the cell's.
    pub reading: Option<Reading>,
}

/// What would bear a claim out.
///
/// | keys | means |
/// |---|---|
/// | `best`, `among` | the cell is better than each of the others (absent: all of its series) |
/// | `better`, `than` | the one is better than the other |
/// | `better`, `than`, `by` | and by so many points, published |
/// | `not_better`, `than`, `margin` | the one is not better by `margin` points (absent: 1) or more |
/// | `reaches`, `percent` | the cell's mean is at least so much |
/// | `first_over_second` | in this series, the cell with the best mean is better than the runner-up |
/// | `winners_curse`, `fresh` | choosing the best of this series flatters it; the same label in the series `fresh` has other seeds |
/// | `chosen_by_validation` | in this series, choosing by validation pairs gives a worse cell than choosing by test pairs |
/// | `untestable` | it cannot be tested, and why |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Keys", into = "Keys")]
pub enum Test {
    /// `best`, `among`.
    Best {
        /// The cell claimed best.
        cell: CellRef,
        /// The others; none: all others of its series.
        among: Vec<CellRef>,
    },
    /// `better`, `than`, `by`.
    Better {
        /// The cell claimed better.
        cell: CellRef,
        /// The other.
        than: CellRef,
        /// The published difference in percentage points.
        by: Option<f64>,
    },
    /// `not_better`, `than`, `margin`.
    NotBetter {
        /// The cell claimed to bring nothing.
        cell: CellRef,
        /// The other.
        than: CellRef,
        /// Percentage points that would be something.
        margin: f64,
    },
    /// `reaches`, `percent`.
    Reaches {
        /// The cell.
        cell: CellRef,
        /// What its mean is claimed to reach.
        percent: f64,
    },
    /// `first_over_second`.
    FirstOverSecond {
        /// The series.
        series: String,
    },
    /// `winners_curse`, `fresh`.
    WinnersCurse {
        /// The series chosen from.
        series: String,
        /// The series of the same cells with fresh seeds.
        fresh: Option<String>,
    },
    /// `chosen_by_validation`.
    ChosenByValidation {
        /// The series chosen from.
        series: String,
    },
    /// `untestable`.
    Untestable {
        /// Why.
        why: String,
    },
}

/// A test as a file spells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    best: Option<CellRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    among: Vec<CellRef>,
    better: Option<CellRef>,
    not_better: Option<CellRef>,
    than: Option<CellRef>,
    by: Option<f64>,
    margin: Option<f64>,
    reaches: Option<CellRef>,
    percent: Option<f64>,
    first_over_second: Option<String>,
    winners_curse: Option<String>,
    fresh: Option<String>,
    chosen_by_validation: Option<String>,
    untestable: Option<String>,
}

/// Percentage points that count as an improvement where a claim does not say.
const MARGIN: f64 = 1.0;

impl TryFrom<Keys> for Test {
    type Error = String;

    fn try_from(mut keys: Keys) -> Result<Self, String> {
        let test = if let Some(cell) = keys.best.take() {
            Self::Best { cell, among: std::mem::take(&mut keys.among) }
        } else if let Some(cell) = keys.better.take() {
            Self::Better { cell, than: required(keys.than.take(), "better", "than")?, by: keys.by.take() }
        } else if let Some(cell) = keys.not_better.take() {
            let than = required(keys.than.take(), "not_better", "than")?;
            Self::NotBetter { cell, than, margin: keys.margin.take().unwrap_or(MARGIN) }
        } else if let Some(cell) = keys.reaches.take() {
            Self::Reaches { cell, percent: required(keys.percent.take(), "reaches", "percent")? }
        } else if let Some(series) = keys.first_over_second.take() {
            Self::FirstOverSecond { series }
        } else if let Some(series) = keys.winners_curse.take() {
            Self::WinnersCurse { series, fresh: keys.fresh.take() }
        } else if let Some(series) = keys.chosen_by_validation.take() {
            Self::ChosenByValidation { series }
        } else if let Some(why) = keys.untestable.take() {
            Self::Untestable { why }
        } else {
            return Err("a test needs one of best, better, not_better, reaches, first_over_second, winners_curse, \
                        chosen_by_validation, untestable"
                .to_owned());
        };
        if keys == Keys::default() { Ok(test) } else { Err("a test has keys that do not belong together".to_owned()) }
    }
}

fn required<T>(value: Option<T>, test: &str, key: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("a test with `{test}` also needs `{key}`"))
}

impl From<Test> for Keys {
    fn from(test: Test) -> Self {
        let none = Self::default();
        match test {
            Test::Best { cell, among } => Self { best: Some(cell), among, ..none },
            Test::Better { cell, than, by } => Self { better: Some(cell), than: Some(than), by, ..none },
            Test::NotBetter { cell, than, margin } => {
                Self { not_better: Some(cell), than: Some(than), margin: Some(margin), ..none }
            }
            Test::Reaches { cell, percent } => Self { reaches: Some(cell), percent: Some(percent), ..none },
            Test::FirstOverSecond { series } => Self { first_over_second: Some(series), ..none },
            Test::WinnersCurse { series, fresh } => Self { winners_curse: Some(series), fresh, ..none },
            Test::ChosenByValidation { series } => Self { chosen_by_validation: Some(series), ..none },
            Test::Untestable { why } => Self { untestable: Some(why), ..none },
        }
    }
}

impl Test {
    /// Every cell that the test names.
    pub fn cells(&self) -> Vec<&CellRef> {
        match self {
            Self::Best { cell, among } => std::iter::once(cell).chain(among).collect(),
            Self::Better { cell, than, .. } | Self::NotBetter { cell, than, .. } => vec![cell, than],
            Self::Reaches { cell, .. } => vec![cell],
            Self::FirstOverSecond { .. }
            | Self::WinnersCurse { .. }
            | Self::ChosenByValidation { .. }
            | Self::Untestable { .. } => Vec::new(),
        }
    }

    /// Every series that the test names.
    pub fn series(&self) -> Vec<&str> {
        match self {
            Self::FirstOverSecond { series } | Self::ChosenByValidation { series } => vec![series],
            Self::WinnersCurse { series, fresh } => std::iter::once(series.as_str()).chain(fresh.as_deref()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Claim {
    /// Every cell of the claim's own study that its test names.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        let own = self.test.cells().into_iter().filter(|reference| reference.study.is_none());
        own.map(|reference| reference.cell.as_str())
    }
}

impl TryFrom<String> for CellRef {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (study, rest) = match text.split_once('/') {
            Some((study, rest)) => (Some(study.to_owned()), rest),
            None => (None, text.as_str()),
        };
        let (cell, reading) = match rest.split_once('@') {
            Some((cell, reading)) => (cell, Some(named_reading(reading)?)),
            None => (rest, None),
        };
        Ok(Self { study, cell: cell.to_owned(), reading })
    }
}

fn named_reading(name: &str) -> Result<Reading, String> {
    Reading::ALL.into_iter().find(|reading| reading.name() == name).ok_or_else(|| {
        let names = Reading::ALL.map(Reading::name).join(", ");
        format!("there is no reading called {name}; there are: {names}")
    })
}

impl From<CellRef> for String {
    fn from(reference: CellRef) -> Self {
        let study = reference.study.map_or(Self::new(), |study| format!("{study}/"));
        let reading = reference.reading.map_or(Self::new(), |reading| format!("@{}", reading.name()));
        format!("{study}{}{reading}", reference.cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(json: &str) -> Result<Test, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn every_test_survives_being_written_and_read() {
        for json in [
            r#"{"best": "a", "among": ["b", "c"]}"#,
            r#"{"better": "other-study/a@digits", "than": "b", "by": 3.2}"#,
            r#"{"not_better": "a", "than": "b", "margin": 0.5}"#,
            r#"{"reaches": "a", "percent": 85.0}"#,
            r#"{"first_over_second": "ConvNet"}"#,
            r#"{"winners_curse": "ConvNet", "fresh": "ConvNet, fresh seeds"}"#,
            r#"{"chosen_by_validation": "ConvNet"}"#,
            r#"{"untestable": "the report does not say which layer"}"#,
        ] {
            let read = test(json).unwrap();
            assert_eq!(test(&serde_json::to_string(&read).unwrap()).unwrap(), read, "{json}");
        }
    }

    #[test]
    fn a_reference_names_study_cell_and_reading() {
        let reference = CellRef::try_from("b4-classifier/plain@most_likely_digits".to_owned()).unwrap();
        assert_eq!(reference.study.as_deref(), Some("b4-classifier"));
        assert_eq!((reference.cell.as_str(), reference.reading), ("plain", Some(Reading::MostLikelyDigits)));
        assert!(CellRef::try_from("plain@head".to_owned()).unwrap_err().contains("learned_head"));
    }

    #[test]
    fn a_test_that_lacks_a_key_or_mixes_keys_is_refused() {
        assert!(test(r#"{"better": "a"}"#).unwrap_err().contains("`than`"));
        assert!(test(r#"{"best": "a", "by": 1.0}"#).unwrap_err().contains("belong together"));
        assert!(test("{}").unwrap_err().contains("needs one of"));
        assert!(test(r#"{"bestt": "a"}"#).unwrap_err().contains("bestt"));
    }
}
