//! Fitting a comparator: loss, optimiser, schedules, the loop, checkpoints.

mod adam;
mod calibration;
mod checkpoint;
mod early_stopping;
mod evaluation;
mod interrupt;
mod loss;
mod muon;
mod optimiser;
mod progress;
mod recipe;
mod round;
mod run;
mod schedule;
mod training_pairs;

pub use adam::{Adam, AdamSettings};
pub use calibration::{LabelledLogits, Reliability, ReliabilityBin, fitted_temperature, negative_log_likelihood};
pub use checkpoint::Checkpoint;
pub use early_stopping::{EarlyStopping, EarlyStoppingState};
pub use evaluation::{Evaluation, Share, answers, evaluate, outputs};
pub use interrupt::Interrupt;
pub use loss::{LossWeights, bce_with_logits, total_loss};
pub use muon::{Muon, MuonSettings};
pub use optimiser::Optimiser;
pub use progress::Progress;
pub use recipe::{Recipe, RecipeError, Scope, Shuffle, TrainingConfig};
pub use round::{Judgement, Round};
pub use run::{EpochReport, NonFinite, Training};
pub use schedule::{Plateau, PlateauState, Schedule};
