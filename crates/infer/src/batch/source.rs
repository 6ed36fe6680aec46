//! Rows from a file, a folder or stdin.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Row, Truth, csv, folder};

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

/// Longest line that is read, in bytes.
const LONGEST_LINE: u64 = 64 << 10;

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The system could not read it.
    #[error("{}: cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The header names too little.
    #[error(
        "the header line names no column {0:?}; it needs left and right, and may have label, left_digit, right_digit"
    )]
    Header(&'static str),
}

/// Rows, a few at a time.
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
    /// Opens a file, a folder, or stdin by the name `-`; the format is that of `format`, else that of the file's name,
    /// else CSV.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`].
    pub fn open(path: &Path, format: Option<Format>) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::Unreadable(path.to_owned(), error);
        if path == Path::new("-") {
            return Ok(Self::lines(Box::new(io::stdin()), format.unwrap_or(Format::Csv)));
        }
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            let rows = folder::rows(path).map_err(unreadable)?;
            let total = Some(rows.len() as u64);
            return Ok(Self { rows: Rows::Folder(rows.into_iter()), name: path.to_owned(), total });
        }
        let file = File::open(path).map_err(unreadable)?;
        let format = format.or_else(|| Format::of(path)).unwrap_or(Format::Csv);
        let total = metadata.is_file().then_some(metadata.len());
        Ok(Self { total, name: path.to_owned(), ..Self::lines(Box::new(file), format) })
    }

    /// Rows from anything that can be read.
    pub fn lines(reader: Box<dyn Read + Send>, format: Format) -> Self {
        let lines = Lines {
            reader: BufReader::with_capacity(1 << 16, reader),
            format,
            columns: None,
            number: 0,
            position: 0,
            line: Vec::new(),
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
    reader: BufReader<Box<dyn Read + Send>>,
    format: Format,
    columns: Option<Columns>,
    number: u64,
    position: u64,
    line: Vec<u8>,
}

impl Lines {
    fn next(&mut self, most: usize, name: &Path) -> Result<Chunk, SourceError> {
        let mut rows = Vec::with_capacity(most);
        while rows.len() < most {
            if !rows.is_empty() && !self.reader.buffer().contains(&b'\n') {
                break;
            }
            if !self.read_line().map_err(|error| SourceError::Unreadable(name.to_owned(), error))? {
                break;
            }
            rows.extend(self.row()?);
        }
        Ok(Chunk { rows, position: self.position })
    }

    /// Reads a line without its break; false at the end. Of a line that is too long the rest is passed over.
    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if read as u64 == LONGEST_LINE && !self.line.ends_with(b"\n") {
            read += self.reader.skip_until(b'\n')?;
        }
        self.position += read as u64;
        while self.line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.pop();
        }
        Ok(read > 0)
    }

    /// The line as a row; `None` for an empty line and for the header.
    fn row(&mut self) -> Result<Option<Row>, SourceError> {
        if self.line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let read = match self.format.separator() {
            None => json_row(&self.line),
            Some(separator) => {
                let line = self.line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| self.number == 0).unwrap_or(&self.line);
                let fields = csv::fields(line, separator);
                let columns = match (&self.columns, &fields) {
                    (Some(columns), _) => columns,
                    (None, Ok(fields)) => {
                        let (columns, is_header) = Columns::of(fields)?;
                        self.columns = Some(columns);
                        if is_header {
                            return Ok(None);
                        }
                        self.columns.as_ref().unwrap_or(&Columns::USUAL)
                    }
                    (None, Err(_)) => &Columns::USUAL,
                };
                fields.map_err(str::to_owned).and_then(|fields| columns.row(&fields))
            }
        };
        self.number += 1;
        let too_long = self.line.len() as u64 >= LONGEST_LINE;
        let read = if too_long { Err("the line is longer than 64 KiB".to_owned()) } else { read };
        Ok(Some(match read {
            Ok((pictures, truth)) => Row { number: self.number, pictures, truth, fault: None },
            Err(fault) => {
                let fault = Some(format!("no pair: {fault}"));
                Row { number: self.number, pictures: Default::default(), truth: None, fault }
            }
        }))
    }
}

type Read3 = Result<([PathBuf; 2], Option<Truth>), String>;

/// Which column holds what.
#[derive(Debug, Clone, PartialEq)]
struct Columns {
    pictures: [usize; 2],
    label: Option<usize>,
    digits: Option<[usize; 2]>,
}

impl Columns {
    const USUAL: Self = Self { pictures: [0, 1], label: Some(2), digits: None };

