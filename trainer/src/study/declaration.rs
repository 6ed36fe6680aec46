//! What a file under `experiments/` says.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Common};
use super::claim::{Claim, Explanation};
use super::grid::Grid;
use super::network::NetworkDeclaration;

/// A study, resolved: its grids are written out as cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The file's name without its ending.
    pub name: String,
    /// What it is called in headings.
    pub title: String,
    /// Which report it reproduces.
    pub report: Report,
    /// Where the published numbers stand, such as `Fig. 4`.
    pub figure: Option<String>,
    /// A paragraph for readers.
    pub about: String,
    /// Number of rounds of a cell that does not say otherwise.
    pub rounds: u64,
    /// Where the pairs come from, for a cell that does not say otherwise.
    pub protocols: Vec<ProtocolName>,
    /// Data seed of the fixed protocol.
    pub data_seed: u32,
    /// Training pairs, and test pairs.
    pub pairs: usize,
    /// What its figure looks like.
    pub kind: FigureKind,
    /// What the figure's horizontal axis shows.
    pub x_label: Option<String>,
    /// What is trained, in the order of the file, grids last.
    pub cells: Vec<Cell>,
    /// What the report claims.
    pub claims: Vec<Claim>,
    /// Other readings, tried where ours differs from a published value.
    pub explanations: Vec<Explanation>,
}

/// A study as its file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// See [`Study::name`].
    pub name: String,
    /// See [`Study::title`].
    pub title: String,
    /// See [`Study::report`].
    pub report: Report,
    /// See [`Study::figure`].
    #[serde(default)]
    pub figure: Option<String>,
    /// See [`Study::about`].
    pub about: String,
    /// See [`Study::rounds`].
    pub rounds: u64,
    /// See [`Study::protocols`].
    pub protocols: Vec<ProtocolName>,
    /// See [`Study::data_seed`].
    pub data_seed: u32,
    /// See [`Study::pairs`].
    #[serde(default = "pairs_of_both_reports")]
    pub pairs: usize,
    /// See [`Study::kind`].
    pub kind: FigureKind,
    /// See [`Study::x_label`].
    #[serde(default)]
    pub x_label: Option<String>,
    /// Cells written out.
    #[serde(default)]
    pub cells: Vec<CellDeclaration>,
    /// Cells computed from a parameter window.
    #[serde(default)]
    pub grids: Vec<Grid>,
    /// See [`Study::claims`].
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// See [`Study::explanations`].
    #[serde(default)]
    pub explanations: Vec<Explanation>,
}

fn pairs_of_both_reports() -> usize {
    crate::experiment::PAIRS
}

/// One of the two reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Report {
    /// Wang, Li and Xu.
    A,
    /// Dubuis, Gabbud and Gürtler.
    B,
}

/// What a study's figure looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// A box a cell.
    Box,
    /// A line a series over the cells' `x`.
    Curve,
}

/// Where the pairs of a round come from; the name of a [`crate::data::Protocol`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolName {
    /// One training and one test set for all rounds, as both reports did.
    Fixed,
    /// Both sets drawn anew with the round's seed, as the course asked.
    Redrawn,
}

impl ProtocolName {
    /// The name used in commands, files and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Redrawn => "redrawn",
        }
    }
}

impl std::fmt::Display for ProtocolName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}

