#![doc = include_str!("../README.md")]

mod escape;
mod signals;

pub use escape::{harmless, harmless_json, harmless_lines, shown};
pub use signals::{ignore_interrupts, keeping_ignored};
