//! CSV (RFC 4180) and TSV by the crate `csv`, one record at a time: a bad record costs no other.

use std::io::{self, Cursor};

use csv::{ByteRecord, QuoteStyle, ReaderBuilder, Terminator, WriterBuilder};

/// Where a record stands after some of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// A field begins.
    FieldStart,
    /// In a field without quotes.
    Plain,
    /// In a quoted field: the record goes on, in the next line if need be.
    Quoted,
    /// After a quote in a quoted field, which ends the field or is the first of two.
    AfterQuote,
    /// Something other than a separator follows a closing quote.
    Wrong,
}

impl Quotes {
    /// The state after more bytes of the record, its last line break excluded.
    pub fn after(self, bytes: &[u8], separator: u8) -> Self {
        bytes.iter().fold(self, |state, &byte| match (state, byte) {
            (Self::Wrong, _) => Self::Wrong,
            (Self::Quoted, b'"') => Self::AfterQuote,
            (Self::Quoted, _) => Self::Quoted,
            (Self::FieldStart | Self::AfterQuote, b'"') => Self::Quoted,
            (_, byte) if byte == separator => Self::FieldStart,
            (Self::AfterQuote, _) => Self::Wrong,
            _ => Self::Plain,
        })
    }
}

/// Splits records into fields.
pub(super) struct Fields {
    /// It reads one record and then nothing, so that it never waits for the next.
    reader: csv::Reader<Cursor<Vec<u8>>>,
    fields: ByteRecord,
    separator: u8,
}

impl Fields {
    /// A splitter at `separator`.
    pub fn new(separator: u8) -> Self {
        // A record may hold line breaks, but the last byte of what the parser is handed ends it.
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Cursor::default());
        Self { reader, fields: ByteRecord::new(), separator }
    }

    /// The fields of a record, without its last line break.
    ///
    /// # Errors
    /// What is wrong with its quotes.
    pub fn of(&mut self, record: &[u8]) -> Result<&ByteRecord, &'static str> {
        match Quotes::FieldStart.after(record, self.separator) {
            Quotes::Quoted => return Err("a quote is not closed"),
            Quotes::Wrong => return Err("something follows a closing quote"),
            _ => {}
        }
        if record.is_empty() {
            // The parser takes an empty line for none.
            self.fields.clear();
            self.fields.push_field(b"");
            return Ok(&self.fields);
        }
        let one = self.reader.get_mut();
        one.get_mut().clear();
        one.get_mut().extend_from_slice(record);
        one.get_mut().push(b'\n');
        one.set_position(0);
        match self.reader.read_byte_record(&mut self.fields) {
            Ok(true) => Ok(&self.fields),
            Ok(false) | Err(_) => Err("it cannot be read as CSV"),
        }
    }
}

/// Appends records of any fields as lines, quoted where they must be.
///
/// # Errors
/// Never: it writes to memory.
pub(super) fn write<R: IntoIterator<Item = F>, F: AsRef<[u8]>>(
    records: impl IntoIterator<Item = R>,
    separator: u8,
    to: &mut Vec<u8>,
) -> io::Result<()> {
    let mut writer = WriterBuilder::new()
        .delimiter(separator)
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::Any(b'\n'))
        .flexible(true)
        .from_writer(to);
    for record in records {
        writer.write_record(record)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(record: &str) -> Result<Vec<String>, &'static str> {
        let mut splitter = Fields::new(b',');
        let fields = splitter.of(record.as_bytes())?;
        Ok(fields.iter().map(|field| String::from_utf8(field.to_vec()).unwrap()).collect())
    }

    #[test]
    fn fields_are_split_at_separators_outside_quotes() {
        assert_eq!(texts("a,b,c").unwrap(), ["a", "b", "c"]);
        assert_eq!(texts("").unwrap(), [""]);
        assert_eq!(texts(",").unwrap(), ["", ""]);
        assert_eq!(texts(r#""a,b","say ""so""",c"#).unwrap(), ["a,b", "say \"so\"", "c"]);
        assert_eq!(texts("a\"b,c\rd, e ").unwrap(), ["a\"b", "c\rd", " e "]);
        assert_eq!(texts("\"a\r\nb\",c").unwrap(), ["a\r\nb", "c"]);
    }

    #[test]
    fn quotes_that_do_not_fit_are_refused_and_the_next_record_is_read() {
        assert_eq!(texts(r#""a,b"#), Err("a quote is not closed"));
        assert_eq!(texts(r#""a"b,c"#), Err("something follows a closing quote"));
        let mut splitter = Fields::new(b',');
        assert!(splitter.of(b"\"a,b").is_err());
        let long = "x".repeat(20_000);
        for record in ["a,b", "", &format!("{long},\"{long}\""), "c"] {
            assert_eq!(splitter.of(record.as_bytes()).unwrap().len(), 1 + record.matches(',').count());
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for separator in [b',', b'\t'] {
            for field in ["plain", "a,b", "a\tb", "say \"so\"", "", "two\nlines", "\r", "\u{feff}x"] {
                let mut line = Vec::new();
                write([["1", field, "x"]], separator, &mut line).unwrap();
                assert_eq!(line.pop(), Some(b'\n'));
                let mut splitter = Fields::new(separator);
                assert_eq!(splitter.of(&line).unwrap().get(1), Some(field.as_bytes()));
            }
        }
    }
}
