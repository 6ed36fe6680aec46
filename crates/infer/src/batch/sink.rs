//! Where answers go: stdout as they come, or a file that appears when it is complete.

use std::fs::File;
use std::io::{self, IsTerminal, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use files::Lock;

mod partial_file;

pub use partial_file::{Earlier, Identity, partial};
use partial_file::{compare, create_new, drop_unfinished, identity_file, open_unfinished, write_identity};

use super::lines::{Limits, Records};
use super::record::{Record, RecordReader, head, write};
use super::source::Format;
use crate::escape::{harmless_json, harmless_lines};

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
    /// Another model, engine or format.
    #[error("{}: was begun with another {}; begin anew with --overwrite", .0.display(), .1)]
    Other(PathBuf, &'static str),
    /// Other rows.
    #[error("{}: row {} was another pair when it was begun; begin anew with --overwrite", .0.display(), .1)]
    OtherRow(PathBuf, u64),
}

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
        compare(&part, identity, &std::fs::read(identity_file(path)).map_err(fault)?)?;
        let mut file = file;
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
        let mut sink = Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap();
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
            let mut sink = Sink::file(&path, format, &identity("m"), Earlier::Keep).unwrap();
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
        drop(Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap());
        let refused = Sink::resume(&path, Format::Csv, &identity("n"), |_| true).err().unwrap();
        assert!(refused.to_string().contains("another model"), "{refused}");
        let mut sink = Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap();
        sink.write(&[record(1, 0.5)]).unwrap();
        drop(sink);
        let refused = Sink::resume(&path, Format::Csv, &identity("m"), |_| false).err().unwrap();
        assert!(refused.to_string().contains("row 1 was another pair"), "{refused}");
    }

    fn file(path: &Path, earlier: Earlier) -> Result<Sink, SinkError> {
        Sink::file(path, Format::Csv, &identity("m"), earlier)
    }

    #[test]
    fn rows_of_an_unfinished_run_are_dropped_only_when_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        file(&path, Earlier::Keep).unwrap().write(&[record(1, 0.5)]).unwrap();
        let before = std::fs::read(partial(&path)).unwrap();
        let refused = file(&path, Earlier::Keep).err().unwrap();
        assert!(matches!(refused, SinkError::Unfinished(_)), "{refused}");
        assert_eq!(std::fs::read(partial(&path)).unwrap(), before);
        file(&path, Earlier::Overwrite).unwrap();
        // A header alone is nothing to lose.
        file(&path, Earlier::Keep).unwrap().finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), head(Format::Csv));
    }

    #[test]
    fn a_second_run_into_the_same_file_is_refused_while_the_first_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mut first = file(&path, Earlier::Keep).unwrap();
        first.write(&[record(1, 0.5)]).unwrap();
        for earlier in [Earlier::Keep, Earlier::Overwrite] {
            assert!(matches!(file(&path, earlier), Err(SinkError::Busy(_))));
        }
        let resumed = Sink::resume(&path, Format::Csv, &identity("m"), |_| true);
        assert!(matches!(resumed, Err(SinkError::Busy(_))));
        first.finish().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_modes_kept_and_no_partial_file_is_opened_through_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [link, target, victim] = ["link.csv", "target.csv", "victim"].map(|name| folder.path().join(name));
        std::fs::write(&target, "old").unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).unwrap();
        symlink("target.csv", &link).unwrap();
        file(&link, Earlier::Keep).unwrap().finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), head(Format::Csv));
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);

        std::fs::write(&victim, "precious").unwrap();
        symlink("victim", partial(&target)).unwrap();
        symlink("victim", identity_file(&target)).unwrap();
        assert!(file(&target, Earlier::Keep).is_err());
        assert!(Sink::resume(&target, Format::Csv, &identity("m"), |_| true).is_err());
        file(&target, Earlier::Overwrite).unwrap().finish().unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }
}
