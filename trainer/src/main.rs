//! The `trainer` program: trains, runs studies, exports.

mod command;

use std::process::ExitCode;

use clap::Parser;

/// Training allocates and frees the same tensors at every step; this allocator keeps their memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code when something that was asked about does not hold.
const DOES_NOT_HOLD: u8 = 1;
/// Exit code when what was typed names something that there is not, as clap has it.
const USAGE: u8 = 2;
/// Exit code when the work cannot be done at all.
const CANNOT_WORK: u8 = 3;
/// Exit code when the user stopped the work, as shells have it for Ctrl-C.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    keep_freed_memory();
    one_thread_a_training();
    let command = command::Command::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if reader_is_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trainer: {error:#}");
            ExitCode::from(match error {
                error if error.is::<command::Stopped>() => STOPPED,
                error if error.is::<command::Usage>() => USAGE,
                error if error.is::<command::Stale>() || error.is::<command::NotTheSame>() => DOES_NOT_HOLD,
                _ => CANNOT_WORK,
            })
        }
    }
}

/// Tells the allocator never to return memory to the system, which zeroes it anew for the next step: some 5 % of a step.
/// `MIMALLOC_PURGE_DELAY` overrules it.
fn keep_freed_memory() {
    /// The allocator's number for the milliseconds after which it returns memory; -1 for never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option exists and any number is a valid value.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) };
}

/// Whether whoever read our output has closed the pipe, as `head` does: nothing is wrong then.
fn reader_is_gone(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

/// Every training runs on one thread, so that its bits do not depend on how many run beside it; several run at once
/// instead. Candle reads the number of threads from this variable.
fn one_thread_a_training() {
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
}
