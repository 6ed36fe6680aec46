//! The journal of a study: one line per finished trial.
//!
//! Several processes may append to one journal. Each line is written in one piece while the file is locked, and a torn
//! tail left by a killed process is only removed under the lock. Journals of different machines merge by concatenation.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::trial::Trial;

/// The journal's file name in its study's folder.
pub const FILE: &str = "journal.jsonl";
/// Largest journal that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Every trial in the journal of `folder`, without duplicates, ordered by cell, protocol and seed; the order of lines
/// does not matter. Empty without a journal. A torn last line is skipped with a warning on stderr.
///
/// # Errors
/// If the journal cannot be read, or a complete line is not a trial.
pub fn read(folder: &Path) -> Result<Vec<Trial>> {
    let path = folder.join(FILE);
    let bytes = match files::read(&path, MAX_FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let (whole, torn) = bytes.split_at(whole_lines(&bytes));
    let trials = parse(&path, whole, 0)?;
    if !torn.is_empty() {
        say_torn(&path, line_count(whole));
    }
    let mut unique: BTreeMap<String, Trial> = BTreeMap::new();
    for trial in trials {
        // If a trial finished twice, the same one is kept for any order of lines.
        let kept = unique.entry(trial.id.clone()).or_insert_with(|| trial.clone());
        if tie_break(&trial) < tie_break(kept) {
            *kept = trial;
        }
    }
    let mut trials: Vec<Trial> = unique.into_values().collect();
    trials.sort_by(|a, b| (&a.cell, a.protocol, a.seed, &a.id).cmp(&(&b.cell, b.protocol, b.seed, &b.id)));
    Ok(trials)
}

fn tie_break(trial: &Trial) -> String {
    serde_json::to_string(trial).unwrap_or_default()
}

/// A journal open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of complete lines read so far.
    read: u64,
    /// Lines read so far.
    lines: usize,
    /// What each finished trial records of its data, by the trial's identity.
    known: BTreeMap<String, Option<String>>,
    /// The folder, locked if this process opened the journal first.
    turn: Option<File>,
}

impl Journal {
    /// Opens or creates the journal of `folder`; creates the folder if missing.
    ///
    /// # Errors
    /// If the folder or file cannot be written, or a complete line is not a trial.
    pub fn open(folder: &Path) -> Result<Self> {
        files::make_folders(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = folder.join(FILE);
        check_file(&path)?;
        let options = OpenOptions::new().create(true).read(true).append(true).open(&path);
        let file = options.with_context(|| format!("cannot write {}", path.display()))?;
        let turn = File::open(folder).ok().filter(|folder| folder.try_lock().is_ok());
        files::sync_folder(folder).with_context(|| format!("cannot write {}", folder.display()))?;
        let mut journal = Self { path, file, read: 0, lines: 0, known: BTreeMap::new(), turn };
        journal.locked(Self::cut_torn_tail)?;
        journal.refresh()?;
        Ok(journal)
    }

    /// Whether no other process had the journal open when this one opened it, as far as the file system can tell.
    pub fn came_first(&self) -> bool {
        self.turn.is_some()
    }

    /// Whether the trial `id` is known to have finished.
    pub fn has(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    /// Whether a known trial is of other data than those that record `data`.
    pub fn has_other_data(&self, data: &Option<String>) -> bool {
        self.known.values().any(|known| known != data)
    }

    /// Reads lines appended by other processes.
    ///
    /// # Errors
    /// If the journal cannot be read, or a complete line is not a trial.
    pub fn refresh(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(self.read)).and_then(|_| self.file.read_to_end(&mut bytes));
        read.with_context(|| format!("cannot read {}", self.path.display()))?;
        let whole = &bytes[..whole_lines(&bytes)];
        let trials = parse(&self.path, whole, self.lines)?;
        self.known.extend(trials.into_iter().map(|trial| (trial.id, trial.data)));
        self.lines += line_count(whole);
        self.read += whole.len() as u64;
        Ok(())
    }

    /// Appends a finished trial. The line is on disk when this returns.
    ///
    /// # Errors
    /// If the disk is full or cannot be written.
    pub fn append(&mut self, trial: &Trial) -> Result<()> {
        let mut line = serde_json::to_vec(trial)?;
        line.push(b'\n');
        self.locked(|journal| {
            journal.cut_torn_tail()?;
            journal.file.write_all(&line)?;
            journal.file.sync_data()
        })?;
        self.known.insert(trial.id.clone(), trial.data.clone());
        Ok(())
    }

    fn locked(&mut self, work: impl FnOnce(&mut Self) -> std::io::Result<()>) -> Result<()> {
        let context = |path: &Path| {
            format!(
                "cannot write {}; a file system without locks needs --out elsewhere, one folder a process",
                path.display()
            )
        };
        self.file.lock().with_context(|| context(&self.path))?;
        let done = work(self);
        let unlocked = self.file.unlock();
        done.and(unlocked).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Removes the incomplete last line of a killed process. Needs the lock, because another process may be writing a
    /// line.
    fn cut_torn_tail(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.read))?;
        self.file.read_to_end(&mut bytes)?;
        let whole = whole_lines(&bytes);
        if whole == bytes.len() {
            return Ok(());
        }
        say_torn(&self.path, self.lines + line_count(&bytes[..whole]));
        self.file.set_len(self.read + whole as u64)?;
        self.file.sync_data()
    }
}

/// Refuses what stands in a journal's place and is no file, before it is opened, and a file that is too large.
fn check_file(path: &Path) -> Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    if let Some(what) = files::special_kind(metadata.file_type()) {
        bail!("{} is a {what}, not a journal; remove it, or name another --out", path.display());
    }
    if metadata.len() > MAX_FILE_BYTES {
        bail!("{} has {} bytes, more than a journal may have; name another --out", path.display(), metadata.len());
    }
    Ok(())
}

/// Length of the complete lines. A last line with zero bytes is not complete: after a loss of power, blocks that never
/// reached the disk read as zeros.
fn whole_lines(bytes: &[u8]) -> usize {
    let after_newline = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let whole = after_newline(bytes);
    let last = after_newline(&bytes[..whole.saturating_sub(1)]);
    if bytes[last..whole].contains(&0) { last } else { whole }
}

fn line_count(lines: &[u8]) -> usize {
    lines.iter().filter(|&&byte| byte == b'\n').count()
}

/// Says on stderr that the line after `whole` complete ones is torn.
fn say_torn(path: &Path, whole: usize) {
    // Whoever does not read stderr loses nothing else.
    let _ = writeln!(
        std::io::stderr().lock(),
        "{} line {}: torn by a killed run; ignored, its trial will run again",
        terminal::shown(path),
        whole + 1
    );
}

/// Parses complete lines; the first has number `before + 1`.
fn parse(path: &Path, lines: &[u8], before: usize) -> Result<Vec<Trial>> {
    let lines = lines.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let trial = |(number, line): (usize, &[u8])| {
        let trial = serde_json::from_slice(line).map_err(anyhow::Error::from);
        trial.and_then(|trial: Trial| trial.check().map(|()| trial)).with_context(|| {
            let line = before + number + 1;
            format!("{} line {line} is not a trial; remove that line to run its trial again", path.display())
        })
    };
    lines.map(trial).collect()
}
