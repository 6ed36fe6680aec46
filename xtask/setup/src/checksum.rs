//! SHA-256 of files, as `sha256sum` writes them.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// The SHA-256 of a file.
///
/// # Errors
/// Names a file that cannot be read.
pub fn of_file(path: &Path) -> Result<String> {
    std::fs::File::open(path).and_then(files::sha256_of).with_context(|| format!("cannot read {}", path.display()))
}

/// Checks each file in `list`, a file that `sha256sum` wrote, and returns their names. They lie in the list's folder.
///
/// # Errors
/// Names the list if it cannot be read, a line that is not a sum and a name, or a file that is missing or differs.
pub fn verify(list: &Path) -> Result<Vec<String>> {
    let folder = list.parent().context("a list lies in a folder")?;
    let text = std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    let mut names = Vec::new();
    for line in text.lines() {
        let Some((expected, name)) = line.split_once("  ") else {
            bail!("{}: the line '{line}' is not a checksum, two spaces and a file name", list.display());
        };
        let found = of_file(&folder.join(name))?;
        if found != expected {
            bail!("{}: its SHA-256 is {found}, {} says {expected}", folder.join(name).display(), list.display());
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn folder_with(list: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("abc"), "abc").unwrap();
        std::fs::write(folder.path().join("SHA256SUMS"), list).unwrap();
        folder
    }

    #[test]
    fn a_list_that_holds_gives_the_names_in_it() {
        let folder = folder_with(&format!("{ABC}  abc\n"));
        assert_eq!(verify(&folder.path().join("SHA256SUMS")).unwrap(), ["abc"]);
    }

    #[test]
    fn a_changed_a_missing_and_an_unreadable_entry_are_each_refused_by_name() {
        let cases = [
            (format!("{}  abc\n", "0".repeat(64)), "abc: its SHA-256 is ba7816bf"),
            (format!("{ABC}  def\n"), "cannot read"),
            ("abc\n".into(), "the line 'abc' is not a checksum"),
        ];
        for (list, fault) in cases {
            let folder = folder_with(&list);
            let refused = verify(&folder.path().join("SHA256SUMS")).unwrap_err().to_string();
            assert!(refused.contains(fault), "{refused}");
        }
    }
}
