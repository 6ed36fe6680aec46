//! Fitting a comparator: loss, optimiser, schedules, the loop, checkpoints.

mod adam;
mod checkpoint;
mod early_stopping;
mod evaluation;
mod interrupt;
mod loss;
mod progress;
mod recipe;
mod run;
mod schedule;

pub use adam::{Adam, AdamSettings};
pub use checkpoint::Checkpoint;
pub use early_stopping::{EarlyStopping, EarlyStoppingState};
pub use evaluation::{Evaluation, Share, evaluate, outputs};
pub use interrupt::Interrupt;
pub use loss::{LossWeights, bce_with_logits, total_loss};
pub use progress::Progress;
pub use recipe::{Recipe, RecipeError, Shuffle, TrainingConfig};
pub use run::{EpochReport, NonFinite, Training};
pub use schedule::{Plateau, PlateauState, Schedule};
