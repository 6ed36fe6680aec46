//! The program `infer`: reads images of handwritten digits and says whether the first of two is less than or equal to the
//! second. The library of the same name does the work; the program adds arguments, exit codes, progress bars and messages.
//!
//! * [`cli`]: the commands and their help.
//! * [`command`]: the commands, one file each.
//! * [`exit`]: exit codes, decided in one place.
//! * [`memory`]: lack of memory as a sentence.
//! * [`panics`]: panics as one line.
//! * [`terminal`]: messages and sketches.

#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod command;
mod exit;
mod memory;
mod panics;
mod terminal;

use cli::Cli;
use exit::Exit;

fn main() -> ExitCode {
    panics::keep();
    match panics::caught(|| Cli::parse().command.run()) {
        Ok(exit) => exit.into(),
        Err(panic) => exit::complain(Exit::CannotWork, &panic).into(),
    }
}