/// A cell as its file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellDeclaration {
    /// Unique in the study.
    pub name: String,
    /// Group in figures and in families of tests.
    pub series: String,
    /// Tick label.
    pub label: String,
    /// Position on a curve.
    #[serde(default)]
    pub x: Option<f64>,
    /// The network.
    pub network: NetworkDeclaration,
    /// Weight of the comparison's loss (report A) or of the digits' loss (report B); absent or 0: no auxiliary loss.
    #[serde(default)]
    pub lambda: Option<f32>,
    /// Whether only the digits are learned, and the comparison is not.
    #[serde(default)]
    pub digits_only: bool,
    /// The published value.
    #[serde(default)]
    pub published: Option<Published>,
    /// Which reading is compared with the published value.
    #[serde(default)]
    pub reading: Reading,
    /// Another number of epochs than the report's.
    #[serde(default)]
    pub epochs: Option<u32>,
    /// Another learning rate than the report's.
    #[serde(default)]
    pub learning_rate: Option<f64>,
    /// Another number of pairs set aside for validation than the report's.
    #[serde(default)]
    pub validation_pairs: Option<usize>,
    /// `false` trains all epochs of report B's recipe.
    #[serde(default)]
    pub early_stopping: Option<bool>,
    /// Another number of rounds than the study's.
    #[serde(default)]
    pub rounds: Option<u64>,
    /// Other protocols than the study's.
    #[serde(default)]
    pub protocols: Option<Vec<ProtocolName>>,
    /// Seed of the first round.
    #[serde(default)]
    pub seeds_from: u64,
}

/// A value printed in a report, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Mean over the rounds.
    pub mean: f64,
    /// Standard deviation over the rounds, where it was given.
    #[serde(default)]
    pub deviation: Option<f64>,
    /// Number of rounds; 10 where absent, as in both reports but for report B's table.
    #[serde(default)]
    pub rounds: Option<usize>,
}

/// A way of reading a network's answer; a field of [`crate::training::Evaluation`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The learned comparison.
    #[default]
    LearnedHead,
    /// The comparison of the two most likely digits.
    MostLikelyDigits,
    /// The comparison computed from the digit posteriors.
    DigitPosteriors,
    /// Digits recognised, two a pair.
    Digits,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 4] = [Self::LearnedHead, Self::MostLikelyDigits, Self::DigitPosteriors, Self::Digits];

    /// The name used in declarations.
    pub fn name(self) -> &'static str {
        match self {
            Self::LearnedHead => "learned_head",
            Self::MostLikelyDigits => "most_likely_digits",
            Self::DigitPosteriors => "digit_posteriors",
            Self::Digits => "digits",
        }
    }

    /// What it is called in results, as [`crate::training::Evaluation::readings`] has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::LearnedHead => "test pairs, learned head",
            Self::MostLikelyDigits => "test pairs, most likely digits",
            Self::DigitPosteriors => "test pairs, digit posteriors",
            Self::Digits => "test digits",
        }
    }

    /// The share of right answers by this reading, absent where no digits are learned.
    pub fn of(self, evaluation: &crate::training::Evaluation) -> Option<crate::training::Share> {
        match self {
            Self::LearnedHead => Some(evaluation.learned_head),
            Self::MostLikelyDigits => evaluation.most_likely_digits,
            Self::DigitPosteriors => evaluation.digit_posteriors,
            Self::Digits => evaluation.digits,
        }
    }
}

impl Declaration {
    /// Writes the grids out and resolves every cell.
    ///
    /// # Errors
    /// A grid that holds no network, or publishes a value of one that it does not hold.
    pub fn resolve(self) -> anyhow::Result<Study> {
        self.grids.iter().try_for_each(Grid::check)?;
        let common = Common {
            study: &self.name,
            report: self.report,
            rounds: self.rounds,
            protocols: &self.protocols,
            data_seed: self.data_seed,
            pairs: self.pairs,
        };
        let written = self.cells.iter().cloned().chain(self.grids.iter().flat_map(Grid::cells));
        let cells = written.map(|declared| Cell::resolve(declared, &common)).collect();
        Ok(Study {
            cells,
            name: self.name,
            title: self.title,
            report: self.report,
            figure: self.figure,
            about: self.about,
            rounds: self.rounds,
            protocols: self.protocols,
            data_seed: self.data_seed,
            pairs: self.pairs,
            kind: self.kind,
            x_label: self.x_label,
            claims: self.claims,
            explanations: self.explanations,
        })
    }
}
