//! Records of a text: lines, except for quoted fields of CSV that go on in the next line.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use super::csv::Quotes;

/// How much of a text is read as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of a line that are kept.
    pub line: u64,
    /// Bytes of a record of several lines; beyond, a quote counts as never closed.
    pub record: usize,
}

/// Reads records, one after the other.
pub(super) struct Records {
    reader: BufReader<Box<dyn Read + Send>>,
    /// What separates fields; `None` where every line is a record.
    separator: Option<u8>,
    limits: Limits,
    /// Lines that were read to see where a quote is closed.
    ahead: VecDeque<Line>,
    has_ended: bool,
    record: Vec<u8>,
    is_complete: bool,
    position: u64,
}

#[derive(Default)]
struct Line {
    /// With its break, as far as it is kept.
    bytes: Vec<u8>,
    /// Bytes that it has in the text.
    length: u64,
}

impl Records {
    pub fn new(reader: Box<dyn Read + Send>, separator: Option<u8>, limits: Limits) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            separator,
            limits,
            ahead: VecDeque::new(),
            has_ended: false,
            record: Vec::new(),
            is_complete: false,
            position: 0,
        }
    }

    /// The first bytes, before any record was read; none at the end.
    pub fn beginning(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    /// What separates fields from now on.
    pub fn set_separator(&mut self, separator: u8) {
        self.separator = Some(separator);
    }

    /// Reads what follows through `change`.
    pub fn read_through(&mut self, change: impl FnOnce(Box<dyn Read + Send>) -> Box<dyn Read + Send>) {
        let nothing = BufReader::new(Box::new(io::empty()) as Box<dyn Read + Send>);
        let reader = std::mem::replace(&mut self.reader, nothing);
        self.reader = BufReader::with_capacity(1 << 16, change(Box::new(reader)));
    }

    /// Goes on to the next record; false at the end.
    pub fn advance(&mut self) -> io::Result<bool> {
        let is_first = self.position == 0;
        let memory = std::mem::take(&mut self.record);
        let line = match self.ahead.pop_front() {
            Some(line) => line,
            None => self.read_line(memory)?,
        };
        self.position += line.length;
        self.record = line.bytes;
        if let Some(separator) = self.separator {
            if is_first && self.record.starts_with(b"\xEF\xBB\xBF") {
                self.record.drain(..3);
            }
            self.join(separator)?;
        }
        self.is_complete = self.record.ends_with(b"\n");
        let length = without_break(&self.record).len();
        self.record.truncate(length);
        Ok(line.length > 0)
    }

    /// The record, without the line break at its end.
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    /// Whether a line break ended the record.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Where the record ends in the text.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether there is a line to go on to without waiting for one.
    pub fn has_waiting(&self) -> bool {
        !self.ahead.is_empty() || self.reader.buffer().contains(&b'\n')
    }

    /// Adds the lines in which a quoted field goes on. Where its quote is never closed, the record stays one line, so that
    /// it alone is bad.
    fn join(&mut self, separator: u8) -> io::Result<()> {
        let mut quotes = Quotes::FieldStart.after(without_break(&self.record), separator);
        let mut length = self.record.len();
        let mut lines = 0;
        while quotes == Quotes::Quoted && length <= self.limits.record {
            if lines == self.ahead.len() {
                let line = self.read_line(Vec::new())?;
                if line.length == 0 {
                    return Ok(());
                }
                self.ahead.push_back(line);
            }
            let line = &self.ahead[lines].bytes;
            quotes = quotes.after(without_break(line), separator);
            length += line.len();
            lines += 1;
        }
        if !matches!(quotes, Quotes::Quoted | Quotes::Wrong) && length <= self.limits.record {
            for Line { bytes, length } in self.ahead.drain(..lines) {
                self.record.extend_from_slice(&bytes);
                self.position += length;
            }
        }
        Ok(())
    }

    /// A line with its break, into `memory`; of length 0 at the end. Of a line that is too long the rest is passed over.
    fn read_line(&mut self, mut memory: Vec<u8>) -> io::Result<Line> {
        memory.clear();
        if self.has_ended {
            return Ok(Line::default());
        }
        let mut length = self.reader.by_ref().take(self.limits.line).read_until(b'\n', &mut memory)? as u64;
        if length == self.limits.line && !memory.ends_with(b"\n") {
            length += self.reader.skip_until(b'\n')? as u64;
        }
        self.has_ended = length == 0;
        Ok(Line { bytes: memory, length })
    }
}

/// A line without its break, and without more of the kind.
fn without_break(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { line: 100, record: 40 };

    fn records(text: &str) -> Vec<String> {
        let mut records = Records::new(Box::new(io::Cursor::new(text.to_owned())), Some(b','), LIMITS);
        let mut all = Vec::new();
        while records.advance().unwrap() {
            all.push(String::from_utf8(records.record().to_vec()).unwrap());
            assert!(all.len() <= text.len(), "more records than bytes in {text:?}");
        }
        assert_eq!(records.position(), text.len() as u64, "{text:?}");
        all
    }

    #[test]
    fn a_line_is_a_record_whatever_breaks_it() {
        assert_eq!(records("\u{feff}a,b\r\n\nc\"d\n\"e\",f"), ["a,b", "", "c\"d", "\"e\",f"]);
    }

    #[test]
    fn a_quoted_field_goes_on_in_the_next_lines() {
        assert_eq!(records("\"a\nb\r\n\"\"c\"\"\",d\r\ne"), ["\"a\nb\r\n\"\"c\"\"\",d", "e"]);
    }

    #[test]
    fn quoted_fields_end_at_the_separator_that_was_found() {
        let mut records = Records::new(Box::new(&b"\"a\nb\";c\n"[..]), Some(b','), LIMITS);
        records.set_separator(b';');
        assert!(records.advance().unwrap());
        assert_eq!(records.record(), b"\"a\nb\";c");
    }

    #[test]
    fn of_a_line_that_is_too_long_the_rest_is_passed_over() {
        // With their breaks: 99, 100, 101, 102 and 251 bytes, of which 100 are kept.
        for length in [98, 99, 100, 101, 250] {
            let line = "x".repeat(length);
            assert_eq!(records(&format!("{line}\nnext\n")), [&line[..length.min(100)], "next"], "{length}");
        }
    }

    #[test]
    fn a_record_is_complete_with_its_break_and_a_line_that_was_read_is_waiting() {
        let states = |text: &'static str| {
            let mut records = Records::new(Box::new(text.as_bytes()), Some(b','), LIMITS);
            [(); 3].map(|()| (records.advance().unwrap(), records.is_complete(), records.has_waiting()))
        };
        assert_eq!(states("a\nb\nc"), [(true, true, true), (true, true, false), (true, false, false)]);
        // The second line was read to see where the quote is closed.
        assert_eq!(states("\"a\nb"), [(true, true, true), (true, false, false), (false, false, false)]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_line_only() {
        assert_eq!(records("\"a,b\nc,d\ne"), ["\"a,b", "c,d", "e"]);
        assert_eq!(records("\"a,b\n\"c\",d\n\"e\nf\",g\n"), ["\"a,b", "\"c\",d", "\"e\nf\",g"]);
        let far = format!("\"a,b\n{}c\",d\n", "x,y\n".repeat(20));
        assert_eq!(records(&far).len(), 22);
    }
}
