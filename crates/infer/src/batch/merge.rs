//! Merges the outputs of all shards of a list, row by row, in memory that does not grow with the number of rows.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::dealing::{self, Shard};
use super::lines::{Limits, Records};
use super::record::{Record, RecordReader, head};
use super::source::Format;

/// A record holds the two names of a row, escaped, and an error that can name both again.
const LIMITS: Limits = Limits { line: 4 << 20, record: 4 << 20 };

/// Records that are written at once.
const MOST: usize = 256;

/// Why outputs cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The system could not read an output.
    #[error("{}: cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The answers cannot be written.
    #[error(transparent)]
    Sink(io::Error),
    /// There is not one output for each shard.
    #[error("{files} outputs were named for {shards} shards; name the output of every shard, and no other")]
    Count {
        /// Outputs that were named.
        files: usize,
        /// Shards that there are.
        shards: usize,
    },
    /// A file that `infer batch` did not write or did not finish: its path, and the first wrong record, from 1.
    #[error("{}: record {} is no answer of `infer batch`; if --from names its format, run that shard again", .0.display(), .1)]
    NotAnAnswer(PathBuf, u64),
    /// Two outputs of one shard.
    #[error("{} and {} are both of shard {}; name one output of each shard", .0.display(), .1.display(), .2)]
    Twice(PathBuf, PathBuf, Shard),
    /// A row of another shard, or rows that are not in order.
    #[error(
        "{}: row {row} does not follow row {before} in shard {shard}; was every output written with --shard I/{}?",
        path.display(),
        shard.of
    )]
    OtherRow {
        /// The output.
        path: PathBuf,
        /// The row that was found.
        row: u64,
        /// The row before it.
        before: u64,
        /// The shard of the rows before it.
        shard: Shard,
    },
    /// A row that no output has, although one has a later row.
    #[error("row {row} is missing; run shard {shard} again")]
    Missing {
        /// The row.
        row: u64,
        /// The shard that answers it.
        shard: Shard,
    },
}

/// What was merged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// All rows.
    pub rows: u64,
    /// Rows without an answer.
    pub failed: u64,
}

/// Gives `write` the records of all outputs in the order of their rows. `outputs` holds one output for each shard, in any order;
/// that of a shard without rows holds only the header, if the format has one. Rows that are missing behind the last one of all
/// outputs are not noticed.
///
/// # Errors
/// [`MergeError`]; then what was written is incomplete.
pub fn merge(
    outputs: &[PathBuf],
    format: Format,
    shards: usize,
    mut write: impl FnMut(&[Record]) -> io::Result<()>,
) -> Result<Merged, MergeError> {
    let mut parts = by_shard(outputs, format, shards)?;
    let mut merged = Merged::default();
    let mut records = Vec::with_capacity(MOST);
    loop {
        let shard = dealing::owner(merged.rows + 1, shards);
        let part = parts[shard.number - 1].as_mut().filter(|part| part.row() == Some(merged.rows + 1));
        let Some(part) = part else { break };
        let record = part.take()?;
        merged.rows += 1;
        merged.failed += u64::from(record.as_ref().is_some_and(|record| record.error.is_some()));
        records.extend(record);
        if records.len() == MOST {
            write(&records).map_err(MergeError::Sink)?;
            records.clear();
        }
    }
    if parts.iter().flatten().any(|part| part.row().is_some()) {
        let row = merged.rows + 1;
        return Err(MergeError::Missing { row, shard: dealing::owner(row, shards) });
    }
    write(&records).map_err(MergeError::Sink)?;
    Ok(merged)
}

/// All outputs that hold rows, each at the index of its shard.
fn by_shard(outputs: &[PathBuf], format: Format, shards: usize) -> Result<Vec<Option<Part>>, MergeError> {
    if outputs.len() != shards || shards == 0 {
        return Err(MergeError::Count { files: outputs.len(), shards });
    }
    let mut parts: Vec<Option<Part>> = (0..shards).map(|_| None).collect();
    for path in outputs {
        let part = Part::open(path, format, shards)?;
        let Some(row) = part.row() else { continue };
        let shard = dealing::owner(row, shards);
        match &mut parts[shard.number - 1] {
            Some(other) => return Err(MergeError::Twice(other.path.clone(), part.path, shard)),
            place => *place = Some(part),
        }
    }
    Ok(parts)
}

/// The output of one shard.
struct Part {
    path: PathBuf,
    records: Records,
    reader: RecordReader,
    shards: usize,
    /// Records that were read, the header included.
    count: u64,
    next: Option<Record>,
}

impl Part {
    /// Opens an output and reads its header and its first record.
    fn open(path: &Path, format: Format, shards: usize) -> Result<Self, MergeError> {
        let file = File::open(path).map_err(|error| MergeError::Unreadable(path.to_owned(), error))?;
        let records = Records::new(Box::new(file), format.separator(), LIMITS);
        let reader = RecordReader::new(format);
        let mut part = Self { path: path.to_owned(), records, reader, shards, count: 0, next: None };
        let head = head(format);
        if let Some(head) = head.strip_suffix(b"\n")
            && (!part.advance()? || part.records.record() != head)
        {
            return Err(part.no_answer());
        }
        part.next = part.read()?;
        Ok(part)
    }

    /// The number of the next record's row; `None` at the end.
    fn row(&self) -> Option<u64> {
        self.next.as_ref().map(|record| record.row)
    }

    /// The next record, after reading the one that follows it.
    fn take(&mut self) -> Result<Option<Record>, MergeError> {
        let behind = self.read()?;
        if let (Some(before), Some(row)) = (self.row(), behind.as_ref().map(|record| record.row)) {
            let shard = dealing::owner(before, self.shards);
            if row <= before || !dealing::takes(shard, row) {
                return Err(MergeError::OtherRow { path: self.path.clone(), row, before, shard });
            }
        }
        Ok(std::mem::replace(&mut self.next, behind))
    }

    fn read(&mut self) -> Result<Option<Record>, MergeError> {
        if !self.advance()? {
            return Ok(None);
        }
        let record = self.reader.read(self.records.record()).filter(|_| self.records.is_complete());
        record.map(Some).ok_or_else(|| self.no_answer())
    }

    fn advance(&mut self) -> Result<bool, MergeError> {
        let is_there = self.records.advance().map_err(|error| MergeError::Unreadable(self.path.clone(), error))?;
        self.count += u64::from(is_there);
        Ok(is_there)
    }

    fn no_answer(&self) -> MergeError {
        MergeError::NotAnAnswer(self.path.clone(), self.count.max(1))
    }
}

#[cfg(test)]
mod tests;
