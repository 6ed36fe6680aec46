//! Panics as one line: a bug of ours, or of a decoder or an engine, where it is caught.

use std::panic::UnwindSafe;
use std::sync::{Mutex, PoisonError};

/// The last panic's message and place, on one line.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Keeps the message and place of every panic from now on, in place of printing them with a backtrace.
pub fn keep() {
    ::terminal::on_panic(|line| line.clone_into(&mut LAST.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// The result of `work`; or, if it panics, what users are asked to report.
pub fn caught<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    std::panic::catch_unwind(work).map_err(|_| last())
}

/// What users are asked to report of the last panic.
pub fn last() -> String {
    let panic = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    format!("internal error (bug); please report this line, the command and the files: {panic}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line_with_its_message_and_place() {
        keep();
        let line = caught(|| panic!("the sky\nfell")).map(|()| "no panic").unwrap_err();
        let _printing_again = std::panic::take_hook();
        assert!(line.starts_with("internal error (bug); please report"), "{line}");
        assert!(line.contains("panicked at infer/src/panics.rs:") && line.ends_with("the sky fell"), "{line}");
        assert_eq!(caught(|| 7), Ok(7));
    }
}
