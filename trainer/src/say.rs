//! Messages on stderr. A terminal that went away, a full log disk or a reader that quit must not cost any work: errors
//! writing to stderr are ignored.

use std::fmt::{Arguments, Display, Write as _};
use std::io::Write;

/// Writes a line to stderr. See [`say!`].
pub fn line(text: Arguments) {
    // In one piece, so that lines of several processes stay whole.
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// `eprintln!` without its panic.
macro_rules! say {
    ($($argument:tt)*) => { $crate::say::line(format_args!($($argument)*)) };
}

pub(crate) use say;

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
}
