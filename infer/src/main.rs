//! The program `infer`.

use std::process::ExitCode;

use clap::Parser;
use infer::cli::Cli;

fn main() -> ExitCode {
    // A panic is a bug of ours, or of a decoder, which is caught: people see one line, not a trace.
    std::panic::set_hook(Box::new(|_| {}));
    match std::panic::catch_unwind(|| Cli::parse().command.run()) {
        Ok(exit) => exit.into(),
        Err(_) => infer::exit::complain(
            infer::exit::Exit::CannotWork,
            &"stopped by a fault of its own; please report what you ran, and on which files",
        )
        .into(),
    }
}
