//! What is refused before data are read: numbers out of their ranges, and settings that contradict each other or have no effect.

use super::{Recipe, RecipeError, Shuffle, TrainingConfig};
use crate::layer::LayerSpec;
use crate::training::Schedule;

/// Pairs of a training, and of a step, at most: their digits are numbered in 32 bits.
const MOST_PAIRS: usize = 1_000_000_000;
const MOST_PAIRS_IN_WORDS: &str = "at most 1,000,000,000";

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
        let of_drawn = self.recipe.drawn.and_then(|drawn| drawn.without_effect());
        match self.recipe.schedule.without_effect().or(of_augmentation).or(of_drawn) {
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
