//! Learning rates over a training.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the learning rate changes.
///
/// ```
/// use nets::training::Schedule;
///
/// let cosine = Schedule::Cosine { warm_up: 0.1, start: 0.05, end: 0.0 };
/// assert_eq!(cosine.factor(0, 1001), 0.05);
/// assert_eq!(cosine.factor(100, 1001), 1.0);
/// assert!(cosine.factor(1000, 1001) < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Always the same.
    #[default]
    Constant,
    /// Lowered when the validation loss stops falling.
    Plateau(Plateau),
    /// Linear from `start` to 1 over the first `warm_up` of all steps, then a half cosine down to `end`.
    Cosine {
        /// Fraction of the steps, at least 0 and below 1.
        #[schemars(extend("unit" = "fraction"))]
        warm_up: f64,
        /// First factor; 1 where `warm_up` is 0.
        #[schemars(extend("unit" = "factor"))]
        start: f64,
        /// Last factor.
        #[schemars(extend("unit" = "factor"))]
        end: f64,
    },
    /// Half a cosine up from `start` to 1 over the first `rise` of all steps, half a cosine down to `end`
    /// (Smith and Topin, 2018, as PyTorch's `OneCycleLR` with cosine annealing).
    OneCycle {
        /// Fraction of the steps, at least 0 and below 1.
        #[schemars(extend("unit" = "fraction"))]
        rise: f64,
        /// First factor; 1 where `rise` is 0.
        #[schemars(extend("unit" = "factor"))]
        start: f64,
        /// Last factor.
        #[schemars(extend("unit" = "factor"))]
        end: f64,
    },
}

impl Schedule {
    /// The first setting that is out of its range: its name, its value, and what is allowed.
    pub(super) fn out_of_range(&self) -> Option<(&'static str, f64, &'static str)> {
        let fraction =
            |field, value: f64| (!(0.0..1.0).contains(&value)).then_some((field, value, "at least 0 and below 1"));
        let factor = |field, value: f64| {
            (!(value.is_finite() && value >= 0.0)).then_some((field, value, "finite and at least 0"))
        };
        match *self {
            Self::Constant => None,
            Self::Plateau(plateau) => fraction("schedule.plateau.factor", plateau.factor),
            Self::Cosine { warm_up, start, end } => fraction("schedule.cosine.warm_up", warm_up)
                .or_else(|| factor("schedule.cosine.start", start))
                .or_else(|| factor("schedule.cosine.end", end)),
            Self::OneCycle { rise, start, end } => fraction("schedule.one_cycle.rise", rise)
                .or_else(|| factor("schedule.one_cycle.start", start))
                .or_else(|| factor("schedule.one_cycle.end", end)),
        }
    }

    /// What the learning rate is multiplied by at `step`, counted from 0, of `total` steps. A plateau's factor is its
    /// state's and does not enter here.
    pub fn factor(&self, step: u64, total: u64) -> f64 {
        let position = step as f64 / total.saturating_sub(1).max(1) as f64;
        match *self {
            Self::Constant | Self::Plateau(_) => 1.0,
            Self::Cosine { warm_up, start, .. } if position < warm_up => start + (1.0 - start) * position / warm_up,
            Self::Cosine { warm_up, end, .. } => half_cosine(1.0, end, (position - warm_up) / (1.0 - warm_up)),
            Self::OneCycle { rise, start, .. } if position < rise => half_cosine(start, 1.0, position / rise),
            Self::OneCycle { rise, end, .. } => half_cosine(1.0, end, (position - rise) / (1.0 - rise)),
        }
    }

    /// The setting that has no effect, and why: a first factor that no step reaches.
    pub(super) fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        match *self {
            Self::Cosine { warm_up: 0.0, start, .. } if start != 1.0 => {
                Some(("schedule.cosine.start", "warm_up is 0, so the first factor is 1"))
            }
            Self::OneCycle { rise: 0.0, start, .. } if start != 1.0 => {
                Some(("schedule.one_cycle.start", "rise is 0, so the first factor is 1"))
            }
            _ => None,
        }
    }
}

/// From `from` to `to` as `position` goes from 0 to 1.
fn half_cosine(from: f64, to: f64, position: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (std::f64::consts::PI * position.min(1.0)).cos())
}

/// A loss counts as lower when it is below this fraction of the lowest so far: PyTorch's relative threshold.
const LOWER: f64 = 1.0 - 1e-4;

/// Lowers the learning rate when the validation loss stops falling, as PyTorch's `ReduceLROnPlateau`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plateau {
    /// What the learning rate is multiplied by, at least 0 and below 1.
    #[schemars(extend("unit" = "factor"))]
    pub factor: f64,
    /// Epochs without a lower loss that are waited for; the next one lowers the rate.
    #[schemars(extend("unit" = "epochs"))]
    pub patience: u32,
}

/// Where a plateau schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlateauState {
    /// Product of the factors so far.
    pub factor: f64,
    lowest: Option<f64>,
    waited: u32,
}

impl Default for PlateauState {
    fn default() -> Self {
        Self { factor: 1.0, lowest: None, waited: 0 }
    }
}

impl PlateauState {
    /// Takes note of an epoch's validation loss.
    pub fn observe(&mut self, plateau: &Plateau, loss: f64) {
        if self.lowest.is_none_or(|lowest| loss < lowest * LOWER) {
            (self.lowest, self.waited) = (Some(loss), 0);
            return;
        }
        self.waited += 1;
        if self.waited > plateau.patience {
            self.factor *= plateau.factor;
            self.waited = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_warms_up_and_ends_where_it_should() {
        let schedule = Schedule::Cosine { warm_up: 0.1, start: 0.05, end: 0.0 };
        let factor = |step| schedule.factor(step, 101);
        assert_eq!(factor(0), 0.05);
        assert!((factor(5) - 0.525).abs() < 1e-12);
        assert_eq!(factor(10), 1.0);
        assert!((factor(55) - 0.5).abs() < 1e-12);
        assert!(factor(100).abs() < 1e-12);
    }

    #[test]
    fn one_cycle_rises_then_falls() {
        let schedule = Schedule::OneCycle { rise: 0.3, start: 0.04, end: 0.0001 };
        let factors: Vec<f64> = (0..=100).map(|step| schedule.factor(step, 101)).collect();
        assert!((factors[0] - 0.04).abs() < 1e-12 && (factors[100] - 0.0001).abs() < 1e-12);
        assert_eq!(factors[30], 1.0);
        assert!(factors[..=30].is_sorted() && factors[30..].is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn a_training_of_one_step_has_a_rate() {
        assert_eq!(Schedule::Constant.factor(0, 1), 1.0);
        assert!(Schedule::OneCycle { rise: 0.3, start: 0.04, end: 0.0 }.factor(0, 1).is_finite());
    }

    #[test]
    fn a_plateau_lowers_the_rate_after_its_patience() {
        let plateau = Plateau { factor: 0.2, patience: 7 };
        let mut state = PlateauState::default();
        state.observe(&plateau, 1.0);
        (0..7).for_each(|_| state.observe(&plateau, 1.0));
        assert_eq!(state.factor, 1.0);
        state.observe(&plateau, 0.99995);
        assert_eq!(state.factor, 0.2);
        state.observe(&plateau, 0.5);
        (0..8).for_each(|_| state.observe(&plateau, 0.6));
        assert!((state.factor - 0.04).abs() < 1e-12);
    }
}
