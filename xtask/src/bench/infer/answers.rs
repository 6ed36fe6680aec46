//! Whether both sides answered alike.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Pairs that two files of answers call differently, and how many pairs there are.
///
/// # Errors
/// When a file has no column `leq`, or the files are not of the same pairs.
pub fn differences(ours: &Path, theirs: &Path) -> Result<[usize; 2]> {
    let (ours, theirs) = (answers(ours)?, answers(theirs)?);
    ensure!(ours.len() == theirs.len(), "{} answers of ours, {} of theirs", ours.len(), theirs.len());
    let differ = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
    Ok([differ, ours.len()])
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
        let ours = file("ours.csv", "row,leq\n1,0\n2,1\n3,1\n");
        let theirs = file("theirs.csv", "leq,row\n0,1\n0,2\n1,3\n");
        assert_eq!(differences(&ours, &theirs).unwrap(), [1, 3]);
        let short = file("short.csv", "leq\n0\n");
        assert!(differences(&ours, &short).unwrap_err().to_string().contains("3 answers of ours, 1 of theirs"));
        assert!(differences(&ours, &file("none.csv", "row\n")).unwrap_err().to_string().contains("no column leq"));
    }
}
