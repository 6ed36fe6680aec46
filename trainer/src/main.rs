//! The `trainer` program: trains, runs studies, exports.

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod command;
mod memory;
mod say;

use std::process::ExitCode;

use clap::Parser;

/// Exit code of a failed check.
const DOES_NOT_HOLD: u8 = 1;
/// Exit code of wrong usage, as in clap.
const USAGE: u8 = 2;
/// Exit code of an error.
const CANNOT_WORK: u8 = 3;
/// Exit code after Ctrl-C, as in shells.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    memory::keep_freed();
    one_thread_a_training();
    say_panics();
    match std::panic::catch_unwind(|| parsed().run()) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) if reader_is_gone(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            say::line(format_args!("trainer: {}", say::with_causes(&error)));
            ExitCode::from(match error {
                error if error.is::<command::Stopped>() => STOPPED,
                error if error.is::<command::Usage>() => USAGE,
                error if error.is::<command::Stale>() || error.is::<command::NotTheSame>() => DOES_NOT_HOLD,
                _ => CANNOT_WORK,
            })
        }
        // Its message was said.
        Err(_) => ExitCode::from(CANNOT_WORK),
    }
}

/// The command line. What is wrong with it quotes it; where that would drive a terminal, it is said without colours.
fn parsed() -> command::Command {
    command::Command::try_parse().unwrap_or_else(|error| {
        let drives = |argument: std::ffi::OsString| {
            let argument = argument.to_string_lossy();
            terminal::harmless(&argument) != argument
        };
        if !std::env::args_os().any(drives) {
            error.exit();
        }
        say::line(format_args!("{}", error.render().to_string().trim_end()));
        std::process::exit(error.exit_code())
    })
}

/// Says every panic, a bug of ours, on one line in place of a backtrace.
fn say_panics() {
    terminal::on_panic(|panic| {
        say::line(format_args!("trainer: internal error (bug); please report this line and the command: {panic}"));
    });
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
