//! Exit codes.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Success: code 0. Also if the reader of the output closed the pipe, as `head` does.
    Done,
    /// An input could not be used; each is named on stderr: code 1.
    SomeInputsFailed,
    /// Nothing could be done (no model, no engine, output not writable): code 3.
    CannotWork,
}

// Code 2, wrong usage, is clap's own.

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::SomeInputsFailed => Self::from(1),
            Exit::CannotWork => Self::from(3),
        }
    }
}

/// Writes data to stdout and returns the exit code.
pub fn print(text: &str) -> Exit {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => complain(Exit::CannotWork, &format_args!("cannot write the answer to stdout: {error}")),
    }
}

/// Writes text to stderr. Errors writing to stderr are ignored.
pub fn show(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes an error message to stderr and returns `exit`. Errors writing to stderr are ignored.
pub fn complain(exit: Exit, what: &dyn Display) -> Exit {
    let _ = writeln!(io::stderr().lock(), "infer: {what}");
    exit
}
