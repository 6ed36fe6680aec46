//! Exit codes.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use ::terminal::{harmless_json, harmless_lines};

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Success: code 0. Also if the reader of the output closed the pipe, as `head` does.
    Done,
    /// An input could not be used; each is named on stderr: code 1.
    SomeInputsFailed,
    /// The arguments do not fit together: code 2. Most wrong usage is found by clap, which ends with the same code.
    WrongUsage,
    /// Nothing could be done (no model, no engine, output not writable): code 3.
    CannotWork,
}

/// Exit code after Ctrl-C, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// Exit code where there is no more memory: that of [`Exit::CannotWork`].
pub const OUT_OF_MEMORY: i32 = 3;

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::SomeInputsFailed => Self::from(1),
            Exit::WrongUsage => Self::from(2),
            Exit::CannotWork => Self::from(3),
        }
    }
}

/// Writes data to stdout and returns the exit code. What would drive a terminal is escaped where one reads.
pub fn print(text: &str) -> Exit {
    let shown = io::stdout().is_terminal().then(|| harmless_lines(text));
    let text = shown.as_deref().unwrap_or(text);
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => complain(Exit::CannotWork, &format_args!("cannot write the answer to stdout: {error}")),
    }
}

/// As [`print`], for JSON: what would drive a terminal is written as JSON's own escapes, wherever it goes.
pub fn print_json(json: &str) -> Exit {
    print(&harmless_json(json))
}

/// Writes text to stderr. Errors writing to stderr are ignored.
pub fn show(text: &str) {
    let _ = io::stderr().lock().write_all(harmless_lines(text).as_bytes());
}

/// Writes an error message to stderr and returns `exit`. Errors writing to stderr are ignored.
pub fn complain(exit: Exit, what: &dyn Display) -> Exit {
    note(what);
    exit
}

/// Whether the program ends on Ctrl-C: what breaks while it does is no news.
static ENDS: AtomicBool = AtomicBool::new(false);

/// Writes a last message and ends the program as Ctrl-C does in shells.
pub fn interrupted(what: &dyn Display) -> ! {
    note(what);
    ENDS.store(true, Ordering::SeqCst);
    std::process::exit(INTERRUPTED)
}

/// Writes a message to stderr. Errors writing to stderr are ignored.
pub fn note(what: &dyn Display) {
    if ENDS.load(Ordering::SeqCst) {
        return;
    }
    let line = format!("infer: {}\n", harmless_lines(&what.to_string()));
    let _ = io::stderr().lock().write_all(line.as_bytes());
}
