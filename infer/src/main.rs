//! The program `infer`: reads images of handwritten digits and says whether the first of two is less than or equal to the
//! second. The library of the same name does the work; the program adds arguments, exit codes, progress bars and messages.
//!
//! * [`cli`]: the commands and their help.
//! * [`command`]: the commands, one file each.
//! * [`exit`]: exit codes, decided in one place.
//! * [`memory`]: lack of memory as a sentence.
//! * [`terminal`]: messages and sketches.

#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::Parser;

mod cli;
mod command;
mod exit;
mod memory;
mod terminal;

use cli::Cli;
use exit::Exit;

/// The last panic's message and place, for the report that users are asked to make.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    // A panic is a bug of ours, or of a decoder or an engine, where it is caught. Users see one line instead of a backtrace.
    std::panic::set_hook(Box::new(|panic| {
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string().replace('\n', " ");
    }));
    match std::panic::catch_unwind(|| Cli::parse().command.run()) {
        Ok(exit) => exit.into(),
        Err(_) => {
            let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner);
            let what =
                format_args!("internal error (bug); please report this line, the command and the files: {panic}");
            exit::complain(Exit::CannotWork, &what).into()
        }
    }
}
