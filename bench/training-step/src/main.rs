//! What a training step of leq costs. Each command prints one JSON object; `cargo xtask bench train` runs them beside
//! PyTorch.

mod flops;
mod memory;
mod network;
mod peak;
mod step;

use anyhow::Result;
use clap::Parser;

/// Training allocates and frees the same tensors at every step; this allocator keeps their memory, as in `trainer`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures leq's training step; each command prints one JSON object.
#[derive(Debug, Parser)]
#[command(name = "training-step", version, max_term_width = 100)]
enum Command {
    /// Time training steps one by one, the fetch of each batch included
    Step(step::Step),
    /// Measure how many float32 operations a second one core can do
    Peak,
}

fn main() -> Result<()> {
    run_as_trainer_does();
    match Command::parse() {
        Command::Step(command) => command.run(),
        Command::Peak => peak::run(),
    }
}

/// The command line as one would type it.
fn command_line() -> Vec<String> {
    std::iter::once("training-step".to_owned()).chain(std::env::args().skip(1)).collect()
}

/// One thread a training, and an allocator that keeps freed memory: see `trainer`'s `main`.
fn run_as_trainer_does() {
    /// The allocator's number for the milliseconds after which it returns memory; -1 for never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option exists and any number is a valid value; no other thread runs yet.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1);
        std::env::set_var("RAYON_NUM_THREADS", "1");
    }
}
