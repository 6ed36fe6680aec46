//! Whether both sides answered alike.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

/// How far two files of answers agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Agreement {
    pub pairs: usize,
    /// Pairs that are decided differently, or that only they answer.
    pub differ: usize,
    /// Pairs that only ours answers: it looks again at a picture that the network refuses.
    pub only_ours: usize,
}

impl Agreement {
    /// Compares two files.
    ///
    /// # Errors
    /// When a file has no column `leq`, or the files are not of the same pairs.
    pub fn of(ours: &Path, theirs: &Path) -> Result<Self> {
        let (ours, theirs) = (answers(ours)?, answers(theirs)?);
        ensure!(ours.len() == theirs.len(), "{} answers of ours, {} of theirs", ours.len(), theirs.len());
        let mut found = Self { pairs: ours.len(), differ: 0, only_ours: 0 };
        for (ours, theirs) in ours.iter().zip(&theirs) {
            match ours == theirs {
                true => {}
                false if theirs.is_empty() => found.only_ours += 1,
                false => found.differ += 1,
            }
        }
        Ok(found)
    }
}

/// Column `leq`; the pictures' names in these files have no comma.
fn answers(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines();
    let head = lines.next().with_context(|| format!("{} is empty", path.display()))?;
    let column = head.split(',').position(|name| name == "leq");
    let column = column.with_context(|| format!("{} has no column leq", path.display()))?;
    Ok(lines.map(|line| line.split(',').nth(column).unwrap_or_default().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_by_their_column_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ours = file("ours.csv", "row,leq\n1,0\n2,1\n3,1\n4,1\n5,\n6,\n");
        let theirs = file("theirs.csv", "leq,row\n0,1\n0,2\n1,3\n,4\n1,5\n,6\n");
        assert_eq!(Agreement::of(&ours, &theirs).unwrap(), Agreement { pairs: 6, differ: 2, only_ours: 1 });
        let short = file("short.csv", "leq\n0\n");
        assert!(Agreement::of(&ours, &short).unwrap_err().to_string().contains("6 answers of ours, 1 of theirs"));
        let none = Agreement::of(&ours, &file("none.csv", "row\n")).unwrap_err();
        assert!(none.to_string().contains("no column leq"));
    }
}
