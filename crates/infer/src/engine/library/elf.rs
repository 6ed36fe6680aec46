//! Whether a shared library of Linux is all there: the loader maps what the headers announce, and touching what is not in the
//! file ends the process with a bus error.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of the header of a 64-bit file, and of an entry of its table of segments.
const HEADER: usize = 64;
const SEGMENT: usize = 56;

/// Whether a file has all bytes that its segments and its table of sections need. Files of other kinds are taken as whole:
/// the loader judges them.
pub(super) fn is_whole(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; HEADER];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"\x7FELF\x02\x01") {
        return Ok(true);
    }
    let (segments, sections) = (word(&header, 32), word(&header, 40));
    let half = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
    let (segment_size, segment_count, section_size, section_count) = (half(54), half(56), half(58), half(60));
    if segment_size != SEGMENT as u64 {
        return Ok(true);
    }
    let ends = |start: u64, size: u64| start.checked_add(size).is_some_and(|end| end <= length);
    if !ends(segments, segment_size * segment_count) || !ends(sections, section_size * section_count) {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(segments))?;
    let mut segment = [0; SEGMENT];
    for _ in 0..segment_count {
        file.read_exact(&mut segment)?;
        if !ends(word(&segment, 8), word(&segment, 32)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_whole_and_any_cut_of_it_is_not() {
        let program = std::env::current_exe().unwrap();
        assert!(is_whole(&program).unwrap());
        let bytes = std::fs::read(&program).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cut = folder.path().join("cut");
        for length in [100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&cut, &bytes[..length]).unwrap();
            assert!(!is_whole(&cut).unwrap(), "{length} of {}", bytes.len());
        }
        std::fs::write(&cut, "no library").unwrap();
        assert!(is_whole(&cut).unwrap());
    }
}
