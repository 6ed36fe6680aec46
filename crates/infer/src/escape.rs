//! Names and messages made harmless for terminals and tables.

use std::path::Path;

/// A path for a terminal: what is not text is replaced, control characters are escaped.
pub fn shown(path: &Path) -> String {
    harmless(&path.to_string_lossy())
}

/// Text for a terminal: control characters are escaped, so that a file's name or content cannot drive it.
///
/// ```
/// assert_eq!(infer::escape::harmless("a\u{1b}[2Jb"), r"a\u{1b}[2Jb");
/// ```
pub fn harmless(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}
