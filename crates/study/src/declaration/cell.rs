//! One network with one recipe: what is trained in every round.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toml::Spanned;

use super::cost::Cost;
use super::identity::identity;
use super::protocol::ProtocolName;
use super::published::Published;
use super::reading::Reading;
use super::report::Report;
use super::study_file::CellDeclaration;
use crate::experiment::{Experiments, SettingError, Settings, lay_over, read, without_likes};
use mnist::Protocol;
use nets::network::Family;
use nets::training::{LossWeights, Recipe, Scope, TrainingConfig};

/// A cell of a study, with everything resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Unique in the study.
    pub name: String,
    /// Group in figures and in families of tests.
    pub series: String,
    /// Tick label.
    pub label: String,
    /// Position on a curve.
    pub x: Option<f64>,
    /// The published value.
    pub published: Option<Published>,
    /// Which reading is compared with the published value.
    pub reading: Reading,
    /// Number of rounds under each protocol.
    pub rounds: u64,
    /// Seed of the first round.
    pub seeds_from: u64,
    /// Where the pairs come from.
    pub protocols: Vec<ProtocolName>,
    /// The training of the first round under the fixed protocol.
    config: TrainingConfig,
    data_seed: Option<u32>,
}

/// What of a study its cells share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) study: &'a str,
    pub(super) report: Report,
    pub(super) rounds: u64,
    pub(super) protocols: &'a [ProtocolName],
    pub(super) data_seed: Option<u32>,
    pub(super) pairs: usize,
    pub(super) scope: Scope,
    pub(super) experiments: &'a Experiments,
    /// Where the study's file is.
    pub(super) folder: &'a Path,
}

impl Cell {
    /// Resolves a declared cell.
    ///
    /// # Errors
    /// A network or recipe that is missing, and settings that are refused.
    pub(super) fn resolve(declared: CellDeclaration, common: &Common) -> Result<Self> {
        let (network, recipe) = declared.settings(common).with_context(|| format!("cell `{}`", declared.name))?;
        let config = TrainingConfig {
            name: format!("{}/{}", common.study, declared.name),
            network: network.spec(recipe.loss.uses_digits()),
            recipe,
            protocol: Protocol::Redrawn,
            pairs: common.pairs,
            seed: declared.seeds_from,
            scope: common.scope,
        };
        Ok(Self {
            name: declared.name,
            series: declared.series,
            label: declared.label,
            x: declared.x,
            published: declared.published,
            reading: declared.reading,
            rounds: declared.rounds.unwrap_or(common.rounds),
            seeds_from: declared.seeds_from,
            protocols: declared.protocols.unwrap_or_else(|| common.protocols.to_vec()),
            config,
            data_seed: common.data_seed,
        })
    }

    /// The training of the round with this seed.
    pub fn config(&self, protocol: ProtocolName, seed: u64) -> TrainingConfig {
        let protocol = match protocol {
            ProtocolName::Fixed => Protocol::Fixed { data_seed: self.data_seed.unwrap_or_default() },
            ProtocolName::Redrawn => Protocol::Redrawn,
        };
        TrainingConfig { protocol, seed, ..self.config.clone() }
    }

    /// What is trained under `protocol`, whatever the cell is called and whatever its seeds are: cells that agree in it train
    /// the same network on the same pairs.
    pub fn training(&self, protocol: ProtocolName) -> String {
        let config = TrainingConfig { name: String::new(), ..self.config(protocol, 0) };
        serde_json::to_string(&config).expect("a configuration has only string keys")
    }

    /// The seeds of the cell's rounds.
    pub fn seeds(&self) -> std::ops::Range<u64> {
        self.seeds_from..self.seeds_from.saturating_add(self.rounds)
    }

