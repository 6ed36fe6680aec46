//! Files that appear whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Writes `contents` to `path`: a file beside it, fsync, rename, fsync of the folder. Missing folders are made.
///
/// # Errors
/// Names the path and what the system said.
pub fn write(path: &Path, contents: &str) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    let part = path.with_extension("part");
    let replace = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = File::create(&part)?;
        file.write_all(contents.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&part, path)?;
        File::open(folder)?.sync_all()
    };
    replace().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/summary.json");
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
