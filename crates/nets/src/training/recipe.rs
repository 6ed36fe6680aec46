//! How a network is trained, and on what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdamSettings, EarlyStopping, EmaSettings, LossWeights, MuonSettings, Schedule, TeacherSettings};
use crate::layer::LayerSpec;
use crate::network::NetworkSpec;
use augmentation::Augmentation;
use augmentation::DrawnSettings;
use augmentation::switch::on_or_off;
use mnist::Protocol;

/// When the order of the training pairs is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shuffle {
    /// Once, before the first epoch: report A.
    Once,
    /// Before every epoch.
    EachEpoch,
    /// Before every epoch, digit by digit: the digits are paired anew, so their labels must be learned.
    DigitsEachEpoch,
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the training pairs, at most.
    #[schemars(extend("unit" = "epochs"))]
    pub epochs: u32,
    /// Pairs in a step.
    #[schemars(extend("unit" = "pairs"))]
    pub batch_size: usize,
    /// When the order of the pairs is drawn.
    pub shuffle: Shuffle,
    /// What is minimised.
    #[serde(default)]
    pub loss: LossWeights,
    /// The optimiser.
    #[serde(default)]
    pub adam: AdamSettings,
    /// The optimiser of convolutions' weights, where it is another: a table, or `true` for the usual settings. Weights of depthwise
    /// convolutions stay with the other optimiser.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub muon: Option<MuonSettings>,
    /// How the learning rate changes.
    #[serde(default)]
    pub schedule: Schedule,
    /// Pairs set aside, drawn anew each round, to compute a validation loss on.
    #[serde(default)]
    #[schemars(extend("unit" = "pairs"))]
    pub validation_pairs: usize,
    /// Stops when the validation loss no longer falls; the last weights are kept. A table, or `true` for the usual
    /// settings, or `false`.
    #[serde(default, deserialize_with = "on_or_off")]
    pub early_stopping: Option<EarlyStopping>,
    /// How training images are distorted, anew at every step: a table, or `"digits"`, `"drawings"`,
    /// `"everybody"`, `"none"`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub augmentation: Option<Augmentation>,
    /// Swaps the two digits of a pair at random, with probability 1/2, where the first is larger. Other pairs stay: the reverse
    /// of "less than or equal" is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub swap_pairs: bool,
    /// Images drawn by programs that join the training, for a network that tells "no digit": a table, or `true` for the
    /// usual settings.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub drawn: Option<DrawnSettings>,
    /// Averages the weights over the last steps, on the CPU only; the trained network has the averaged weights, and running
    /// statistics computed anew for them: a table, or `true` for the usual settings.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "on_or_off")]
    pub ema: Option<EmaSettings>,
    /// Trained networks whose digit posteriors are learned too, for the images of each step as it sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<TeacherSettings>,
}

/// Pairs of a training, and of a step, at most: their digits are numbered in 32 bits.
const MOST_PAIRS: usize = 1_000_000_000;
const MOST_PAIRS_IN_WORDS: &str = "at most 1,000,000,000";

/// Everything that one training depends on besides the machine and the data files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Name of the experiment.
    pub name: String,
    /// The network.
    pub network: NetworkSpec,
    /// How it is trained.
    pub recipe: Recipe,
    /// Where the pairs come from.
    pub protocol: Protocol,
    /// Training pairs, and test pairs.
    pub pairs: usize,
    /// Master seed of the round: weights, order, dropout, split, augmentation, and the pairs where the protocol redraws
    /// them.
    pub seed: u64,
    /// What the network is judged on when it is trained.
    #[serde(default, skip_serializing_if = "Scope::is_default")]
    pub scope: Scope,
}

/// What a network is judged on when it is trained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The round's test pairs, as in both reports.
    #[default]
    TestPairs,
    /// Also disjoint pairs of all test images, and pairs of training images outside the round's own.
    AllImages,
    /// Pairs of training images outside the round's own alone, the test split unseen: to choose by. Such a training's network
    /// is not exported.
    HeldOut,
}

impl Scope {
    fn is_default(&self) -> bool {
        *self == Self::TestPairs
    }
}