    /// Checks that there are as many seeds as rounds, for each protocol.
    ///
    /// # Errors
    /// When the last seed is too large for 64 bits or, where it draws the pairs, for the course's generator.
    pub(crate) fn check_seeds(&self) -> Result<()> {
        let last = self.seeds_from.checked_add(self.rounds.saturating_sub(1));
        let last = last.with_context(|| {
            format!("seeds_from is {}, but the seeds of {} rounds must fit 64 bits", self.seeds_from, self.rounds)
        })?;
        for &protocol in &self.protocols {
            self.config(protocol, last).protocol.data_seed(last)?;
        }
        Ok(())
    }

    /// Identities of all the cell's trials under `protocol`, in the order of their seeds.
    pub fn identities(&self, protocol: ProtocolName) -> Vec<String> {
        self.seeds().map(|seed| identity(&self.config(protocol, seed))).collect()
    }

    /// What the cell's network costs.
    ///
    /// # Errors
    /// As [`Cost::of`].
    pub fn cost(&self) -> Result<Cost> {
        Cost::of(&self.config.network)
    }

    /// Trains for another number of epochs.
    pub fn with_epochs(mut self, epochs: u32) -> Self {
        self.config.recipe.epochs = epochs;
        self
    }
}

impl CellDeclaration {
    /// The network and the recipe: those that the cell is like, with its own settings laid over.
    fn settings(&self, common: &Common) -> Result<(Family, Recipe)> {
        let (network, recipe) = (self.network.as_ref(), self.recipe.as_ref());
        let mut own = Settings::new();
        own.extend(self.like.iter().map(|name| ("like".to_owned(), Value::String(name.clone()))));
        own.extend(network.map(|network| ("network".to_owned(), Value::Object(network.get_ref().clone()))));
        own.extend(recipe.map(|recipe| ("recipe".to_owned(), Value::Object(recipe.get_ref().clone()))));
        let mut whole = common.base(&own)?;
        if let Some(lambda) = self.lambda {
            if !(lambda.is_finite() && lambda >= 0.0) {
                bail!("lambda is {lambda}, but it must be finite and at least 0");
            }
            let loss = common.report.loss(lambda)?;
            if recipe.is_some_and(|recipe| recipe.get_ref().contains_key("loss")) {
                bail!("lambda and recipe.loss both say what is minimised; keep one of them");
            }
            lay_over(&mut whole, Settings::from_iter([("recipe".to_owned(), json!({ "loss": loss }))]));
        }
        lay_over(&mut whole, without_likes(own));
        let start = |table: Option<&Spanned<Settings>>| table.map_or(0, |table| table.span().start);
        Ok((
            part(&mut whole, "network")?.map_err(|refusal| refusal.at(start(network)))?,
            part(&mut whole, "recipe")?.map_err(|refusal| refusal.at(start(recipe)))?,
        ))
    }
}

/// Reads a table of a cell's settings.
fn part<T: DeserializeOwned>(whole: &mut Settings, key: &str) -> Result<Result<T, SettingError>> {
    let table = whole.remove(key);
    Ok(read(table.with_context(|| format!("it has no {key}, and names no experiment (`like`) to take one from"))?))
}

impl Common<'_> {
    /// What a cell with these settings starts from.
    fn base(&self, own: &Settings) -> Result<Settings> {
        let mut base = self.experiments.like(own, self.folder)?;
        if let (None, Some(name)) = (base.get("recipe"), self.report.experiment()) {
            let recipe = Recipe { loss: LossWeights::COMPARISON, ..self.experiments.find(name)?.file.recipe };
            base.insert("recipe".to_owned(), serde_json::to_value(recipe)?);
        }
        Ok(base)
    }
}

impl Report {
    /// The loss with the auxiliary term's weight as the report gives it.
    fn loss(self, lambda: f32) -> Result<LossWeights> {
        match self {
            Self::A => Ok(LossWeights { leq: lambda, digits: 1.0, ..LossWeights::COMPARISON }),
            Self::B => Ok(LossWeights { leq: 1.0, digits: lambda / 2.0, ..LossWeights::COMPARISON }),
            Self::Own => bail!(
                "there is no key `lambda` in studies of neither report, for each means another weight by it; did you mean \
                 `recipe.loss.leq` or `recipe.loss.digits`?"
            ),
        }
    }
}
