//! Cells computed from a parameter window.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::Spanned;

use super::published::Published;
use super::reading::Reading;
use super::study_file::CellDeclaration;
use crate::experiment::Settings;
use crate::suggestion::Unknown;
use nets::network::{ConvNet, Family, Mlp};

/// Sizes of a grid, at most: all 4-tuples of them are tried.
const MOST_SIZES: usize = 32;

/// Cells computed from a parameter window: every 4-tuple of `sizes` whose network counts so many parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Which network the four sizes describe.
    pub family: GridFamily,
    /// What each size may be.
    #[schemars(extend("unit" = "channels or features"))]
    pub sizes: Vec<usize>,
    /// Least and largest number of parameters, both included; an idle digit head counts.
    #[schemars(extend("unit" = "parameters"))]
    pub window: [usize; 2],
    /// Group in figures.
    pub series: String,
    /// What the cells' names begin with (`convnet` or `mlp` where absent).
    #[serde(default)]
    pub prefix: Option<String>,
    /// Published means by label, such as `32-64-32-512`.
    #[serde(default)]
    #[schemars(extend("unit" = "percent"))]
    pub published: BTreeMap<String, f64>,
    /// Standard error of reading a published mean off a figure.
    #[serde(default)]
    #[schemars(extend("unit" = "percentage points"))]
    pub reading_error: Option<f64>,
    /// What is different from the recipe of `recipe.like` or, where there is none, of the study's report.
    #[serde(default)]
    #[schemars(with = "Option<Settings>")]
    pub recipe: Option<Spanned<Settings>>,
    /// Seed of the first round.
    #[serde(default)]
    pub seeds_from: u64,
}

/// A family whose networks are described by four sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GridFamily {
    /// Three channels and the heads' hidden features.
    ReportAConvnet,
    /// Four layers.
    ReportAMlp,
}

impl Grid {
    /// Every 4-tuple of the sizes whose vanilla network counts as many parameters as the window allows, in
    /// lexicographic order of the sizes as listed.
    pub fn cells(&self) -> Vec<CellDeclaration> {
        let [least, largest] = self.window;
        let fits = |sizes: &[usize; 4]| self.family.parameter_count(*sizes).is_some_and(|n| n >= least && n <= largest);
        self.tuples().filter(fits).map(|sizes| self.cell(sizes)).collect()
    }

    /// Checks that the grid holds networks, and those whose values it publishes, and that it publishes what it has an error of.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.sizes.len() > MOST_SIZES {
            let (series, sizes) = (&self.series, self.sizes.len());
            anyhow::bail!(
                "the grid `{series}` has {sizes} sizes, but at most {MOST_SIZES} can be combined four by four"
            );
        }
        let labels: Vec<String> = self.cells().into_iter().map(|cell| cell.label).collect();
        if labels.is_empty() {
            anyhow::bail!("the grid `{}` holds no network with {:?} parameters", self.series, self.window);
        }
        if self.published.is_empty() && self.reading_error.is_some() {
            anyhow::bail!("the grid `{}`: reading_error has no effect without published values", self.series);
        }
        match self.published.keys().find(|label| !labels.contains(label)) {
            Some(label) => Err(Unknown::new("network in the grid", label, labels.iter().map(String::as_str)).into()),
            None => Ok(()),
        }
    }

    fn tuples(&self) -> impl Iterator<Item = [usize; 4]> + '_ {
        let base = self.sizes.len();
        (0..base.pow(4)).map(move |number| {
            let digit = |power: u32| self.sizes[number / base.pow(power) % base];
            [digit(3), digit(2), digit(1), digit(0)]
        })
    }

    fn published(&self, mean: f64) -> Published {
        let reading_error = self.reading_error;
        Published { mean, standard_deviation: None, rounds: None, reading_error, rounds_unknown: false }
    }

    fn cell(&self, sizes: [usize; 4]) -> CellDeclaration {
        let label = sizes.map(|size| size.to_string()).join("-");
        CellDeclaration {
            name: format!("{}-{label}", self.prefix.as_deref().unwrap_or(self.family.short_name())),
            series: self.series.clone(),
            published: self.published.get(&label).map(|&mean| self.published(mean)),
            label,
            x: None,
            like: None,
            network: Some(Spanned::new(0..0, self.family.settings(sizes))),
            recipe: self.recipe.clone(),
            lambda: None,
            reading: Reading::LearnedHead,
            rounds: None,
            protocols: None,
            seeds_from: self.seeds_from,
        }
    }
}

impl GridFamily {
    /// What the cells' names begin with where the grid does not say.
    fn short_name(self) -> &'static str {
        match self {
            Self::ReportAConvnet => "convnet",
            Self::ReportAMlp => "mlp",
        }
    }

    /// The vanilla network with these sizes.
    fn network(self, sizes: [usize; 4]) -> Family {
        let [first, second, third, hidden] = sizes;
        match self {
            Self::ReportAConvnet => {
                Family::ReportAConvnet(ConvNet { channels: [first, second, third], hidden, ..ConvNet::default() })
            }
            Self::ReportAMlp => Family::ReportAMlp(Mlp { widths: sizes, ..Mlp::default() }),
        }
    }

    fn settings(self, sizes: [usize; 4]) -> Settings {
        match serde_json::to_value(self.network(sizes)) {
            Ok(Value::Object(settings)) => settings,
            _ => unreachable!("a network is a table with string keys"),
        }
    }

    /// Parameters of the vanilla network, its idle digit head included; none where it cannot be built.
    fn parameter_count(self, sizes: [usize; 4]) -> Option<usize> {
        self.network(sizes).spec(false).parameter_count().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(family: GridFamily) -> Grid {
        Grid {
            family,
            sizes: vec![16, 32, 64, 128, 256, 512],
            window: [65_000, 75_000],
            series: "any".to_owned(),
            prefix: None,
            published: BTreeMap::new(),
            reading_error: None,
            recipe: None,
            seeds_from: 0,
        }
    }

    #[test]
    fn the_window_holds_27_convnets_and_55_mlps() {
        let convnets = grid(GridFamily::ReportAConvnet).cells();
        let mlps = grid(GridFamily::ReportAMlp).cells();
        assert_eq!((convnets.len(), mlps.len()), (27, 55));
        let holds = |cells: &[CellDeclaration], label: &str| cells.iter().any(|cell| cell.label == label);
        for label in ["32-64-32-512", "16-128-64-128", "256-16-128-64"] {
            assert!(holds(&convnets, label), "{label}");
        }
        for label in ["128-64-32-256", "16-512-64-256"] {
            assert!(holds(&mlps, label), "{label}");
        }
    }

    #[test]
    fn the_best_architectures_count_what_the_protocol_says() {
        assert_eq!(GridFamily::ReportAConvnet.parameter_count([32, 64, 32, 512]), Some(66_763));
        assert_eq!(GridFamily::ReportAMlp.parameter_count([128, 64, 32, 256]), Some(71_915));
    }
}
