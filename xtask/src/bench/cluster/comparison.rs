//! Whether two ways gave the same answers.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// Writes all parts of a folder that Spark wrote, one after the other, as `cat part-*` does.
///
/// # Errors
/// Names the file that cannot be read or written.
pub fn join_parts(folder: &Path, to: &Path) -> Result<()> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("part-")) {
            parts.push(path);
        }
    }
    parts.sort();
    let parts = parts.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    files::write(to, parts.concat())?;
    Ok(())
}

/// Lines of two files that are not the same, byte for byte, and lines that the first has.
///
/// # Errors
/// Names the file that cannot be read.
pub fn differing_lines(one: &Path, other: &Path) -> Result<[usize; 2]> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let (one, other) = (read(one)?, read(other)?);
    let lines = |bytes: &[u8]| bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (one, other) = (lines(&one), lines(&other));
    let differing = one.iter().zip(&other).filter(|(one, other)| one != other).count();
    Ok([differing + one.len().abs_diff(other.len()), one.len()])
}

/// Fields of a summary that are not the same, without those that say what a run took.
///
/// # Errors
/// Names the file that cannot be read, or is no JSON.
pub fn differing_counts(one: &Path, other: &Path) -> Result<usize> {
    let read = |path: &Path| -> Result<Value> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
    };
    let (one, other) = (read(one)?, read(other)?);
    let fields = ["rows", "failed", "failures", "accuracy", "by_digits", "digits_are_true", "worst"];
    Ok(fields.iter().filter(|field| one[**field].is_null() || one[**field] != other[**field]).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_compared_line_by_line_and_summaries_count_by_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let whole = file("whole.csv", "row\n1\n2\n");
        assert_eq!(differing_lines(&whole, &whole).unwrap(), [0, 3]);
        assert_eq!(differing_lines(&whole, &file("a.csv", "row\n1\n3\n4\n")).unwrap(), [2, 3]);
        assert_eq!(differing_lines(&whole, &file("b.csv", "row\n1\n2")).unwrap(), [1, 3]);
        let counts = |rows: usize, seconds: f64| {
            format!(
                "{{\"rows\":{rows},\"failed\":0,\"failures\":[],\"accuracy\":{{}},\"by_digits\":[],\
                 \"digits_are_true\":true,\"worst\":[],\"seconds\":{seconds}}}"
            )
        };
        let whole = file("whole.json", &counts(3, 1.0));
        assert_eq!(differing_counts(&whole, &file("same.json", &counts(3, 2.0))).unwrap(), 0);
        assert_eq!(differing_counts(&whole, &file("other.json", &counts(4, 1.0))).unwrap(), 1);
    }

    #[test]
    fn parts_are_joined_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("part-00001", "b\n"), ("part-00000", "a\n"), ("_SUCCESS", ""), (".part-00000.crc", "x")] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let to = folder.path().join("joined");
        join_parts(folder.path(), &to).unwrap();
        assert_eq!(std::fs::read_to_string(to).unwrap(), "a\nb\n");
    }
}
