//! `trainer bench`: what a training step costs. Each command prints one JSON object; `cargo xtask bench train` runs them
//! beside PyTorch.

mod layers;
mod memory;
mod network;
mod peak;
mod profile;
mod step;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Time training steps one by one, the fetch of each batch included
    Step(step::Step),
    /// Time the parts of a training step
    Profile(profile::Profile),
    /// Measure how many float32 operations a second one core can do
    Peak,
}

impl Bench {
    /// Measures and prints.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Step(command) => command.run(),
            Self::Profile(command) => command.run(),
            Self::Peak => peak::run(),
        }
    }
}

/// The command line as one would type it.
fn command_line() -> Vec<String> {
    std::iter::once("trainer".to_owned()).chain(std::env::args().skip(1)).collect()
}
