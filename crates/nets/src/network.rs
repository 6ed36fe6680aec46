//! Comparators: their description, the networks of both reports and our own, and the built network.

mod comparator;
pub(crate) mod digit_posteriors;
mod digit_tower;
mod family;
mod model_file;
mod report_a;
mod report_b;
mod spec;

pub use comparator::{Batch, Comparator, Normalisation, Outputs};
pub use digit_tower::{DigitTower, TowerOutput};
pub use family::Family;
pub use report_a::{ConvNet, Mlp};
pub use report_b::ReportB;
pub use spec::{Arrangement, InputScaling, LeqHead, MultiplyAdds, NetworkSpec};
