//! Recipes of our own studies: that of a named experiment, and what is different.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::experiment;
use nets::augmentation::Augmentation;
use nets::training::{MuonSettings, Recipe, Schedule};

/// A recipe by the experiment that it is like; what is absent is as there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeDeclaration {
    /// Name of an experiment; `trainer experiments` lists them.
    pub like: String,
    /// How the learning rate changes.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Decay of matrices by Adam.
    #[serde(default)]
    pub weight_decay: Option<f64>,
    /// Whether the weights of convolutions are trained by Muon.
    #[serde(default)]
    pub muon: Option<bool>,
    /// How training images are distorted.
    #[serde(default)]
    pub augmentation: Option<AugmentationName>,
    /// Share of each digit label that is spread over all classes.
    #[serde(default)]
    pub label_smoothing: Option<f32>,
}

/// An [`Augmentation`] by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AugmentationName {
    /// No distortion.
    None,
    /// [`Augmentation::DIGITS`] with the same ranges to the end.
    Constant,
    /// [`Augmentation::DIGITS`], whose ranges shrink towards the end.
    Shrinking,
}

impl AugmentationName {
    fn augmentation(self) -> Option<Augmentation> {
        match self {
            Self::None => None,
            Self::Constant => Some(Augmentation { wind_down: 0.0, last_strength: 1.0, ..Augmentation::DIGITS }),
            Self::Shrinking => Some(Augmentation::DIGITS),
        }
    }
}

impl RecipeDeclaration {
    /// The whole recipe.
    ///
    /// # Errors
    /// There is no such experiment.
    pub(super) fn recipe(&self) -> Result<Recipe> {
        let mut recipe = experiment::named(&self.like)?.recipe;
        if let Some(schedule) = self.schedule {
            recipe.schedule = schedule;
        }
        if let Some(decay) = self.weight_decay {
            recipe.adam.weight_decay = decay;
        }
        if let Some(muon) = self.muon {
            recipe.muon = muon.then(MuonSettings::default);
        }
        if let Some(name) = self.augmentation {
            recipe.augmentation = name.augmentation();
        }
        if let Some(smoothing) = self.label_smoothing {
            recipe.loss.label_smoothing = smoothing;
        }
        Ok(recipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> Recipe {
        toml::from_str::<RecipeDeclaration>(text).unwrap().recipe().unwrap()
    }

    #[test]
    fn a_recipe_is_that_of_its_experiment_where_nothing_else_is_said() {
        assert_eq!(declared("like = \"leq-1000\""), experiment::named("leq-1000").unwrap().recipe);
    }

    #[test]
    fn what_is_said_is_changed_and_nothing_else() {
        let best = experiment::named("leq-1000").unwrap().recipe;
        assert_eq!(declared("like = \"leq-1000\"\nmuon = false"), Recipe { muon: None, ..best.clone() });
        assert_eq!(declared("like = \"leq-1000\"\naugmentation = \"none\""), Recipe { augmentation: None, ..best });
    }

    #[test]
    fn an_unknown_experiment_is_answered_with_those_there_are() {
        let declaration: RecipeDeclaration = toml::from_str("like = \"leq-10000\"").unwrap();
        assert!(declaration.recipe().unwrap_err().to_string().contains("leq-1000"));
    }
}
