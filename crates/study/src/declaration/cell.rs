//! One network with one recipe: what is trained in every round.

use anyhow::{Context, Result, bail};

use super::identity::identity;
use super::network::NetworkDeclaration;
use super::study_file::{CellDeclaration, ProtocolName, Published, Reading, Report};
use mnist::Protocol;
use nets::training::{AdamSettings, EarlyStopping, LossWeights, Plateau, Recipe, Schedule, Shuffle, TrainingConfig};

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
    /// The network as declared.
    pub network: NetworkDeclaration,
    /// Weight of the auxiliary loss's other term; see [`CellDeclaration::lambda`].
    pub lambda: Option<f32>,
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
    data_seed: u32,
}

/// What of a study its cells share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) study: &'a str,
    pub(super) report: Report,
    pub(super) rounds: u64,
    pub(super) protocols: &'a [ProtocolName],
    pub(super) data_seed: u32,
    pub(super) pairs: usize,
}

impl Cell {
    /// Resolves a declared cell.
    ///
    /// # Errors
    /// A recipe that is missing, that there is not, or that a report's study may not have.
    pub(super) fn resolve(declared: CellDeclaration, common: &Common) -> Result<Self> {
        let recipe = declared.recipe(common.report).with_context(|| format!("cell `{}`", declared.name))?;
        let config = TrainingConfig {
            name: format!("{}/{}", common.study, declared.name),
            network: declared.network.spec(recipe.loss.uses_digits()),
            recipe,
            protocol: Protocol::Fixed { data_seed: common.data_seed },
            pairs: common.pairs,
            seed: declared.seeds_from,
            scope: common.report.scope(),
        };
        Ok(Self {
            name: declared.name,
            series: declared.series,
            label: declared.label,
            x: declared.x,
            network: declared.network,
            lambda: declared.lambda,
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
            ProtocolName::Fixed => Protocol::Fixed { data_seed: self.data_seed },
            ProtocolName::Redrawn => Protocol::Redrawn,
        };
        TrainingConfig { protocol, seed, ..self.config.clone() }
    }

    /// The seeds of the cell's rounds.
    pub fn seeds(&self) -> std::ops::Range<u64> {
        self.seeds_from..self.seeds_from + self.rounds
    }

    /// Identities of all the cell's trials under `protocol`, in the order of their seeds.
    pub fn identities(&self, protocol: ProtocolName) -> Vec<String> {
        self.seeds().map(|seed| identity(&self.config(protocol, seed))).collect()
    }

    /// Trains for another number of epochs.
    pub fn with_epochs(mut self, epochs: u32) -> Self {
        self.config.recipe.epochs = epochs;
        self
    }
}

impl CellDeclaration {
    fn recipe(&self, report: Report) -> Result<Recipe> {
        let learning_rate = self.learning_rate.unwrap_or_else(|| self.network.learning_rate());
        let base = match (report, &self.recipe) {
            (Report::Own, Some(declared)) => self.with_own_rate(declared.recipe()?),
            (Report::Own, None) => bail!("it has no recipe, which a study of neither report needs"),
            (_, Some(_)) => bail!("it has a recipe of its own, but the report has one for all"),
            (Report::A, None) => Recipe {
                epochs: 30,
                batch_size: 100,
                shuffle: Shuffle::Once,
                loss: self.loss(report),
                adam: AdamSettings::with_learning_rate(learning_rate),
                muon: None,
                schedule: Schedule::Constant,
                validation_pairs: 0,
                early_stopping: None,
                augmentation: None,
                turn_pairs: false,
                drawn: None,
            },
            (Report::B, None) => Recipe {
                epochs: 80,
                batch_size: 100,
                shuffle: Shuffle::EachEpoch,
                loss: self.loss(report),
                adam: AdamSettings::with_learning_rate(learning_rate),
                muon: None,
                schedule: Schedule::Plateau(Plateau { factor: 0.2, patience: 7 }),
                validation_pairs: 200,
                early_stopping: (self.early_stopping != Some(false)).then_some(EarlyStopping { patience: 10 }),
                augmentation: None,
                turn_pairs: false,
                drawn: None,
            },
        };
        Ok(Recipe {
            epochs: self.epochs.unwrap_or(base.epochs),
            validation_pairs: self.validation_pairs.unwrap_or(base.validation_pairs),
            ..base
        })
    }

    fn with_own_rate(&self, mut recipe: Recipe) -> Recipe {
        if let Some(rate) = self.learning_rate {
            recipe.adam.learning_rate = rate;
        }
        recipe
    }

    fn loss(&self, report: Report) -> LossWeights {
        match (report, self.lambda) {
            _ if self.digits_only => LossWeights { leq: 0.0, digits: 0.5, ..LossWeights::COMPARISON },
            (_, None) => LossWeights::COMPARISON,
            (Report::A, Some(lambda)) => LossWeights { leq: lambda, digits: 1.0, ..LossWeights::COMPARISON },
            (_, Some(lambda)) => LossWeights { leq: 1.0, digits: lambda / 2.0, ..LossWeights::COMPARISON },
        }
    }
}