/// A recipe that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// A setting that must be larger.
    #[error("{0} is 0, but it must be at least 1")]
    Zero(&'static str),
    /// Nothing left to train on.
    #[error("{validation} of {pairs} pairs are set aside for validation: none is left to train on")]
    NothingToTrainOn {
        /// Validation pairs.
        validation: usize,
        /// All pairs.
        pairs: usize,
    },
    /// A schedule or early stopping that has nothing to watch.
    #[error("{0} watches the validation loss, but validation_pairs is 0")]
    NoValidation(&'static str),
    /// A number outside its range.
    #[error("{field} is {found}, but it must be {wanted}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        wanted: &'static str,
    },
    /// A setting that nothing would come of.
    #[error("{field} has no effect: {reason}")]
    NoEffect {
        /// The setting.
        field: &'static str,
        /// Why nothing comes of it.
        reason: &'static str,
    },
    /// A loss without any term.
    #[error("loss.leq, loss.digits and loss.every_pair are all 0: nothing would be learned; set one above 0")]
    NoLoss,
    /// Pairs made of labels that are not to be learned.
    #[error(
        "the order digits_each_epoch pairs digits anew, which takes their labels, but the network's auxiliary is false"
    )]
    PairingWithoutLabels,
    /// A teacher that is nobody.
    #[error("teacher.files is empty: name checkpoints or model files")]
    NoTeacher,
    /// "No digit" is to be learned without all that it takes.
    #[error(
        "\"no digit\" takes the network's no_digit, the recipe's drawn and a weight of loss.no_digit above 0: set all or none"
    )]
    NoDigit,
    /// Digit labels are weighted but nothing learns from them, or the reverse.
    #[error("the loss weighs digits by {weight}, but the network's auxiliary is {auxiliary}: set both or neither")]
    Auxiliary {
        /// Weight of the digit terms.
        weight: String,
        /// Whether the description says that digit heads are trained.
        auxiliary: bool,
    },
}

impl TrainingConfig {
    /// Checks everything that can be checked before data are read.
    ///
    /// # Errors
    /// The first setting that does not fit.
    pub fn check(&self) -> anyhow::Result<()> {
        self.network.check()?;
        self.check_recipe()?;
        Ok(())
    }

    /// Checks the numbers of pairs, of epochs and of pairs in a step.
    fn check_sizes(&self) -> Result<(), RecipeError> {
        let recipe = &self.recipe;
        for (field, value) in
            [("epochs", recipe.epochs as usize), ("batch_size", recipe.batch_size), ("pairs", self.pairs)]
        {
            if value == 0 {
                return Err(RecipeError::Zero(field));
            }
            if field != "epochs" && value > MOST_PAIRS {
                return Err(RecipeError::OutOfRange { field, found: value.to_string(), wanted: MOST_PAIRS_IN_WORDS });
            }
        }
        if recipe.validation_pairs >= self.pairs {
            return Err(RecipeError::NothingToTrainOn { validation: recipe.validation_pairs, pairs: self.pairs });
        }
        Ok(())
    }

    fn check_recipe(&self) -> Result<(), RecipeError> {
        self.check_sizes()?;
        let recipe = &self.recipe;
        if recipe.validation_pairs == 0 && recipe.early_stopping.is_some() {
            return Err(RecipeError::NoValidation("early stopping"));
        }
        if recipe.validation_pairs == 0 && matches!(recipe.schedule, Schedule::Plateau(_)) {
            return Err(RecipeError::NoValidation("the plateau schedule"));
        }
        if recipe.early_stopping.is_some_and(|stopping| stopping.patience == 0) {
            return Err(RecipeError::Zero("early_stopping.patience"));
        }
        if recipe.shuffle == Shuffle::DigitsEachEpoch && !self.network.auxiliary {
            return Err(RecipeError::PairingWithoutLabels);
        }
        if recipe.loss.uses_digits() != self.network.auxiliary {
            let weight = (recipe.loss.digits + recipe.loss.every_pair).to_string();
            return Err(RecipeError::Auxiliary { weight, auxiliary: self.network.auxiliary });
        }
        if recipe.loss.leq == 0.0 && !recipe.loss.uses_digits() {
            return Err(RecipeError::NoLoss);
        }
        let no_digit = [self.network.no_digit, recipe.drawn.is_some(), recipe.loss.no_digit > 0.0];
        if no_digit != [no_digit[0]; 3] {
            return Err(RecipeError::NoDigit);
        }
        self.check_effects()?;
        self.check_numbers()
    }

