//! The program `infer`: reads images of handwritten digits and says whether the first of two is less than or equal to the
//! second. What it does is in the library of the same name; here are arguments, exit codes, bars and sentences.
//!
//! * [`cli`]: the commands and their help.
//! * [`command`]: one file a command: what was typed and what is done about it.
//! * [`exit`]: exit codes, decided in one place.
//! * [`terminal`]: what people see.

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod command;
mod exit;
mod terminal;

use cli::Cli;
use exit::Exit;

fn main() -> ExitCode {
    // A panic is a bug of ours, or of a decoder, which is caught: people see one line, not a trace.
    std::panic::set_hook(Box::new(|_| {}));
    match std::panic::catch_unwind(|| Cli::parse().command.run()) {
        Ok(exit) => exit.into(),
        Err(_) => exit::complain(
            Exit::CannotWork,
            &"stopped by a fault of its own; please report what you ran, and on which files",
        )
        .into(),
    }
}