    /// From the first line, and whether that is a header.
    fn of(first: &[Vec<u8>]) -> Result<(Self, bool), SourceError> {
        let name = |field: &Vec<u8>| String::from_utf8_lossy(field).trim().to_lowercase();
        let names: Vec<String> = first.iter().map(name).collect();
        let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let digits = column(&["left_digit", "first_digit"]).zip(column(&["right_digit", "second_digit"]));
        match (column(&["left", "first"]), column(&["right", "second"])) {
            (Some(left), Some(right)) => {
                let digits = digits.map(|(left, right)| [left, right]);
                Ok((Self { pictures: [left, right], label: column(&["label", "leq"]), digits }, true))
            }
            (Some(_), None) => Err(SourceError::Header("right")),
            (None, Some(_)) => Err(SourceError::Header("left")),
            (None, None) => Ok((Self::USUAL, false)),
        }
    }

    fn row(&self, fields: &[Vec<u8>]) -> Read3 {
        let field = |column: usize| fields.get(column).map_or(&[][..], Vec::as_slice);
        let text = |column: Option<usize>| String::from_utf8_lossy(column.map_or(&[], field)).into_owned();
        let pictures = self.pictures.map(field);
        if pictures.iter().any(|picture| picture.is_empty()) {
            return Err(format!("{} of 2 pictures named", pictures.iter().filter(|name| !name.is_empty()).count()));
        }
        let digits = self.digits.map_or([const { String::new() }; 2], |digits| digits.map(|column| text(Some(column))));
        let truth = Truth::read(&text(self.label), digits.each_ref().map(String::as_str))?;
        Ok((pictures.map(path_of), truth))
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec()).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    OsString::from(String::from_utf8_lossy(bytes).into_owned()).into()
}

#[derive(Deserialize)]
struct JsonRow {
    left: PathBuf,
    right: PathBuf,
    #[serde(default)]
    label: serde_json::Value,
    #[serde(default)]
    left_digit: Option<u8>,
    #[serde(default)]
    right_digit: Option<u8>,
}

fn json_row(line: &[u8]) -> Read3 {
    let row: JsonRow = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let label = match &row.label {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let digits = [row.left_digit, row.right_digit].map(|digit| digit.map_or(String::new(), |digit| digit.to_string()));
    let truth = Truth::read(&label, digits.each_ref().map(String::as_str))?;
    Ok(([row.left, row.right], truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, format: Format) -> Vec<Row> {
        let mut source = Source::lines(Box::new(io::Cursor::new(text.to_owned())), format);
        let mut rows = Vec::new();
        loop {
            let chunk = source.next(3).unwrap();
            if chunk.rows.is_empty() {
                return rows;
            }
            rows.extend(chunk.rows);
        }
    }

    fn row(number: u64, left: &str, right: &str, leq: Option<bool>) -> Row {
        let truth = leq.map(|leq| Truth { leq, digits: None });
        Row { number, pictures: [left.into(), right.into()], truth, fault: None }
    }

    #[test]
    fn rows_come_with_and_without_a_header_and_in_any_order_of_columns() {
        let wanted = [row(1, "a.png", "b.png", Some(true)), row(2, "c, d.png", "e.png", None)];
        assert_eq!(all("a.png,b.png,1\n\"c, d.png\",e.png\n", Format::Csv), wanted);
        assert_eq!(all("\u{feff}label,right,left\r\n1,b.png,a.png\r\n\r\n,e.png,\"c, d.png\"", Format::Csv), wanted);
        assert_eq!(all("left\tright\tlabel\na.png\tb.png\t1\nc, d.png\te.png\n", Format::Tsv), wanted);
        let json =
            "{\"left\":\"a.png\",\"right\":\"b.png\",\"label\":1}\n{\"left\":\"c, d.png\",\"right\":\"e.png\"}\n";
        assert_eq!(all(json, Format::Jsonl), wanted);
    }

    #[test]
    fn true_digits_are_read_from_their_columns() {
        let rows = all("left,right,left_digit,right_digit\na,b,7,2\n", Format::Csv);
        assert_eq!(rows[0].truth, Some(Truth { leq: false, digits: Some([7, 2]) }));
    }

    #[test]
    fn a_bad_row_is_a_row_and_the_rest_goes_on() {
        let long = "x".repeat(100_000);
        let text = format!("a,b\nalone\n\"open,b\n{long},b\na,b,maybe\na,b\n");
        let rows = all(&text, Format::Csv);
        let faults: Vec<&str> = rows.iter().map(|row| row.fault.as_deref().unwrap_or("")).collect();
        assert_eq!(rows.len(), 6);
        assert_eq!((faults[0], faults[5]), ("", ""));
        for (at, part) in [(1, "1 of 2"), (2, "not closed"), (3, "longer than 64 KiB"), (4, "\"maybe\"")] {
            assert!(faults[at].contains(part), "{faults:?}");
        }
        assert!(all("[1]\nnull\n", Format::Jsonl).iter().all(|row| row.fault.is_some()));
    }

    #[test]
    fn a_header_without_a_second_picture_is_refused() {
        let mut source = Source::lines(Box::new(io::Cursor::new("left,label\n")), Format::Csv);
        assert!(matches!(source.next(1), Err(SourceError::Header("right"))));
    }
}
