//! The experiments: trainings of one network each, declared in `experiments/trainings/*.toml`.
//!
//! A file says a network (by family or layer by layer), a recipe, the data and the seed, or what is different from the
//! experiment that it is `like`. [`Experiments`] finds them, [`Experiment::with`] changes one setting, [`keys`] lists all
//! settings there are.

mod folder;
pub mod keys;
mod printed;
mod settings;

use mnist::Protocol;
use nets::network::Family;
use nets::training::{COURSE_PAIRS, Recipe, Scope, TrainingConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use folder::without_likes;
pub use folder::{Experiments, all, default_folder, named};
pub use settings::SettingError;
pub(crate) use settings::{Settings, explain, lay_over, read};

/// One training: what its file says, with everything resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// The file's name without its ending.
    pub name: String,
    /// What the file says, whatever it is like written out.
    pub file: ExperimentFile,
}

/// An experiment's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExperimentFile {
    /// What it trains, in one line.
    pub about: String,
    /// The experiment that all keys are taken from that the file leaves out: its name, or its file, seen from this one.
    #[serde(default, skip_serializing)]
    pub like: Option<String>,
    /// Master seed: weights, order, dropout, validation pairs, distortions, and the pairs where the protocol redraws them.
    #[serde(default)]
    pub seed: u64,
    /// The network.
    pub network: Family,
    /// How it is trained.
    pub recipe: Recipe,
    /// What it is trained and judged on.
    pub data: DataDeclaration,
}

/// What a network is trained and judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataDeclaration {
    /// Where the pairs come from.
    pub protocol: Protocol,
    /// Training pairs, and test pairs.
    #[serde(default = "pairs_of_the_course")]
    #[schemars(extend("unit" = "pairs"))]
    pub pairs: usize,
    /// What the network is judged on when it is trained.
    #[serde(default)]
    pub scope: Scope,
}

fn pairs_of_the_course() -> usize {
    COURSE_PAIRS
}

impl Experiment {
    /// What is trained.
    pub fn config(&self) -> TrainingConfig {
        let ExperimentFile { seed, network, recipe, data, .. } = &self.file;
        TrainingConfig {
            name: self.name.clone(),
            network: network.spec(recipe.loss.uses_digits()),
            recipe: recipe.clone(),
            protocol: data.protocol,
            pairs: data.pairs,
            seed: *seed,
            scope: data.scope,
        }
    }

    /// The experiment that trains just this, its network layer by layer.
    pub fn of(config: &TrainingConfig) -> Self {
        let file = ExperimentFile {
            about: format!("{}, as it was trained", config.name),
            like: None,
            seed: config.seed,
            network: Family::Layers(config.network.clone()),
            recipe: config.recipe.clone(),
            data: DataDeclaration { protocol: config.protocol, pairs: config.pairs, scope: config.scope },
        };
        Self { name: config.name.clone(), file }
    }

    /// The same with one setting changed: `recipe.epochs` to `60`. A value is written as in a file; a word needs no quotes.
    ///
    /// # Errors
    /// A key that there is not, with the one that was most likely meant, and a value of another kind.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, SettingError> {
        if key == "like" || key == "recipe.like" {
            let told =
                format!("`{key}` is no setting to change: name the other experiment, or write a file that is like it");
            return Err(SettingError::new(told));
        }
        let mut settings = serde_json::to_value(&self.file).map_err(|error| SettingError::new(error.to_string()))?;
        settings::set(&mut settings, key, settings::parse(value))?;
        Ok(Self { name: self.name.clone(), file: read(settings)? })
    }
}

/// Whether the experiment that `config` is called after trains just that, given the same protocol, epochs and seed.
pub fn declares(config: &TrainingConfig) -> bool {
    named(&config.name).is_ok_and(|mut declared| {
        declared.seed = config.seed;
        declared.recipe.epochs = config.recipe.epochs;
        if declared.protocol.name() != config.protocol.name() {
            declared.protocol = config.protocol;
        }
        declared == *config
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_can_be_built_and_is_found_by_its_name() {
        for experiment in all().unwrap() {
            experiment.config().check().unwrap();
            assert_eq!(named(&experiment.name).unwrap(), experiment.config());
        }
    }

    #[test]
    fn a_configuration_survives_json() {
        for experiment in all().unwrap() {
            let text = serde_json::to_string(&experiment.config()).unwrap();
            assert_eq!(serde_json::from_str::<TrainingConfig>(&text).unwrap(), experiment.config());
        }
    }

    fn headline() -> Experiment {
        Experiments::nearest().find("report-a-headline").unwrap()
    }

    #[test]
    fn one_setting_is_changed_and_nothing_else() {
        let config = headline().with("recipe.epochs", "60").unwrap().config();
        let mut expected = headline().config();
        expected.recipe.epochs = 60;
        assert_eq!(config, expected);
        let shuffled = headline().with("recipe.shuffle", "each_epoch").unwrap();
        assert_eq!(shuffled.file.recipe.shuffle, nets::training::Shuffle::EachEpoch);
        let muon = headline().with("recipe.muon.momentum", "0.5").unwrap().file.recipe.muon.unwrap();
        assert_eq!(muon, nets::training::MuonSettings { momentum: 0.5, ..Default::default() });
    }

    #[test]
    fn a_training_that_no_experiment_declares_is_written_as_one() {
        let changed = headline().with("recipe.batch_size", "50").unwrap().config();
        assert!(declares(&headline().config()) && !declares(&changed));
        assert_eq!(Experiment::of(&changed).config(), changed);
    }

    #[test]
    fn a_layer_is_changed_by_its_index() {
        let aux = Experiments::nearest().find("report-a-convnet-aux").unwrap();
        let wide = aux.with("network.tower.0.conv.channels", "48").unwrap().config();
        assert_eq!(serde_json::to_value(&wide.network.tower[0]).unwrap()["conv"]["channels"], 48);
        let refusal = aux.with("network.tower.7.conv.channels", "48").unwrap_err().to_string();
        assert_eq!(refusal, "network.tower has no entry 7; there are 4, counted from 0");
    }

    #[test]
    fn a_network_of_another_family_starts_from_that_familys_settings() {
        let mlp = headline().with("network.family", "report-a-mlp").unwrap();
        assert_eq!(mlp.file.network, Family::ReportAMlp(nets::network::Mlp::default()));
    }

    #[test]
    fn a_setting_that_there_is_not_is_refused_with_the_one_that_was_meant() {
        let refused = |key: &str, value: &str| headline().with(key, value).unwrap_err().to_string();
        assert_eq!(refused("recipe.epoch", "60"), "recipe: there is no key `epoch`, did you mean `epochs`?");
        assert_eq!(refused("epochs", "60"), "there is no key `epochs`, did you mean `recipe.epochs`?");
        let rates = "did you mean `recipe.adam.learning_rate` or `recipe.muon.learning_rate`?";
        assert_eq!(refused("learning_rate", "1"), format!("there is no key `learning_rate`, {rates}"));
        assert!(refused("network.wieght_sharing", "true").contains("did you mean `weight_sharing`?"));
        assert!(refused("recipe.epochs", "many").starts_with("recipe.epochs: invalid type: string \"many\""));
        assert!(refused("recipe.shuffle", "each_epock").contains("did you mean `each_epoch`?"));
    }
}
