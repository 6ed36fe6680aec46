//! The named experiments: those of the two reports, and our own.

use mnist::Protocol;
use nets::augmentation::Augmentation;
use nets::drawn::DrawnSettings;
use nets::layer::Activation;
use nets::network::{Arrangement, ConvNet, DigitTower, Mlp, NetworkSpec, ReportB, TowerOutput};
use nets::training::{
    AdamSettings, EarlyStopping, LossWeights, MuonSettings, Plateau, Recipe, Schedule, Scope, Shuffle, TrainingConfig,
};

/// Training pairs, and test pairs, of both reports.
pub const PAIRS: usize = 1000;
/// Training pairs of `leq`: 50,000 of MNIST's 60,000 training images. The others calibrate it.
const LEQ_PAIRS: usize = 25_000;
/// Lambda of report A's headline network.
const HEADLINE_LAMBDA: f32 = 0.8;
const REPORT_A_DATA_SEED: u32 = 0;
const REPORT_B_DATA_SEED: u32 = 42;

/// A named experiment: one line about it, and its configuration for the round with seed 0.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// What it trains, in one line.
    pub about: &'static str,
    /// Its configuration.
    pub config: TrainingConfig,
}

/// All named experiments.
pub fn all() -> Vec<Experiment> {
    vec![
        report_a_convnet("report-a-convnet", "report A's ConvNet, vanilla", false, None),
        report_a_convnet("report-a-convnet-ws", "report A's ConvNet with weight sharing", true, None),
        report_a_convnet(
            "report-a-headline",
            "report A's best: ConvNet, weight sharing, auxiliary loss, lambda 0.8",
            true,
            Some(HEADLINE_LAMBDA),
        ),
        report_a_convnet_without_sharing(),
        report_a_mlp("report-a-mlp", "report A's MLP, vanilla", false, None),
        report_a_mlp("report-a-mlp-ws", "report A's MLP with weight sharing", true, None),
        report_a_mlp(
            "report-a-mlp-ws-aux",
            "report A's MLP, weight sharing, auxiliary loss, lambda 0.9",
            true,
            Some(0.9),
        ),
        report_b("report-b", "report B's network, weight sharing, auxiliary loss, lambda 10", false, 10.0),
        report_b("report-b-dropout", "report B's best: the same with dropout, lambda 1", true, 1.0),
        leq(),
        digit_tower("leq-1000", "the best from 1,000 pairs: digits compared by their posteriors", TowerOutput::Digits),
        digit_tower(
            "target-only",
            "no digit labels: ordered classes that the comparison alone tells apart",
            TowerOutput::OrderedClasses,
        ),
        digit_tower("target-only-score", "no digit labels: the difference of two scores", TowerOutput::Score),
    ]
}

/// The experiment called `name`.
///
/// # Errors
/// Lists the names there are.
pub fn named(name: &str) -> anyhow::Result<TrainingConfig> {
    let mut experiments = all();
    let names: Vec<String> = experiments.iter().map(|experiment| experiment.config.name.clone()).collect();
    match names.iter().position(|candidate| candidate == name) {
        Some(position) => Ok(experiments.swap_remove(position).config),
        None => anyhow::bail!("there is no experiment called {name}; there are: {}", names.join(", ")),
    }
}

fn report_a_convnet(name: &'static str, about: &'static str, weight_sharing: bool, lambda: Option<f32>) -> Experiment {
    let network = ConvNet { weight_sharing, auxiliary: lambda.is_some(), ..ConvNet::default() };
    report_a(name, about, network.spec(), network.activation, lambda)
}

/// What the auxiliary loss does alone: neither report tried it.
fn report_a_convnet_without_sharing() -> Experiment {
    let network = ConvNet { weight_sharing: true, auxiliary: true, ..ConvNet::default() };
    let spec = NetworkSpec { arrangement: Arrangement::Separate, ..network.spec() };
    let about = "report A's ConvNet with auxiliary loss and a tower for each image, lambda 0.8";
    report_a("report-a-convnet-aux", about, spec, network.activation, Some(HEADLINE_LAMBDA))
}

fn report_a_mlp(name: &'static str, about: &'static str, weight_sharing: bool, lambda: Option<f32>) -> Experiment {
    let network = Mlp { weight_sharing, auxiliary: lambda.is_some(), ..Mlp::default() };
    report_a(name, about, network.spec(), network.activation, lambda)
}

