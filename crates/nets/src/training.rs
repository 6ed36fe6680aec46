//! Fitting a comparator: loss, optimiser, schedules, the loop, checkpoints.

mod adam;
mod average;
mod checkpoint;
mod early_stopping;
mod evaluation;
mod initial_gradient;
mod instructions;
mod interrupt;
mod loss;
mod muon;
mod optimiser;
mod recipe;
mod round;
mod run;
mod schedule;
mod source_revision;
mod statistics;
mod teacher;
mod temperature;
mod training_pairs;

pub use adam::{Adam, AdamSettings};
pub use average::EmaSettings;
pub use checkpoint::Checkpoint;
pub use early_stopping::{EarlyStopping, EarlyStoppingState};
pub use evaluation::{
    Evaluation, answers, digit_posteriors, evaluate, every_ordered_pair, every_ordered_pair_over_images,
    leq_probabilities, no_digit_probabilities, outputs,
};
pub use instructions::instructions;
pub use interrupt::Interrupt;
pub use loss::{LossWeights, bce_with_logits, total_loss};
pub use muon::{Muon, MuonSettings};
pub use optimiser::Optimiser;
pub use recipe::{Recipe, RecipeError, Scope, Shuffle, TrainingConfig};
pub use round::{COURSE_PAIRS, HeldOut, Round, RoundEvaluation};
pub use run::{EpochReport, NonFinite, Training};
pub use schedule::{Plateau, PlateauState, Schedule};
pub use source_revision::source_revision;
pub use teacher::TeacherSettings;
pub use temperature::{LabelledLogits, fitted_temperature, negative_log_likelihood};
