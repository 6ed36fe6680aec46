//! Comparators: how one is described, those of the two reports, and the built network.

mod comparator;
mod report_a;
mod report_b;
mod spec;

pub use comparator::{Batch, Comparator, Normalisation, Outputs};
pub use report_a::{ConvNet, Mlp};
pub use report_b::ReportB;
pub use spec::{Arrangement, InputScaling, LeqHead, NetworkSpec};
