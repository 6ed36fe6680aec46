//! Files that are read before their turn, so that whoever decodes them does not wait for a disk.

use std::path::Path;

use files::Identity;

use super::budget::{AheadPermit, SMALL};
use super::file::Access;

/// Bytes by which the memory of small files grows.
const GROWTH: usize = 64 << 10;

/// Reads files that will be asked for soon.
pub(crate) struct AheadReader {
    access: Access,
}

/// The bytes of some files, one after the other in one piece of memory. A file that could not be read, or was beyond the budget,
/// has none here: whoever decodes it reads it then, and reports what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct ReadAhead {
    bytes: Vec<u8>,
    /// Where each file's bytes end; they begin where those of the file before end.
    ends: Vec<usize>,
    permit: AheadPermit,
}

impl AheadReader {
    /// As [`super::Reader::of_files`].
    pub fn new(outputs: Vec<Identity>) -> Self {
        Self { access: Access { only_files: true, outputs } }
    }

    /// Adds a file to `ahead`, with its bytes if it can be read and there is room.
    pub fn read(&self, path: &Path, ahead: &mut ReadAhead) {
        let start = ahead.bytes.len();
        let filled = self.fill(path, ahead).unwrap_or(0);
        ahead.bytes.truncate(start + filled);
        ahead.skip();
    }

    /// Appends the file's bytes, and gives how many of them are the file's.
    fn fill(&self, path: &Path, ahead: &mut ReadAhead) -> Option<usize> {
        let mut opened = self.access.open(path).ok()?;
        // A large file is decoded for longer than it is read, and would take the room of many others.
        if opened.length == 0 || opened.length > SMALL || !ahead.permit.extend(opened.length) {
            return None;
        }
        let (start, length) = (ahead.bytes.len(), opened.length as usize);
        if ahead.bytes.capacity() - start < length {
            // Not twice as much as before: that would be beyond the budget.
            ahead.bytes.reserve_exact(length.max(GROWTH));
        }
        ahead.bytes.resize(start + length, 0);
        opened.fill(&mut ahead.bytes[start..]).ok()
    }
}

impl ReadAhead {
    /// Adds a file that nobody reads.
    pub fn skip(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// The bytes of the file that was added as this, from 0.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        Some(&self.bytes[start..*self.ends.get(index)?]).filter(|bytes| !bytes.is_empty())
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
