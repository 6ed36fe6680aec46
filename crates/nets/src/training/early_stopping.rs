//! Stopping when the validation loss no longer falls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use augmentation::switch::Switchable;

/// Stops a training after `patience` epochs in a row without a lower validation loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs, at least 1.
    #[schemars(extend("unit" = "epochs"))]
    pub patience: u32,
}

impl Default for EarlyStopping {
    /// Report B's.
    fn default() -> Self {
        Self { patience: 10 }
    }
}

impl Switchable for EarlyStopping {
    fn on() -> Self {
        Self::default()
    }
}

/// Where early stopping stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct EarlyStoppingState {
    lowest: Option<f64>,
    waited: u32,
}

impl EarlyStoppingState {
    /// Takes note of an epoch's validation loss; true when the training is to stop.
    pub fn observe(&mut self, stopping: &EarlyStopping, loss: f64) -> bool {
        if self.lowest.is_none_or(|lowest| loss < lowest) {
            (self.lowest, self.waited) = (Some(loss), 0);
            return false;
        }
        self.waited += 1;
        self.waited >= stopping.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_stops_after_its_patience_and_not_before() {
        let stopping = EarlyStopping { patience: 3 };
        let mut state = EarlyStoppingState::default();
        let stops = [1.0, 0.9, 0.95, 0.92, 0.8, 0.8, 0.81, 0.82].map(|loss| state.observe(&stopping, loss));
        assert_eq!(stops, [false, false, false, false, false, false, false, true]);
    }
}
