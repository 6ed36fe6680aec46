//! The `trainer` program: trains, runs studies, exports.

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod command;
mod say;

use std::process::ExitCode;

use clap::Parser;

/// Training allocates and frees the same tensors in every step; this allocator keeps their memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a failed check.
const DOES_NOT_HOLD: u8 = 1;
/// Exit code of wrong usage, as in clap.
const USAGE: u8 = 2;
/// Exit code of an error.
const CANNOT_WORK: u8 = 3;
/// Exit code after Ctrl-C, as in shells.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    keep_freed_memory();
    one_thread_a_training();
    let command = command::Command::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if reader_is_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say::line(format_args!("trainer: {}", say::with_causes(&error)));
            ExitCode::from(match error {
                error if error.is::<command::Stopped>() => STOPPED,
                error if error.is::<command::Usage>() => USAGE,
                error if error.is::<command::Stale>() || error.is::<command::NotTheSame>() => DOES_NOT_HOLD,
                _ => CANNOT_WORK,
            })
        }
    }
}

/// Makes the allocator keep all memory. Returned memory would be zeroed again by the system, which costs 5 % of a step.
/// `MIMALLOC_PURGE_DELAY` overrides this.
fn keep_freed_memory() {
    /// The allocator's number for the milliseconds after which it returns memory; -1 for never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option exists and any number is a valid value.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) };
}

/// Whether the reader of our output closed the pipe, as `head` does. That is not an error.
fn reader_is_gone(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

/// Runs every training on one thread, so its bits do not depend on how many run in parallel. Candle reads the number of
/// threads from this variable.
fn one_thread_a_training() {
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
}