fn report_a(
    name: &'static str,
    about: &'static str,
    network: NetworkSpec,
    activation: Activation,
    lambda: Option<f32>,
) -> Experiment {
    let loss = match lambda {
        Some(lambda) => LossWeights { leq: lambda, digits: 1.0, ..LossWeights::COMPARISON },
        None => LossWeights::COMPARISON,
    };
    let learning_rate = if activation == Activation::Sigmoid { 1e-2 } else { 1e-3 };
    let recipe = Recipe {
        epochs: 30,
        batch_size: 100,
        shuffle: Shuffle::Once,
        loss,
        adam: AdamSettings::with_learning_rate(learning_rate),
        muon: None,
        schedule: Schedule::Constant,
        validation_pairs: 0,
        early_stopping: None,
        augmentation: None,
        turn_pairs: false,
        drawn: None,
    };
    of_a_report(name, about, network, recipe, REPORT_A_DATA_SEED)
}

fn report_b(name: &'static str, about: &'static str, dropout: bool, lambda: f32) -> Experiment {
    let network = ReportB { weight_sharing: true, auxiliary: lambda > 0.0, dropout }.spec();
    let recipe = Recipe {
        epochs: 80,
        batch_size: 100,
        shuffle: Shuffle::EachEpoch,
        loss: LossWeights { leq: 1.0, digits: lambda / 2.0, ..LossWeights::COMPARISON },
        adam: AdamSettings::with_learning_rate(if dropout { 1e-2 } else { 1e-3 }),
        muon: None,
        schedule: Schedule::Plateau(Plateau { factor: 0.2, patience: 7 }),
        validation_pairs: 200,
        early_stopping: Some(EarlyStopping { patience: 10 }),
        augmentation: None,
        turn_pairs: false,
        drawn: None,
    };
    of_a_report(name, about, network, recipe, REPORT_B_DATA_SEED)
}

/// As both reports trained: on one pair set, judged on its test pairs.
fn of_a_report(name: &str, about: &'static str, network: NetworkSpec, recipe: Recipe, data_seed: u32) -> Experiment {
    let (name, protocol, scope) = (name.to_owned(), Protocol::Fixed { data_seed }, Scope::TestPairs);
    Experiment { about, config: TrainingConfig { name, network, recipe, protocol, pairs: PAIRS, seed: 0, scope } }
}

/// For anybody's digits, and for what is no digit: the network that the tools and the page use.
fn leq() -> Experiment {
    let about = "most of MNIST, distorted as other hands and papers do, and non-digits: what the tools use";
    let mut experiment = digit_tower("leq", about, TowerOutput::Digits);
    let config = &mut experiment.config;
    config.pairs = LEQ_PAIRS;
    config.recipe.epochs = 30;
    config.recipe.batch_size = 100;
    config.recipe.augmentation = Some(Augmentation::EVERYBODY);
    config.recipe.drawn = Some(DrawnSettings::EVERYBODY);
    config.recipe.loss.no_digit = 0.5;
    config.network =
        DigitTower { channels: [16, 24, 48, 64, 128], dropout: 0.2, no_digit: true, ..DigitTower::default() }.spec();
    experiment
}

fn digit_tower(name: &'static str, about: &'static str, output: TowerOutput) -> Experiment {
    let network = DigitTower { output, ..DigitTower::default() }.spec();
    let with_labels = output == TowerOutput::Digits;
    let loss = if with_labels {
        LossWeights { leq: 0.0, digits: 0.5, every_pair: 0.5, ..LossWeights::COMPARISON }
    } else {
        LossWeights::COMPARISON
    };
    let recipe = Recipe {
        epochs: 100,
        batch_size: 50,
        shuffle: if with_labels { Shuffle::DigitsEachEpoch } else { Shuffle::EachEpoch },
        loss,
        adam: AdamSettings { beta2: 0.99, weight_decay: 1e-4, ..AdamSettings::with_learning_rate(4e-3) },
        muon: Some(MuonSettings::default()),
        schedule: Schedule::Cosine { warm_up: 0.1, start: 0.05, end: 0.0 },
        validation_pairs: 0,
        early_stopping: None,
        augmentation: Some(Augmentation::DIGITS),
        turn_pairs: false,
        drawn: None,
    };
    let (name, protocol, scope) = (name.to_owned(), Protocol::Redrawn, Scope::AllImages);
    Experiment { about, config: TrainingConfig { name, network, recipe, protocol, pairs: PAIRS, seed: 0, scope } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_can_be_built_and_is_found_by_its_name() {
        for experiment in all() {
            experiment.config.check().unwrap();
            assert_eq!(named(&experiment.config.name).unwrap(), experiment.config);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        let error = named("report-c").unwrap_err().to_string();
        assert!(error.contains("report-c") && error.contains("report-a-headline"), "{error}");
    }

    #[test]
    fn a_configuration_survives_json() {
        for experiment in all() {
            let text = serde_json::to_string(&experiment.config).unwrap();
            assert_eq!(serde_json::from_str::<TrainingConfig>(&text).unwrap(), experiment.config);
        }
    }
}
