//! Rows from a file, a folder or stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::dealing::{self, Shard};
use super::{Row, folder};
use list::Lines;

pub use super::columns::Names;

mod list;

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
            lines.may_wait = false;
            lines.read_header(path)?;
        }
        Ok(source)
    }

    /// Rows from anything that can be read.
    pub fn lines(reader: Box<dyn Read + Send>, format: Format) -> Self {
        Self::over(reader, format, &ListFormat::default())
    }

    fn over(reader: Box<dyn Read + Send>, format: Format, form: &ListFormat) -> Self {
        let lines = Lines::new(reader, format, form);
        Self { rows: Rows::Lines(Box::new(lines)), name: "stdin".into(), total: None }
    }

    /// Only the rows that `shard` answers, see [`dealing`]. Every row keeps its number in the whole list.
    ///
    /// ```
    /// use infer::batch::source::{Format, Source};
    ///
    /// let text = "a.png,b.png\n".repeat(40);
    /// let source = Source::lines(Box::new(std::io::Cursor::new(text)), Format::Csv);
    /// let rows = source.only("2/2".parse()?).next(100)?.rows;
    /// assert_eq!((rows.len(), rows[0].number), (16, 17));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn only(mut self, shard: Shard) -> Self {
        match &mut self.rows {
            Rows::Lines(lines) => lines.shard = Some(shard),
            Rows::Folder(rows) => {
                let given: Vec<Row> = rows.by_ref().filter(|row| dealing::takes(shard, row.number)).collect();
                *rows = given.into_iter();
            }
        }
        self
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

#[cfg(test)]
mod tests;
