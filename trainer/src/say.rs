//! Messages on stderr and data on stdout. What files and arguments say is made harmless for terminals.

use std::fmt::{Arguments, Display, Write as _};
use std::io::{self, IsTerminal, StdoutLock, Write};

use terminal::harmless_lines;

/// Writes a line to stderr. A terminal that went away, a full log disk or a reader that quit must not cost any work: errors
/// are ignored. See [`say!`].
pub fn line(text: Arguments) {
    // In one piece, so that lines of several processes stay whole.
    let _ = io::stderr().lock().write_all(harmless_lines(&format!("{text}\n")).as_bytes());
}

/// `eprintln!` without its panic.
macro_rules! say {
    ($($argument:tt)*) => { $crate::say::line(format_args!($($argument)*)) };
}

pub(crate) use say;

/// Stdout for text. What would drive a terminal is escaped where one reads.
pub fn stdout() -> Harmless<StdoutLock<'static>> {
    let stdout = io::stdout();
    Harmless { is_terminal: stdout.is_terminal(), out: stdout.lock() }
}

/// A writer of text, each write a whole piece of it, as `write!` writes.
pub struct Harmless<Out> {
    out: Out,
    is_terminal: bool,
}

impl<Out: Write> Write for Harmless<Out> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.out.write(text);
        }
        self.out.write_all(harmless_lines(&String::from_utf8_lossy(text)).as_bytes())?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An error with its causes, each said once.
pub fn with_causes(error: &anyhow::Error) -> impl Display {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !said.contains(&cause) {
            let separator = if said.is_empty() { "" } else { ": " };
            // Writing to a string does not fail.
            let _ = write!(said, "{separator}{cause}");
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let error = anyhow::anyhow!("File exists").context("cannot write x: File exists").context("stopped");
        assert_eq!(with_causes(&error).to_string(), "stopped: cannot write x: File exists");
    }

    #[test]
    fn only_a_terminal_gets_text_with_escapes() {
        let written = |is_terminal| {
            let mut out = Harmless { out: Vec::new(), is_terminal };
            writeln!(out, "{:8}|two\nlines", "an\u{1b}[2J").unwrap();
            String::from_utf8(out.out).unwrap()
        };
        assert_eq!(written(true), "an\\u{1b}[2J  |two\nlines\n");
        assert_eq!(written(false), "an\u{1b}[2J  |two\nlines\n");
    }
}
