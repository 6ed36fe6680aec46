#![doc = include_str!("../README.md")]

mod escape;
mod memory;
mod panics;
mod signals;

pub use escape::{harmless, harmless_json, harmless_lines, quoted, shown};
pub use memory::EndsWithSentence;
pub use panics::on_panic;
pub use signals::{ignore_interrupts, keeping_ignored};
