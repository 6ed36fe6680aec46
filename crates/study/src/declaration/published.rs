//! What a report publishes of a training.

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claim::CellRef;

/// Rounds of a published mean if the declaration does not say.
const ROUNDS: usize = 10;

/// A value printed in a report, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Mean over the rounds.
    #[schemars(extend("unit" = "percent"))]
    pub mean: f64,
    /// Standard deviation over the rounds, where it was given.
    #[serde(default, rename(serialize = "deviation"))]
    #[schemars(extend("unit" = "percentage points"))]
    pub standard_deviation: Option<f64>,
    /// Number of rounds; 10 where absent, as in both reports but for parts of report B's table.
    #[serde(default)]
    #[schemars(extend("unit" = "rounds"))]
    pub rounds: Option<usize>,
    /// Standard error of reading the mean off a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unit" = "percentage points"))]
    pub reading_error: Option<f64>,
    /// Whether the report gives neither rounds nor standard deviation: the value's error is unknown, so it is shown and not
    /// judged. Refused beside `rounds` or `standard_deviation`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub rounds_unknown: bool,
}

/// A published value of a cell that has another one already, or of a cell of another study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlsoPublished {
    /// The cell.
    pub cell: CellRef,
    /// Where it is published, such as `Fig. 5`.
    pub place: String,
    /// The value.
    #[schemars(extend("unit" = "percent"))]
    pub value: f64,
    /// Whether it is the mean over the rounds or their median.
    #[serde(default)]
    pub statistic: Statistic,
    /// Standard deviation over the rounds, where it was given.
    #[serde(default)]
    #[schemars(extend("unit" = "percentage points"))]
    pub standard_deviation: Option<f64>,
    /// Number of rounds; 10 where absent.
    #[serde(default)]
    #[schemars(extend("unit" = "rounds"))]
    pub rounds: Option<usize>,
    /// Standard error of reading the value off a figure.
    #[serde(default)]
    #[schemars(extend("unit" = "percentage points"))]
    pub reading_error: Option<f64>,
}

/// What a published value says about its rounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Their mean.
    #[default]
    Mean,
    /// Their median.
    Median,
}

impl Published {
    /// Number of rounds behind the value.
    pub fn round_count(&self) -> usize {
        self.rounds.unwrap_or(ROUNDS)
    }

    /// Checks that rounds can be compared with the value, which its file calls `mean` or `value`.
    ///
    /// # Errors
    /// A number that is no percentage, and fewer rounds than a mean or a standard deviation has.
    pub(super) fn check(&self, mean: &str) -> Result<()> {
        let errors = [("standard_deviation", self.standard_deviation), ("reading_error", self.reading_error)];
        let given = errors.into_iter().filter_map(|(key, number)| Some((key, number?)));
        for (key, number) in std::iter::once((mean, self.mean)).chain(given) {
            if !(0.0..=100.0).contains(&number) {
                bail!("{key} is {number}, but it must be 0 to 100");
            }
        }
        match (self.round_count(), self.standard_deviation) {
            (0, _) => bail!("rounds is 0, but it must be at least 1"),
            (1, Some(_)) => bail!("rounds is 1, but a standard deviation is of at least 2"),
            _ => Ok(()),
        }
    }
}

impl AlsoPublished {
    /// The value as one of a cell.
    pub fn published(&self) -> Published {
        Published {
            mean: self.value,
            standard_deviation: self.standard_deviation,
            rounds: self.rounds,
            reading_error: self.reading_error,
            rounds_unknown: false,
        }
    }
}
