//! Whether a JPEG file is all there. The decoder paints what is missing grey and says nothing.

mod scan;

/// Whether the end-of-image marker follows the picture's data, and the data are as many as the picture needs.
///
/// The search starts at the first scan of the picture itself: an EXIF thumbnail before it is a JPEG of its own, with its
/// own end. In a scan's data a byte of 0xFF is always followed by 0 or a restart marker, so 0xFF 0xD9 is the end.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let scan = first_scan(bytes);
    // From behind: it is the last of most files.
    scan.is_some_and(|start| bytes[start..].windows(2).rev().any(|marker| marker == [0xFF, 0xD9]))
        && scan::is_whole(bytes)
}

/// Whether the picture is stored in several passes, each over all of it.
pub(super) fn is_progressive(bytes: &[u8]) -> bool {
    let before_scan = &bytes[..first_scan(bytes).unwrap_or(bytes.len())];
    before_scan.windows(2).any(|marker| marker == [0xFF, 0xC2])
}

/// Where the first start-of-scan marker is: segments are skipped by their length, two bytes after the marker.
fn first_scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match *bytes.get(at..at + 4)? {
            [0xFF, 0xDA, ..] => return Some(at),
            // Any number of 0xFF may fill up before a marker.
            [0xFF, 0xFF, ..] => at += 1,
            // Markers without a segment: temporary, restart.
            [0xFF, 0x01 | 0xD0..=0xD7, ..] => at += 2,
            [0xFF, _, high, low] => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_embedded_thumbnail_is_not_the_end_of_the_picture() {
        let exif = [0xFF, 0xE1, 0x00, 0x04, 0xFF, 0xD9];
        let scan = [0xFF, 0xDA, 0x00, 0x02, 0x12, 0xFF, 0x00];
        let cut = [&[0xFF, 0xD8][..], &exif, &scan].concat();
        assert!(!is_complete(&cut));
        assert!(is_complete(&[&cut[..], &[0xFF, 0xD9]].concat()));
    }

    #[test]
    fn a_file_cut_before_its_first_scan_is_not_complete() {
        assert!(!is_complete(&[0xFF, 0xD8, 0xFF, 0xE0, 0x00]));
        assert!(!is_complete(&[]));
    }
}
