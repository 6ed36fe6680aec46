//! The page's WebAssembly: two drawings in, what a network says about them out.
//!
//! * [`Network`]: a model file of [`digits::contract`], evaluated by candle-onnx.
//! * [`Answer`]: a verdict with its logits, how it is to be read ([`Reading`]), and the 10 x 10 table behind it.
//! * [`Marks`]: where in the 14x14 image the digit's box and centre of mass are.
//! * [`occlusion`]: which parts of a drawing the answer rests on.
//! * [`boundary`]: what JavaScript calls, and nothing else.
//!
//! Preparation, the model's contract and the sentence are `digits`'; nothing of them is repeated here. Everything but
//! the boundary runs and is tested natively. The page itself is in `www/`.

pub mod boundary;
pub mod occlusion;

mod answer;
mod constants;
mod convolutions;
mod marks;
mod network;
mod plan;

pub use answer::{Answer, Reading};
pub use marks::Marks;
pub use network::{Network, NetworkError, Pair};
