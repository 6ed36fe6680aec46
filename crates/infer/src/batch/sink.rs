//! Where answers go: stdout as they come, or a file that appears when it is complete.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::{Limits, Records};
use super::record::{Record, RecordReader, head, write};
use super::source::Format;

/// The name of a file while it is being written: beside its final place, so that a rename suffices.
pub fn partial(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

/// What must not change for an interrupted run to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of the model.
    pub model_sha256: String,
    /// The engine's name.
    pub engine: String,
    /// The format's name.
    pub format: String,
}

/// Why an interrupted run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The system could not read or write what is there.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// Another model, engine or format.
    #[error("{}: was begun with another {}; run without --resume to begin anew", .0.display(), .1)]
    Other(PathBuf, &'static str),
    /// Other rows.
    #[error("{}: row {} was another pair when it was begun; run without --resume to begin anew", .0.display(), .1)]
    OtherRow(PathBuf, u64),
}

/// An open output.
pub struct Sink {
    format: Format,
    to: Box<dyn Write>,
    lines: Vec<u8>,
    /// The file that is being written, and its final name.
    file: Option<(File, PathBuf)>,
}

impl Sink {
    /// Writes to stdout.
    ///
    /// # Errors
    /// When the header cannot be written.
    pub fn stdout(format: Format) -> io::Result<Self> {
        Self { format, to: Box::new(io::stdout()), lines: Vec::new(), file: None }.begun()
    }

    /// Writes to a file, which is there when all is done; what is no ordinary file is written to as it is.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn file(path: &Path, format: Format, identity: &Identity) -> io::Result<Self> {
        if files::is_special(path) {
            let file = File::options().write(true).open(path)?;
            return Self { format, to: Box::new(file), lines: Vec::new(), file: None }.begun();
        }
        let part = partial(path);
        let text = serde_json::to_vec(identity)?;
        files::write(&identity_file(path), &text).map_err(|error| error.source)?;
        Self::over(File::create(&part)?, path, format)?.begun()
    }

    /// Goes on with what an interrupted run left; nothing left is nothing done.
    ///
    /// `each` gets every record that is there, in order, and says whether it still fits its row. A torn last line is cut.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn resume(
        path: &Path,
        format: Format,
        identity: &Identity,
        mut each: impl FnMut(Record) -> bool,
    ) -> Result<Self, ResumeError> {
        let part = partial(path);
        let fault = |error| ResumeError::Io(part.clone(), error);
        if files::is_special(path) || !part.is_file() {
            return Self::file(path, format, identity).map_err(fault);
        }
        compare(&part, identity, &std::fs::read(identity_file(path)).map_err(fault)?)?;
        let mut file = File::options().read(true).write(true).open(&part).map_err(fault)?;
        let mut whole = 0;
        let limits = Limits { line: u64::MAX, record: usize::MAX };
        let mut records = Records::new(Box::new(file.try_clone().map_err(fault)?), format.separator(), limits);
        let mut reader = RecordReader::new(format);
        let header = head(format);
        while records.advance().map_err(fault)? {
            let is_header = whole == 0 && records.is_complete() && header.strip_suffix(b"\n") == Some(records.record());
            match reader.read(records.record()).filter(|_| records.is_complete()) {
                Some(record) => {
                    let row = record.row;
                    if !each(record) {
                        return Err(ResumeError::OtherRow(part, row));
                    }
                }
                None if is_header => {}
                // Torn, or never written: it and what follows is done again.
                None => break,
            }
            whole = records.position();
        }
        file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0))).map_err(fault)?;
        let sink = Self::over(file, path, format).map_err(fault)?;
        if whole == 0 { sink.begun().map_err(fault) } else { Ok(sink) }
    }

    fn over(file: File, path: &Path, format: Format) -> io::Result<Self> {
        let to = Box::new(file.try_clone()?);
        Ok(Self { format, to, lines: Vec::new(), file: Some((file, path.to_owned())) })
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
        self.to.write_all(&self.lines)?;
        self.to.flush()
    }

    /// Gives the file its final name.
    ///
    /// # Errors
    /// What the system said.
    pub fn finish(mut self) -> io::Result<()> {
        self.to.flush()?;
        let Some((file, path)) = self.file else { return Ok(()) };
        file.sync_all()?;
        files::replace(&partial(&path), &path)?;
        std::fs::remove_file(identity_file(&path))
    }
}

fn identity_file(path: &Path) -> PathBuf {
    let mut name = partial(path).into_os_string();
    name.push(".json");
    name.into()
}

fn compare(part: &Path, identity: &Identity, begun: &[u8]) -> Result<(), ResumeError> {
    let begun: Option<Identity> = serde_json::from_slice(begun).ok();
    let differs = |of: fn(&Identity) -> &String| begun.as_ref().is_none_or(|begun| of(begun) != of(identity));
    let what = match () {
        () if differs(|it| &it.model_sha256) => "model",
        () if differs(|it| &it.engine) => "engine",
        () if differs(|it| &it.format) => "output format",
        () => return Ok(()),
    };
    Err(ResumeError::Other(part.to_owned(), what))
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::answer;
    use super::*;

    fn record(number: u64, p_leq: f32) -> Record {
        Record::from(&answer(number, p_leq, None))
    }

    fn identity(model: &str) -> Identity {
        Identity { model_sha256: model.to_owned(), engine: "e".to_owned(), format: "csv".to_owned() }
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mut sink = Sink::file(&path, Format::Csv, &identity("m")).unwrap();
        sink.write(&[record(1, 0.5)]).unwrap();
        assert!(!path.exists());
        sink.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_interrupted_file_goes_on_after_its_last_whole_line() {
        for format in [Format::Csv, Format::Jsonl] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out");
            let mut sink = Sink::file(&path, format, &identity("m")).unwrap();
            sink.write(&[record(1, 0.5), record(2, 0.25)]).unwrap();
            drop(sink);
            let part = partial(&path);
            let length = std::fs::metadata(&part).unwrap().len();
            File::options().write(true).open(&part).unwrap().set_len(length - 3).unwrap();
            let mut rows = Vec::new();
            let resumed = Sink::resume(&path, format, &identity("m"), |record| {
                rows.push(record.row);
                true
            });
            assert_eq!(rows, [1], "{format:?}");
            let mut sink = resumed.unwrap();
            sink.write(&[record(2, 0.25)]).unwrap();
            sink.finish().unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().len(), length, "{format:?}");
        }
    }

    #[test]
    fn another_model_or_other_rows_are_not_mixed_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        drop(Sink::file(&path, Format::Csv, &identity("m")).unwrap());
        let refused = Sink::resume(&path, Format::Csv, &identity("n"), |_| true).err().unwrap();
        assert!(refused.to_string().contains("another model"), "{refused}");
        let mut sink = Sink::file(&path, Format::Csv, &identity("m")).unwrap();
        sink.write(&[record(1, 0.5)]).unwrap();
        let refused = Sink::resume(&path, Format::Csv, &identity("m"), |_| false).err().unwrap();
        assert!(refused.to_string().contains("row 1 was another pair"), "{refused}");
    }
}
