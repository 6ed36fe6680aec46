//! Summaries and comparisons of repeated measurements.

mod difference;
mod holm;
mod quartiles;
mod summary;
mod wilson;

pub use difference::{Difference, Pairing, paired, welch};
pub use holm::holm;
pub use quartiles::Quartiles;
pub use summary::Summary;
pub use wilson::wilson;
