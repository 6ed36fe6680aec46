//! What a list begins with: its encoding, what separates its fields, and whether it is a list at all.

use std::io::{self, BufReader, Read};

/// What the first bytes of a text say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// UTF-8 or ASCII, whatever it says.
    Text,
    /// UTF-16 with its mark, little endian or big endian.
    Utf16(Endian),
}

/// Which byte of two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// Looks at the first bytes of a list.
///
/// # Errors
/// What was found instead of a list, and how to say it.
pub(super) fn look(bytes: &[u8], is_json: bool) -> Result<Beginning, String> {
    match bytes {
        [0xFF, 0xFE, ..] => return Ok(Beginning::Utf16(Endian::Little)),
        [0xFE, 0xFF, ..] => return Ok(Beginning::Utf16(Endian::Big)),
        _ => {}
    }
    let start = &bytes[..bytes.len().min(1024)];
    if image::guess_format(start).is_ok() && !start.is_ascii() {
        return Err("is an image, not a list of pairs; `infer compare A B` compares two images".to_owned());
    }
    if start.contains(&0) {
        return Err("is not text; a list is CSV, TSV or JSON lines in UTF-8, or UTF-16 with its mark".to_owned());
    }
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    match text.first() {
        Some(b'[') if is_json || text[1..].trim_ascii_start().starts_with(b"{") => {
            Err("holds one JSON array; write one object a line, for example with `jq -c '.[]'`".to_owned())
        }
        Some(b'{') if !is_json && text[1..].trim_ascii_start().starts_with(b"\"") => {
            Err("holds JSON; say --from jsonl".to_owned())
        }
        _ => Ok(Beginning::Text),
    }
}

/// The separator of a text whose first line has only one field at `expected`: the one that splits it.
pub(super) fn separator(first_line: &[u8], expected: u8) -> u8 {
    if first_line.contains(&expected) {
        return expected;
    }
    let others = [b',', b';', b'\t', b'|'];
    let count = |separator: &u8| first_line.iter().filter(|byte| *byte == separator).count();
    let most = others.into_iter().max_by_key(count).filter(|separator| count(separator) > 0);
    most.unwrap_or(expected)
}

/// Reads UTF-16 as UTF-8.
pub(super) struct Utf16<R> {
    reader: BufReader<R>,
    endian: Endian,
    /// UTF-8 that was not asked for yet.
    waiting: Vec<u8>,
    /// The first half of a pair of surrogates.
    half: Option<u16>,
}

impl<R: Read> Utf16<R> {
    /// A reader of what follows in `reader`, its mark included.
    pub fn new(reader: R, endian: Endian) -> Self {
        Self { reader: BufReader::new(reader), endian, waiting: Vec::new(), half: None }
    }

    /// Reads one unit; `None` at the end, where a single byte is dropped.
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        match self.reader.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        Ok(Some(match self.endian {
            Endian::Little => u16::from_le_bytes(bytes),
            Endian::Big => u16::from_be_bytes(bytes),
        }))
    }

    /// Adds a unit: a character, or a half of one.
    fn take(&mut self, unit: u16) {
        let half = self.half.take();
        if let (Some(high), 0xDC00..0xE000) = (half, unit) {
            char::decode_utf16([high, unit]).flatten().for_each(|character| self.push(character));
            return;
        }
        if half.is_some() {
            self.push(char::REPLACEMENT_CHARACTER);
        }
        match unit {
            0xD800..0xDC00 => self.half = Some(unit),
            _ => self.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn push(&mut self, character: char) {
        self.waiting.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Reads as far as the end of a line or some 8 KiB, so that what is piped in slowly is not waited for.
    fn fill(&mut self) -> io::Result<()> {
        while self.waiting.len() < 8 << 10 {
            let Some(unit) = self.unit()? else {
                if self.half.take().is_some() {
                    self.push(char::REPLACEMENT_CHARACTER);
                }
                return Ok(());
            };
            self.take(unit);
            if unit == u16::from(b'\n') {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waiting.is_empty() {
            self.fill()?;
        }
        let count = self.waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.waiting[..count]);
        self.waiting.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_is_named() {
        let cases: [(&[u8], bool, &str); 5] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", false, "is an image"),
            (b"a.png,b\0.png\n", false, "is not text"),
            (b" [{\"left\": 1}]", false, "one JSON array"),
            (b"[\n1]", true, "one JSON array"),
            (b"{\"left\":\"a\"}\n", false, "say --from jsonl"),
        ];
        for (bytes, is_json, part) in cases {
            assert!(look(bytes, is_json).unwrap_err().contains(part), "{part}");
        }
        assert_eq!(look(b"[1].png,b.png\n", false), Ok(Beginning::Text));
        assert_eq!(look(b"BM.png,a.png\n", false), Ok(Beginning::Text));
        assert_eq!(look(b"", false), Ok(Beginning::Text));
    }

    #[test]
    fn the_mark_of_utf_16_says_which_byte_comes_first() {
        assert_eq!(look(b"\xFF\xFEa\0", false), Ok(Beginning::Utf16(Endian::Little)));
        assert_eq!(look(b"\xFE\xFF\0a", false), Ok(Beginning::Utf16(Endian::Big)));
    }

    #[test]
    fn the_separator_is_the_one_that_splits_the_first_line() {
        for (line, expected, found) in [
            (&b"left;right"[..], b',', b';'),
            (b"a\tb", b',', b'\t'),
            (b"a,b;c,d", b',', b','),
            (b"a,b", b'\t', b','),
            (b"alone", b',', b','),
        ] {
            assert_eq!(separator(line, expected), found);
        }
    }

    #[test]
    fn utf_16_is_read_as_utf_8_in_pieces_of_any_size() {
        let text = "\u{feff}left,right\r\nä😀.png,b.png\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (bytes, endian) in [(little, Endian::Little), (big, Endian::Big)] {
            let mut read = String::new();
            // Bounded, so that a reader without an end fills no memory.
            Read::take(Utf16::new(bytes.as_slice(), endian), 1000).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
        let mut torn = String::new();
        let reader = Utf16::new([0x00, 0xD8, b'a', 0, 1].as_slice(), Endian::Little);
        Read::take(reader, 1000).read_to_string(&mut torn).unwrap();
        assert_eq!(torn, "\u{fffd}a");
    }

    #[test]
    fn a_piece_of_utf_16_ends_with_its_line_or_after_8_kib() {
        let pieces = |text: &str| {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let mut reader = Utf16::new(bytes.as_slice(), Endian::Little);
            [(); 3].map(|()| reader.read(&mut [0; 16 << 10]).unwrap())
        };
        assert_eq!(pieces("ab\nc"), [3, 1, 0]);
        assert_eq!(pieces(&"x".repeat(10_000)), [8192, 1808, 0]);
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_end_of_utf_16() {
        let read = Utf16::new(Broken, Endian::Little).read(&mut [0; 8]);
        assert_eq!(read.unwrap_err().to_string(), "the disk is gone");
    }
}
