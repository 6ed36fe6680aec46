//! Shipped models: their measurements and model cards.

mod answered;
mod card;
mod drawings;
pub mod non_digits;
mod readings;
mod record;

use std::collections::BTreeMap;

pub use card::{Card, is_card};
pub use drawings::Drawing;
pub use readings::drawn_accuracy;
pub use record::{ModelFigure, judged, judged_on_test_pairs, sizes};

/// The measurements of each model, by its name.
pub type Models = BTreeMap<String, Vec<ModelFigure>>;