    /// Refuses settings that nothing would come of.
    fn check_effects(&self) -> Result<(), RecipeError> {
        if self.recipe.muon.is_some() && !self.network.tower.iter().any(LayerSpec::has_convolution) {
            let reason = "it trains the weights of convolutions, and the network has none";
            return Err(RecipeError::NoEffect { field: "muon", reason });
        }
        if self.recipe.loss.label_smoothing != 0.0 && self.recipe.loss.digits == 0.0 {
            let reason = "it is of the loss that loss.digits weighs, which is 0";
            return Err(RecipeError::NoEffect { field: "loss.label_smoothing", reason });
        }
        if let Some(teacher) = &self.recipe.teacher {
            if teacher.files.is_empty() {
                return Err(RecipeError::NoTeacher);
            }
            if !self.network.can_be_calibrated() {
                let reason = "it teaches networks that compare trained digit posteriors";
                return Err(RecipeError::NoEffect { field: "teacher", reason });
            }
        }
        let of_augmentation = self.recipe.augmentation.and_then(|augmentation| augmentation.without_effect());
        match self.recipe.schedule.without_effect().or(of_augmentation) {
            Some((field, reason)) => Err(RecipeError::NoEffect { field, reason }),
            None => Ok(()),
        }
    }

    fn check_numbers(&self) -> Result<(), RecipeError> {
        let Recipe { adam, muon, loss, schedule, augmentation, drawn, ema, teacher, .. } = &self.recipe;
        let fraction = |value: f64| (0.0..1.0).contains(&value);
        let fractions = "at least 0 and below 1";
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let amount = |value: f64| value.is_finite() && value >= 0.0;
        let mut numbers = vec![
            ("learning_rate", adam.learning_rate, positive(adam.learning_rate), "above 0"),
            ("beta1", adam.beta1, fraction(adam.beta1), fractions),
            ("beta2", adam.beta2, fraction(adam.beta2), fractions),
            ("epsilon", adam.epsilon, positive(adam.epsilon), "above 0"),
            ("weight_decay", adam.weight_decay, amount(adam.weight_decay), "at least 0"),
        ];
        if let Some(muon) = muon {
            numbers.extend([
                ("muon.learning_rate", muon.learning_rate, positive(muon.learning_rate), "above 0"),
                ("muon.momentum", muon.momentum, fraction(muon.momentum), fractions),
                ("muon.weight_decay", muon.weight_decay, amount(muon.weight_decay), "at least 0"),
            ]);
        }
        if let Some(ema) = ema {
            numbers.push(("ema.half_life", ema.half_life, positive(ema.half_life), "above 0"));
        }
        if let Some(teacher) = teacher {
            let (weight, temperature) = (f64::from(teacher.weight), f64::from(teacher.temperature));
            numbers.push(("teacher.weight", weight, positive(weight), "above 0"));
            numbers.push(("teacher.temperature", temperature, positive(temperature), "above 0"));
        }
        let wrong = numbers.into_iter().find(|(_, _, fits, _)| !fits);
        let in_f64 = |(field, value, wanted): (&'static str, f32, &'static str)| (field, f64::from(value), wanted);
        let out_of_range = wrong
            .map(|(field, value, _, wanted)| (field, value, wanted))
            .or_else(|| loss.out_of_range().map(in_f64))
            .or_else(|| schedule.out_of_range())
            .or_else(|| augmentation.and_then(|augmentation| augmentation.out_of_range()).map(in_f64))
            .or_else(|| drawn.and_then(|drawn| drawn.out_of_range()).map(in_f64));
        match out_of_range {
            Some((field, value, wanted)) => Err(RecipeError::OutOfRange { field, found: value.to_string(), wanted }),
            None => Ok(()),
        }
    }
}
