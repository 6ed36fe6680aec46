//! Names and messages made harmless for terminals and tables.

use std::path::Path;

/// A path for a terminal: what is not text is replaced, control characters are escaped.
pub fn shown(path: &Path) -> String {
    harmless(&path.to_string_lossy())
}

/// A path as a word of a shell's command, quoted where it must be: for commands that are recorded to be repeated.
///
/// ```
/// assert_eq!(terminal::quoted("/data/mnist-2".as_ref()), "/data/mnist-2");
/// assert_eq!(terminal::quoted("Ann's digits".as_ref()), r"'Ann'\''s digits'");
/// ```
pub fn quoted(path: &Path) -> String {
    let text = shown(path);
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Text for a terminal: control characters, and those that turn the direction of writing, are escaped, so that a file's
/// name or content cannot drive it or look like another.
///
/// ```
/// assert_eq!(terminal::harmless("a\u{1b}[2Jb"), r"a\u{1b}[2Jb");
/// assert_eq!(terminal::harmless("\u{202e}gnp.exe"), r"\u{202e}gnp.exe");
/// ```
pub fn harmless(text: &str) -> String {
    escaped(text, |c| drives(c).then(|| c.escape_default().collect()))
}

/// As [`harmless`], for text of several lines: line breaks and tabs stay.
pub fn harmless_lines(text: &str) -> String {
    escaped(text, |c| (drives(c) && !matches!(c, '\n' | '\t')).then(|| c.escape_default().collect()))
}

/// JSON that means the same and drives no terminal.
///
/// ```
/// let json = terminal::harmless_json("{\"file\": \"\u{9b}31m\u{202e}\"}\n");
/// assert_eq!(json, "{\"file\": \"\\u009b31m\\u202e\"}\n");
/// ```
pub fn harmless_json(text: &str) -> String {
    // Such characters are only inside strings, where serde has escaped those below 0x20 already.
    escaped(text, |c| (drives(c) && !matches!(c, '\n' | '\t')).then(|| format!("\\u{:04x}", u32::from(c))))
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(escaped) => harmless += &escaped,
            None => harmless.push(c),
        }
    }
    harmless
}

/// Whether a terminal acts on a character or hides it: control characters, line separators, and what turns the direction
/// of writing. All of them have four hexadecimal digits.
fn drives(c: char) -> bool {
    let is_hidden = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || is_hidden
}
