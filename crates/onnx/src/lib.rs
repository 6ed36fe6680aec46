#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Graph`]: the structure of a file, read without an engine; [`check()`] refuses what no comparator needs,
//!   [`Signature::check`] what breaks leq's contract.
//! * [`Plan`]: a file made ready for evaluation; [`Tensor`] goes in and out.
//! * [`Tower`]: what the convolutions computed on the way, for who wants to show it.
//! * [`unpacked`]: the same file for readers that know no packed numbers.

mod budget;
mod check;
mod convolutions;
mod fault;
mod graph;
mod maps;
mod operation;
mod operator;
mod plan;
mod protobuf;
mod refusal;
mod settings;
mod signature;
mod sizes;
mod stored;
mod tensor;
mod unpacked;

pub use check::{KNOWN_OPERATORS, check};
pub use convolutions::{Layer, Tower};
pub use fault::{EvaluationError, NodeFault};
pub use graph::{Attribute, Graph, Initializer, Node};
pub use maps::{Explanation, Maps};
pub use plan::Plan;
pub use protobuf::Malformed;
pub use refusal::Refusal;
pub use signature::{Breach, Dimension, Heads, Port, Signature};
pub use sizes::{Cost, MOST_ELEMENTS};
pub use tensor::{Data, Tensor};
pub use unpacked::unpacked;

/// Largest model file that is read, in bytes. The networks of this project have less than one.
pub const MAX_FILE_BYTES: u64 = 64 << 20;
