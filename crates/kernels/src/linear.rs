//! Linear layers with their activation.

mod backward;
mod forward;
mod shape;

pub use backward::{LinearGradients, LinearSaved, linear_backward};
pub use forward::linear_forward;
pub use shape::LinearShape;
