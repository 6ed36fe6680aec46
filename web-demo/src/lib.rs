//! The page's WebAssembly: two drawings in, what a network says about them out.
//!
//! * [`Network`]: a model file of [`digits::contract`], evaluated by [`onnx::Plan`].
//! * [`Answer`]: a verdict with its logits, how far to trust it ([`digits::Trust`]), and the 10 x 10 table behind it.
//! * [`Trace`]: the feature maps of every convolution, and how any value in them came about.
//! * [`TestPairs`]: test digits by other hands, on which networks are tallied.
//! * [`TwoDigits`]: where a picture of two digits is cut.
//! * [`Marks`]: where in the 14x14 image the digit's box and centre of mass are.
//! * [`occlusion`]: which parts of a drawing the answer rests on.
//! * [`boundary`]: what JavaScript calls, and nothing else.
//!
//! Preparation, the model's contract and the sentence are `digits`'; nothing of them is repeated here. Everything but
//! the boundary runs and is tested natively. The page itself is in `www/`.

pub mod boundary;
pub mod occlusion;

mod answer;
mod marks;
mod network;
mod test_pairs;
mod trace;
mod two_digits;

pub use answer::Answer;
pub use marks::Marks;
pub use network::{Network, NetworkError, Pair};
pub use test_pairs::{Hand, Tally, TestPairs};
pub use trace::{Arrangement, NoSuchValue, Trace};
pub use two_digits::TwoDigits;
