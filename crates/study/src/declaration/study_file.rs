//! What a file under `experiments/` says.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::cell::{Cell, Common};
use super::claim::{CellRef, Claim, Explanation};
use super::grid::Grid;
use super::protocol::ProtocolName;
use super::published::{AlsoPublished, Published};
use super::reading::Reading;
use super::report::Report;
use crate::experiment::{Experiments, Settings};
use nets::training::Scope;

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
    /// Data seed of the fixed protocol, where a cell has it.
    pub data_seed: Option<u32>,
    /// Training pairs, and test pairs.
    pub pairs: usize,
    /// What its networks are judged on.
    pub scope: Scope,
    /// What its figure looks like.
    pub kind: FigureKind,
    /// What the horizontal axis of a curve shows; also named before numeric labels in sentences.
    pub x_label: Option<String>,
    /// What is trained, in the order of the file, grids last.
    pub cells: Vec<Cell>,
    /// What the report claims.
    pub claims: Vec<Claim>,
    /// Other readings, tried where ours is not equivalent to a published value.
    pub explanations: Vec<Explanation>,
    /// Further published values of cells.
    pub also_published: Vec<AlsoPublished>,
    /// A ladder: cells of which each adds one change to the one before.
    pub rungs: Vec<Rung>,
    /// Rows of its summary that come from elsewhere.
    pub quoted: Vec<Quoted>,
}

impl Study {
    /// Whether its networks are judged by held-out training images alone.
    pub fn is_held_out(&self) -> bool {
        self.scope == Scope::HeldOut
    }
}

/// A study as its file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Its name, which is that of its file without the ending.
    pub name: String,
    /// What it is called in headings.
    pub title: String,
    /// Which report it reproduces, or neither.
    pub report: Report,
    /// Where the published numbers stand, such as `Fig. 4`.
    #[serde(default)]
    pub figure: Option<String>,
    /// A paragraph for readers.
    pub about: String,
    /// Rounds of a cell that does not say otherwise; each has a seed of its own.
    #[schemars(extend("unit" = "rounds"))]
    pub rounds: u64,
    /// Where the pairs come from, for a cell that does not say otherwise.
    pub protocols: Vec<ProtocolName>,
    /// Seed that draws the pairs of the protocol `fixed`; required where a cell has that protocol, refused elsewhere.
    #[serde(default)]
    pub data_seed: Option<u32>,
    /// Training pairs, and test pairs.
    #[serde(default = "pairs_of_both_reports")]
    #[schemars(extend("unit" = "pairs"))]
    pub pairs: usize,
    /// What its networks are judged on; absent: the round's test pairs in studies of a report, all images in our own.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// What its figure looks like.
    pub kind: FigureKind,
    /// What the horizontal axis of a curve shows; also named before numeric labels in sentences. Refused where it would have
    /// no effect.
    #[serde(default)]
    pub x_label: Option<String>,
    /// Cells written out.
    #[serde(default)]
    pub cells: Vec<CellDeclaration>,
    /// Cells computed from a parameter window.
    #[serde(default)]
    pub grids: Vec<Grid>,
    /// What the report claims.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Other readings, tried where ours is not equivalent to a published value.
    #[serde(default)]
    pub explanations: Vec<Explanation>,
    /// Further published values of cells, where a report prints several of one training.
    #[serde(default)]
    pub also_published: Vec<AlsoPublished>,
    /// A ladder: cells of which each adds one change to the one before.
    #[serde(default)]
    pub rungs: Vec<Rung>,
    /// Rows of its summary that come from elsewhere.
    #[serde(default)]
    pub quoted: Vec<Quoted>,
}

/// A row of a study's summary that another study's journal or another file of results holds: with `cell`, that cell's; with
/// `file`, the row called `row` there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quoted {
    /// What the row is called here.
    pub what: String,
    /// What it says, in words.
    pub words: String,
    /// A cell, its reading the row's value.
    #[serde(default)]
    pub cell: Option<CellRef>,
    /// A file of rows, from the results' folder.
    #[serde(default)]
    pub file: Option<String>,
    /// What the row is called there.
    #[serde(default)]
    pub row: Option<String>,
    /// What was asked for, in the row's unit: `at least` or, for errors, `at most`.
    #[serde(default)]
    pub wanted: Option<String>,
}

/// A step of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// What is trained.
    pub cell: CellRef,
    /// What it adds to the rung before.
    pub words: String,
}

fn pairs_of_both_reports() -> usize {
    nets::training::COURSE_PAIRS
}

/// What a study's figure looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// A box a cell.
    Box,
    /// A line a series over the cells' `x`.
    Curve,
    /// A point a cell, by what its network costs.
    Front,
}

/// A cell as its file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The experiment that network and recipe are taken from where the cell does not say otherwise: its name, or its file,
    /// seen from the study's. Pairs, protocols and seeds are the study's.
    #[serde(default)]
    pub like: Option<String>,
    /// The network: its family and settings, or what is different from that of `like`.
    #[serde(default)]
    #[schemars(with = "Option<Settings>")]
    pub network: Option<Spanned<Settings>>,
    /// What is different from the recipe of `like`, of `recipe.like` or, where there is neither, of the study's report.
    #[serde(default)]
    #[schemars(with = "Option<Settings>")]
    pub recipe: Option<Spanned<Settings>>,
    /// The auxiliary loss in a report's own terms, in its studies only: in report A the weight of the comparison's loss, beside
    /// the digits' 1; in report B that of both digits' loss together, beside the comparison's 1.
    #[serde(default)]
    #[schemars(extend("unit" = "weight"))]
    pub lambda: Option<f32>,
    /// The published value.
    #[serde(default)]
    pub published: Option<Published>,
    /// Which reading is compared with the published value.
    #[serde(default)]
    pub reading: Reading,
    /// Another number of rounds than the study's.
    #[serde(default)]
    #[schemars(extend("unit" = "rounds"))]
    pub rounds: Option<u64>,
    /// Other protocols than the study's.
    #[serde(default)]
    pub protocols: Option<Vec<ProtocolName>>,
    /// Seed of the first round.
    #[serde(default)]
    pub seeds_from: u64,
}

impl Declaration {
    /// Writes the grids out and resolves every cell, as those of a file in `folder`.
    ///
    /// # Errors
    /// A cell's settings that are refused, and a grid that holds no network, or publishes a value of one that it does not hold.
    pub fn resolve(self, experiments: &Experiments, folder: &Path) -> anyhow::Result<Study> {
        self.grids.iter().try_for_each(Grid::check)?;
        let scope = self.scope.unwrap_or_else(|| self.report.scope());
        let common = Common {
            study: &self.name,
            report: self.report,
            rounds: self.rounds,
            protocols: &self.protocols,
            data_seed: self.data_seed,
            pairs: self.pairs,
            scope,
            experiments,
            folder,
        };
        let written = self.cells.iter().cloned().chain(self.grids.iter().flat_map(Grid::cells));
        let cells = written.map(|declared| Cell::resolve(declared, &common)).collect::<anyhow::Result<_>>()?;
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
            scope,
            kind: self.kind,
            x_label: self.x_label,
            claims: self.claims,
            explanations: self.explanations,
            also_published: self.also_published,
            rungs: self.rungs,
            quoted: self.quoted,
        })
    }
}
