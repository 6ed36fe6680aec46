//! Claims in words, and the test that judges each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protocol::ProtocolName;
use super::reading::Reading;

/// A claim of a report, or a question that the report leaves open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Unique among all studies.
    pub id: String,
    /// The claim as the report makes it, in our words.
    pub words: String,
    /// Whether the report claims it, or we ask it.
    #[serde(default)]
    pub kind: ClaimKind,
    /// The claim, of any study, that this one says again: it is judged here too, and counted there.
    #[serde(default)]
    pub repeats: Option<String>,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// The report claims it.
    #[default]
    Claim,
    /// A claim of the report, tried with a network, a recipe or seeds of ours.
    Variant,
    /// We ask it.
    Question,
}

/// Another reading of a published figure's experiment, tried because ours is not equivalent: a cell trained by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The cell whose value is not equivalent to the published one.
    pub of: String,
    /// The cell trained as the other reading has it.
    pub by: CellRef,
    /// What is different, as in "without the dropout in the heads, as the report's text says".
    pub words: String,
}

/// A cell named in a claim: `cell`, `study/cell` for one of another study, `cell@reading` for another reading than the
/// cell's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct CellRef {
    /// The study, where it is another than the claim's.
    pub study: Option<String>,
    /// The cell's name.
    pub cell: String,
    /// The reading, where it is another than the cell's.
    pub reading: Option<Reading>,
}

/// What would bear a claim out: one key, which names the kind of test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// The cell is better than each of the others.
    Best {
        /// The cell claimed best.
        cell: CellRef,
        /// The others; none: all others of its series.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        among: Vec<CellRef>,
    },
    /// The one cell is better than the other, by so many points where that is published.
    Better {
        /// The cell claimed better.
        cell: CellRef,
        /// The other.
        than: CellRef,
        /// The published difference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("unit" = "percentage points"))]
        by: Option<f64>,
    },
    /// The one cell is not better than the other by `margin` points or more.
    NotBetter {
        /// The cell claimed to bring nothing.
        cell: CellRef,
        /// The other.
        than: CellRef,
        /// What would be something.
        #[serde(default = "one_point")]
        #[schemars(extend("unit" = "percentage points"))]
        margin: f64,
    },
    /// The cell's mean is at least so much.
    Reaches {
        /// The cell.
        cell: CellRef,
        /// What its mean is claimed to reach.
        #[schemars(extend("unit" = "percent"))]
        percent: f64,
    },
    /// The one cell's network has fewer trained parameters than the other's: exactly, without a trial.
    FewerParameters {
        /// The cell claimed smaller.
        cell: CellRef,
        /// The other.
        than: CellRef,
    },
    /// In this series, the cell with the best mean is better than the runner-up.
    FirstOverSecond(String),
    /// Choosing the best of a series flatters it.
    WinnersCurse {
        /// The series chosen from.
        series: String,
        /// The series of the same cells, by their labels, with fresh seeds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fresh: Option<String>,
    },
    /// In this series, choosing by validation pairs gives a worse cell than choosing by test pairs.
    ChosenByValidation(String),
    /// It cannot be tested, and why.
    Untestable(String),
}

fn one_point() -> f64 {
    1.0
}

impl Test {
    /// Every cell that the test names.
    pub fn cells(&self) -> Vec<&CellRef> {
        match self {
            Self::Best { cell, among } => std::iter::once(cell).chain(among).collect(),
            Self::Better { cell, than, .. } | Self::NotBetter { cell, than, .. } => vec![cell, than],
            Self::FewerParameters { cell, than } => vec![cell, than],
            Self::Reaches { cell, .. } => vec![cell],
            Self::FirstOverSecond(_)
            | Self::WinnersCurse { .. }
            | Self::ChosenByValidation(_)
            | Self::Untestable(_) => Vec::new(),
        }
    }

    /// The key and the value of the test's number, where it has one.
    pub(super) fn number(&self) -> Option<(&'static str, f64)> {
        match *self {
            Self::Better { by, .. } => Some(("by", by?)),
            Self::NotBetter { margin, .. } => Some(("margin", margin)),
            Self::Reaches { percent, .. } => Some(("percent", percent)),
            _ => None,
        }
    }

    /// Every series that the test names.
    pub fn series(&self) -> Vec<&str> {
        match self {
            Self::FirstOverSecond(series) | Self::ChosenByValidation(series) => vec![series],
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
            r#"{"best": {"cell": "a", "among": ["b", "c"]}}"#,
            r#"{"better": {"cell": "other-study/a@digits", "than": "b", "by": 3.2}}"#,
            r#"{"not_better": {"cell": "a", "than": "b", "margin": 0.5}}"#,
            r#"{"reaches": {"cell": "a", "percent": 85.0}}"#,
            r#"{"fewer_parameters": {"cell": "a", "than": "b"}}"#,
            r#"{"first_over_second": "ConvNet"}"#,
            r#"{"winners_curse": {"series": "ConvNet", "fresh": "ConvNet, fresh seeds"}}"#,
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
        assert!(test(r#"{"better": {"cell": "a"}}"#).unwrap_err().contains("`than`"));
        assert!(test(r#"{"best": {"cell": "a", "by": 1.0}}"#).unwrap_err().contains("`by`"));
        assert!(test("{}").is_err());
        assert!(test(r#"{"untestable": "why", "best": {"cell": "a"}}"#).is_err());
        assert!(test(r#"{"bestt": {"cell": "a"}}"#).unwrap_err().contains("bestt"));
    }
}
