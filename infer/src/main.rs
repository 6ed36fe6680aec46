//! The program `infer`.

use std::process::ExitCode;

use clap::Parser;
use infer::cli::{Cli, Command};
use infer::compare;

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Compare(typed) => compare::command(typed.into()).into(),
    }
}
