//! Rows from a file, a folder or stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::columns::{self, Columns, Pair};
use super::csv::Fields;
use super::detect::{self, Beginning, Utf16};
use super::lines::{Limits, Records};
use super::{Row, folder};

pub use super::columns::Names;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated: `left,right` and optionally `label`, `left_digit`, `right_digit`, named in a header line.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// One JSON object a line, with the same names.
    Jsonl,
}

impl Format {
    /// The format that a file's name says.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            _ => None,
        }
    }

    pub(super) fn separator(self) -> Option<u8> {
        match self {
            Self::Csv => Some(b','),
            Self::Tsv => Some(b'\t'),
            Self::Jsonl => None,
        }
    }
}

/// A path has at most some 4 KiB, twice that if all of it is quotes.
const LIMITS: Limits = Limits { line: 64 << 10, record: 16 << 10 };

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The system could not read it.
    #[error("{}: cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// It is no list of pairs, or does not say where the pairs are.
    #[error("{}: {}", .0.display(), .1)]
    NotAList(PathBuf, String),
}

/// How a list is written, as far as the user says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFormat {
    /// The format; `None` takes that of the file's name, else CSV.
    pub format: Option<Format>,
    /// What separates fields of CSV; `None` takes the format's own, or the one that splits the first line.
    pub delimiter: Option<u8>,
    /// Names of columns.
    pub names: Names,
}

/// Rows, a few at a time.
///
/// ```
/// use infer::batch::source::{Format, Source};
///
/// let text = "left,right,label\na.png,b.png,1\n\"c, d.png\",e.png,0\n";
/// let mut source = Source::lines(Box::new(text.as_bytes()), Format::Csv);
/// let rows = source.next(10)?.rows;
/// assert_eq!(rows.len(), 2);
/// assert_eq!(rows[1].pictures[0].to_str(), Some("c, d.png"));
/// assert_eq!(rows[0].truth.map(|truth| truth.leq), Some(true));
/// # Ok::<(), infer::batch::source::SourceError>(())
/// ```
pub struct Source {
    rows: Rows,
    name: PathBuf,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
}

enum Rows {
    Lines(Box<Lines>),
    Folder(std::vec::IntoIter<Row>),
}

/// Some rows and how far into the input they reach.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The rows.
    pub rows: Vec<Row>,
    /// Bytes read so far, rows of a folder read so far.
    pub position: u64,
}

impl Source {
    /// Opens a file, a folder, or stdin by the name `-`. A file's beginning is looked at already.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn open(path: &Path, form: &ListFormat) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::Unreadable(path.to_owned(), error);
        let own = form.format.or_else(|| Format::of(path)).unwrap_or(Format::Csv);
        if path == Path::new("-") {
            return Ok(Self::over(Box::new(io::stdin()), form.format.unwrap_or(Format::Csv), form));
        }
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            let rows = folder::rows(path).map_err(unreadable)?;
            let total = Some(rows.len() as u64);
            return Ok(Self { rows: Rows::Folder(rows.into_iter()), name: path.to_owned(), total });
        }
        let file = File::open(path).map_err(unreadable)?;
        let total = metadata.is_file().then_some(metadata.len());
        let mut source = Self { total, name: path.to_owned(), ..Self::over(Box::new(file), own, form) };
        if let (Rows::Lines(lines), true) = (&mut source.rows, metadata.is_file()) {
            lines.read_header(path)?;
        }
        Ok(source)
    }

    /// Rows from anything that can be read.
    pub fn lines(reader: Box<dyn Read + Send>, format: Format) -> Self {
        Self::over(reader, format, &ListFormat::default())
    }

    fn over(reader: Box<dyn Read + Send>, format: Format, form: &ListFormat) -> Self {
        let separator = format.separator().map(|own| form.delimiter.unwrap_or(own));
        let lines = Lines {
            records: Records::new(reader, separator, LIMITS),
            fields: separator.map(Fields::new),
            separator: form.delimiter.is_none().then_some(separator).flatten(),
            names: form.names.clone(),
            columns: None,
            number: 0,
            has_begun: false,
            first: None,
        };
        Self { rows: Rows::Lines(Box::new(lines)), name: "stdin".into(), total: None }
    }

    /// At most `most` rows; none at the end. Fewer come when more are not there yet, so that what is piped in slowly is
    /// answered at once.
    ///
    /// # Errors
    /// [`SourceError`], when nothing more can be read at all. A bad row is a row.
    pub fn next(&mut self, most: usize) -> Result<Chunk, SourceError> {
        match &mut self.rows {
            Rows::Lines(lines) => lines.next(most, &self.name),
            Rows::Folder(rows) => {
                let rows: Vec<Row> = rows.by_ref().take(most).collect();
                let position = rows.last().map_or(0, |row| row.number);
                Ok(Chunk { rows, position })
            }
        }
    }
}

struct Lines {
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
}

impl Lines {
    fn next(&mut self, most: usize, name: &Path) -> Result<Chunk, SourceError> {
        self.begin(name)?;
        let mut rows: Vec<Row> = self.first.take().into_iter().collect();
        while rows.len() < most {
            if !rows.is_empty() && !self.records.has_waiting() {
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
    fn read_header(&mut self, name: &Path) -> Result<(), SourceError> {
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

    /// The record as a row; `None` for an empty line and for the header.
    ///
    /// # Errors
    /// What is wrong with the header.
    fn row(&mut self) -> Result<Option<Row>, String> {
        let record = self.records.record();
        if record.trim_ascii().is_empty() {
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
        let too_long = record.len() as u64 >= LIMITS.line;
        let Pair { pictures, truth, fault } =
            if too_long { Pair::faulty("the line is longer than 64 KiB") } else { pair };
        let fault = fault.map(|fault| format!("no pair: {fault}"));
        Ok(Some(Row { number: self.number, pictures, truth, fault }))
    }
}

#[cfg(test)]
mod tests;
