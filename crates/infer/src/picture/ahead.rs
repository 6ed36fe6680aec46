//! Files that are read before their turn, so that whoever decodes them does not wait for a disk.

use std::path::Path;

use files::Identity;

use super::budget::{AheadPermit, SMALL};
use super::file::Access;

/// Reads files that will be asked for soon.
pub(crate) struct AheadReader {
    access: Access,
}

/// The bytes of some files. A file that could not be read, or was beyond the budget, has none here: whoever decodes it reads it
/// then, and reports what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct ReadAhead {
    files: Vec<Option<Vec<u8>>>,
    permit: AheadPermit,
}

impl AheadReader {
    /// As [`super::Reader::of_files`].
    pub fn new(outputs: Vec<Identity>) -> Self {
        Self { access: Access { only_files: true, outputs } }
    }

    /// Adds a file to `ahead`, with its bytes if it can be read and there is room.
    pub fn read(&self, path: &Path, ahead: &mut ReadAhead) {
        let bytes = self.bytes(path, &mut ahead.permit);
        ahead.files.push(bytes);
    }

    fn bytes(&self, path: &Path, permit: &mut AheadPermit) -> Option<Vec<u8>> {
        let mut opened = self.access.open(path).ok()?;
        // A large file is decoded for longer than it is read, and would take the room of many others.
        if opened.length == 0 || opened.length > SMALL || !permit.extend(opened.length) {
            return None;
        }
        let mut bytes = vec![0; opened.length as usize];
        let filled = opened.fill(&mut bytes).ok()?;
        bytes.truncate(filled);
        Some(bytes).filter(|bytes| !bytes.is_empty())
    }
}

impl ReadAhead {
    /// Adds a file that nobody reads.
    pub fn skip(&mut self) {
        self.files.push(None);
    }

    /// The bytes of the file that was added as this, from 0.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.files.get(index)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_are_kept_in_order_and_those_that_cannot_be_read_have_no_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("one"), "first").unwrap();
        std::fs::write(path("two"), "second").unwrap();
        std::fs::write(path("empty"), "").unwrap();
        std::fs::write(path("large"), vec![0; SMALL as usize + 1]).unwrap();
        let output = Identity::of(&path("two")).unwrap();
        for (outputs, two) in [(vec![], Some(&b"second"[..])), (vec![output], None)] {
            let reader = AheadReader::new(outputs);
            let mut ahead = ReadAhead::default();
            for name in ["one", "absent", "large", "empty"] {
                reader.read(&path(name), &mut ahead);
            }
            ahead.skip();
            reader.read(&path("two"), &mut ahead);
            reader.read(folder.path(), &mut ahead);
            reader.read(Path::new("/dev/null"), &mut ahead);
            reader.read(&path("one"), &mut ahead);
            let found: Vec<Option<&[u8]>> = (0..10).map(|index| ahead.get(index)).collect();
            let one = Some(&b"first"[..]);
            assert_eq!(found, [one, None, None, None, None, two, None, None, one, None]);
        }
    }
}
