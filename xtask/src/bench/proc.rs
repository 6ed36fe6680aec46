//! Linux's `/proc`, see proc(5).

use anyhow::{Context, Result};

/// A file of it.
///
/// # Errors
/// Names the file that is not there, as on any other system.
pub fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {path}; this benchmark runs on Linux only"))
}
