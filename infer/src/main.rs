//! The program `infer`: reads images of handwritten digits and says whether the first of two is less than or equal to the
//! second. The library of the same name does the work; the program adds arguments, exit codes, progress bars and messages.
//!
//! * [`cli`]: the commands and their help.
//! * [`command`]: the commands, one file each.
//! * [`exit`]: exit codes, decided in one place.
//! * [`terminal`]: messages and sketches.

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod command;
mod exit;
mod terminal;

use cli::Cli;
use exit::Exit;

fn main() -> ExitCode {
    // A panic is a bug of ours, or of a decoder, where it is caught. Users see one line instead of a backtrace.
    std::panic::set_hook(Box::new(|_| {}));
    match std::panic::catch_unwind(|| Cli::parse().command.run()) {
        Ok(exit) => exit.into(),
        Err(_) => {
            exit::complain(Exit::CannotWork, &"internal error (bug); please report the command and the files").into()
        }
    }
}
