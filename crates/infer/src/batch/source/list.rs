//! Rows of a list: lines of CSV, TSV or JSON.

use std::io::Read;
use std::path::Path;

use super::{Chunk, Format, ListFormat, Names, Shard, SourceError};
use crate::batch::columns::{self, Columns, Pair};
use crate::batch::csv::Fields;
use crate::batch::detect::{self, Beginning, Utf16};
use crate::batch::lines::{Limits, Records};
use crate::batch::{Row, dealing};

/// A path has at most some 4 KiB, twice that if all of it is quotes.
const LIMITS: Limits = Limits { line: 64 << 10, record: 16 << 10 };

/// A list that is read.
pub(super) struct Lines {
    records: Records,
    fields: Option<Fields>,
    /// The format's own separator, where the user named none.
    separator: Option<u8>,
    names: Names,
    columns: Option<Columns>,
    number: u64,
    has_begun: bool,
    /// The first row of a list without a header, read to see that it has none.
    first: Option<Row>,
    /// Whether more lines may take their time to come, as those of a pipe do.
    pub may_wait: bool,
    /// The shard whose rows are given; `None` for all.
    pub shard: Option<Shard>,
}

impl Lines {
    pub fn new(reader: Box<dyn Read + Send>, format: Format, form: &ListFormat) -> Self {
        let separator = format.separator().map(|own| form.delimiter.unwrap_or(own));
        Self {
            records: Records::new(reader, separator, LIMITS),
            fields: separator.map(Fields::new),
            separator: form.delimiter.is_none().then_some(separator).flatten(),
            names: form.names.clone(),
            columns: None,
            number: 0,
            has_begun: false,
            first: None,
            may_wait: true,
            shard: None,
        }
    }

    /// As [`super::Source::next`], of the list of this name.
    pub fn next(&mut self, most: usize, name: &Path) -> Result<Chunk, SourceError> {
        self.begin(name)?;
        let mut rows: Vec<Row> = self.first.take().filter(|row| self.gives(row.number)).into_iter().collect();
        while rows.len() < most {
            if !rows.is_empty() && self.may_wait && !self.records.has_waiting() {
                break;
            }
            if !self.records.advance().map_err(|error| SourceError::Unreadable(name.to_owned(), error))? {
                break;
            }
            rows.extend(self.row().map_err(|what| SourceError::NotAList(name.to_owned(), what))?);
        }
        Ok(Chunk { rows, position: self.records.position() })
    }

    /// Reads on until the columns are known, so that a list without pairs is refused before anything else is done.
    pub fn read_header(&mut self, name: &Path) -> Result<(), SourceError> {
        self.begin(name)?;
        while self.fields.is_some() && self.columns.is_none() && self.first.is_none() {
            if !self.records.advance().map_err(|error| SourceError::Unreadable(name.to_owned(), error))? {
                break;
            }
            self.first = self.row().map_err(|what| SourceError::NotAList(name.to_owned(), what))?;
        }
        Ok(())
    }

    /// Looks once at the beginning: encoding, separator, and whether this is a list.
    fn begin(&mut self, name: &Path) -> Result<(), SourceError> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        let unreadable = |error| SourceError::Unreadable(name.to_owned(), error);
        let beginning = self.records.beginning().map_err(unreadable)?;
        let beginning = detect::look(beginning, self.fields.is_none());
        if let Beginning::Utf16(endian) = beginning.map_err(|what| SourceError::NotAList(name.to_owned(), what))? {
            self.records.read_through(|reader| Box::new(Utf16::new(reader, endian)));
        }
        if let Some(expected) = self.separator {
            let beginning = self.records.beginning().map_err(unreadable)?;
            let first_line = beginning.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty());
            let separator = detect::separator(first_line.unwrap_or_default(), expected);
            if separator != expected {
                self.records.set_separator(separator);
                self.fields = Some(Fields::new(separator));
            }
        }
        Ok(())
    }

    /// Whether the row of this number is given, or another shard answers it.
    fn gives(&self, number: u64) -> bool {
        self.shard.is_none_or(|shard| dealing::takes(shard, number))
    }

    /// The record as a row; `None` for an empty line, for the header, and for a row of another shard.
    ///
    /// # Errors
    /// What is wrong with the header.
    fn row(&mut self) -> Result<Option<Row>, String> {
        let record = self.records.record();
        if record.trim_ascii().is_empty() {
            return Ok(None);
        }
        let is_behind_header = self.fields.is_none() || self.columns.is_some();
        if is_behind_header && !self.gives(self.number + 1) {
            self.number += 1;
            return Ok(None);
        }
        let pair = match &mut self.fields {
            None => columns::of_json(record, &self.names),
            Some(fields) => match (fields.of(record), &self.columns) {
                (Err(fault), _) => Pair::faulty(fault),
                (Ok(fields), Some(columns)) => columns.pair(fields),
                (Ok(fields), None) => {
                    let (columns, is_header) = Columns::of(fields, &self.names)?;
                    let columns = self.columns.insert(columns);
                    if is_header {
                        return Ok(None);
                    }
                    columns.pair(fields)
                }
            },
        };
        self.number += 1;
        if !self.gives(self.number) {
            return Ok(None);
        }
        let too_long = record.len() as u64 >= LIMITS.line;
        let Pair { pictures, truth, fault } =
            if too_long { Pair::faulty("the line is longer than 64 KiB") } else { pair };
        let fault = fault.map(|fault| format!("no pair: {fault}"));
        Ok(Some(Row { number: self.number, pictures, truth, fault }))
    }
}
