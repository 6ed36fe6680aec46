//! Where answers go: stdout as they come, or a file that appears when it is complete.

use std::fs::File;
use std::io::{self, IsTerminal, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use files::Lock;
use terminal::{harmless_json, harmless_lines};

mod partial_file;

pub use partial_file::{Earlier, Identity, identity_file, is_begun, partial};
use partial_file::{compare, create_new, drop_unfinished, open_unfinished, refuse_foreign, write_identity};

use super::lines::{Limits, Records};
use super::record::{Record, RecordReader, head, write};
use super::source::Format;

/// Why an output cannot be begun or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The system could not read or write what is there.
    #[error("{}: cannot be written: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// The rows of an earlier run would be lost.
    #[error(
        "{}: an earlier run of this output is unfinished; continue it with --resume, or drop its rows with --overwrite",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// Another process is at it.
    #[error("{}: another process is writing this output", .0.display())]
    Busy(PathBuf),
    /// Another model, engine, format or shard.
    #[error("{}: was begun with another {}; start over with --overwrite", .0.display(), .1)]
    Other(PathBuf, &'static str),
    /// Other rows, or other labels.
    #[error(
        "{}: row {} was another pair or had another label when it was begun; start over with --overwrite",
        .0.display(),
        .1
    )]
    OtherRow(PathBuf, u64),
}

/// Longest record that is read back, in bytes. A row of the longest names, escaped and told twice, has less than one MiB.
const LONGEST_RECORD: usize = 4 << 20;

/// An open output.
pub struct Sink {
    format: Format,
    to: Box<dyn Write>,
    lines: Vec<u8>,
    /// The file that is being written, its final name, and the lock.
    file: Option<(File, PathBuf, Lock)>,
    /// Whether a terminal shows the lines.
    is_shown: bool,
}

impl Sink {
    /// Writes to stdout.
    ///
    /// # Errors
    /// When the header cannot be written.
    pub fn stdout(format: Format) -> io::Result<Self> {
        let is_shown = io::stdout().is_terminal();
        Self { format, to: Box::new(io::stdout()), lines: Vec::new(), file: None, is_shown }.begun()
    }

    /// Writes to a file, which is there when all is done; what is no ordinary file is written to as it is.
    ///
    /// # Errors
    /// [`SinkError`]; a partial file that `earlier` keeps is untouched.
    pub fn file(path: &Path, format: Format, identity: &Identity, earlier: Earlier) -> Result<Self, SinkError> {
        let fault = |error| SinkError::Io(path.to_owned(), error);
        if files::is_special(path) {
            let file = files::open_special(path).map_err(fault)?;
            return Self { format, to: Box::new(file), lines: Vec::new(), file: None, is_shown: false }
                .begun()
                .map_err(fault);
        }
        let part = partial(path);
        refuse_foreign(&identity_file(path))?;
        drop_unfinished(&part, path, format, earlier)?;
        let file = create_new(&part, path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => SinkError::Busy(path.to_owned()),
            _ => fault(error),
        })?;
        let sink = Self::over(file, path, format)?;
        write_identity(path, identity).map_err(fault)?;
        sink.begun().map_err(fault)
    }

    /// Goes on with what an interrupted run left; nothing left is nothing done.
    ///
    /// `each` gets every record that is there, in order, and says whether it still fits its row. A torn last line is cut.
    ///
    /// # Errors
    /// [`SinkError`].
    pub fn resume(
        path: &Path,
        format: Format,
        identity: &Identity,
        mut each: impl FnMut(Record) -> bool,
    ) -> Result<Self, SinkError> {
        let part = partial(path);
        let fault = |error| SinkError::Io(part.clone(), error);
        if files::is_special(path) || !part.is_file() {
            return Self::file(path, format, identity, Earlier::Keep);
        }
        let file = open_unfinished(&part, path)?;
        let mut sink = Self::over(file.try_clone().map_err(fault)?, path, format)?;
        compare(&part, path, identity)?;
        let mut file = file;
        let mut whole = 0;
        let limits = Limits { line: LONGEST_RECORD as u64, record: LONGEST_RECORD };
        let mut records = Records::new(Box::new(file.try_clone().map_err(fault)?), format.separator(), limits);
        let mut reader = RecordReader::new(format);
        let header = head(format);
        while records.advance().map_err(fault)? {
            let is_header = whole == 0 && records.is_complete() && header.strip_suffix(b"\n") == Some(records.record());
            match reader.read(records.record()).filter(|_| records.is_complete()) {
                Some(record) => {
                    let row = record.row;
                    if !each(record) {
                        return Err(SinkError::OtherRow(part, row));
                    }
                }
                None if is_header => {}
                // Torn, or never written: it and what follows is done again.
                None => break,
            }
            whole = records.position();
        }
        file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0))).map_err(fault)?;
        sink.to = Box::new(file);
        if whole == 0 { sink.begun().map_err(fault) } else { Ok(sink) }
    }

    fn over(file: File, path: &Path, format: Format) -> Result<Self, SinkError> {
        let fault = |error| SinkError::Io(path.to_owned(), error);
        let lock = Lock::file(&file).map_err(fault)?.ok_or_else(|| SinkError::Busy(path.to_owned()))?;
        let to = Box::new(file.try_clone().map_err(fault)?);
        Ok(Self { format, to, lines: Vec::new(), file: Some((file, path.to_owned(), lock)), is_shown: false })
    }

    fn begun(mut self) -> io::Result<Self> {
        self.to.write_all(&head(self.format))?;
        self.to.flush()?;
        Ok(self)
    }

    /// Writes records, all of them or an error: a killed process loses no more than what it was at.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&mut self, records: &[Record]) -> io::Result<()> {
        self.lines.clear();
        write(records, self.format, &mut self.lines)?;
        if self.is_shown {
            let text = String::from_utf8_lossy(&self.lines);
            let harmless = if self.format == Format::Jsonl { harmless_json(&text) } else { harmless_lines(&text) };
            self.lines = harmless.into_bytes();
        }
        self.to.write_all(&self.lines)?;
        self.to.flush()
    }

    /// Gives the file its final name.
    ///
    /// # Errors
    /// What the system said.
    pub fn finish(mut self) -> io::Result<()> {
        self.to.flush()?;
        let Some((file, path, _lock)) = self.file else { return Ok(()) };
        file.sync_all()?;
        files::replace(&partial(&path), &files::target(&path)?)?;
        std::fs::remove_file(identity_file(&path))
    }

    /// Drops all that was written into a file; what was at its place stays.
    ///
    /// # Errors
    /// What the system said.
    pub fn discard(self) -> io::Result<()> {
        let Some((_, path, _lock)) = self.file else { return Ok(()) };
        std::fs::remove_file(partial(&path))?;
        std::fs::remove_file(identity_file(&path))
    }
}

#[cfg(test)]
mod tests;
