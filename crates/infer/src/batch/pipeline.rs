//! Rows to answers on all cores, in the rows' order.
//!
//! One thread reads rows. Workers, each with an engine of its own, take a chunk of rows, read and prepare its pictures and
//! ask the model once for the whole chunk: so a core that waits for nothing does everything, and inference is batched.
//! The caller's thread puts the chunks back in order. The reader is never more than a few chunks ahead of what has been
//! written, so memory does not depend on the number of rows, nor on one slow chunk.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use digits::Candidate;
use terminal::shown;

use super::source::{Source, SourceError};
use super::{Answer, Row};
use crate::engine::{EngineError, Session};
use crate::picture::{PictureError, Reader};
use crate::reading::{self, ReadPair};

/// Chunks under way for each worker.
const AHEAD: usize = 4;

/// Why a run stopped early.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The rows cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The model cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The answers cannot be written.
    #[error(transparent)]
    Sink(io::Error),
    /// A row's picture is a file that the run writes.
    #[error("row {0}: {1} is written by this run, so it cannot be a picture of it; name another output")]
    OutputIsPicture(u64, String),
    /// The system gives no more threads.
    #[error("{0} threads cannot be started: {1}; ask for fewer with --threads")]
    Threads(usize, io::Error),
    /// The engine panicked, with this message.
    #[error("the engine stopped unexpectedly ({0}); try the other one with --engine")]
    Fault(String),
}

/// What all workers need to know.
#[derive(Debug)]
pub struct Work {
    /// Rows that are answered at once.
    pub chunk: usize,
    /// Where relative paths count from.
    pub root: PathBuf,
    /// Files that the run writes, which no row may name.
    pub outputs: Vec<files::Identity>,
}

struct Task {
    number: u64,
    rows: Vec<Row>,
    position: u64,
}

type Done = Result<(u64, Vec<Answer>, u64), PipelineError>;

/// Answers all rows of `source`. `write` gets the answers in order, with the source's position after them.
///
/// # Errors
/// [`PipelineError`], after which nothing more is read or written.
pub fn run(
    source: Source,
    engines: Vec<Box<dyn Session>>,
    work: &Work,
    mut write: impl FnMut(Vec<Answer>, u64) -> io::Result<()>,
) -> Result<(), PipelineError> {
    let count = engines.len();
    let ahead = AHEAD * count;
    let (permit, permits) = sync_channel(ahead);
    (0..ahead).for_each(|_| _ = permit.send(()));
    let (task_sender, tasks) = sync_channel(ahead);
    let (tasks, stops) = (Mutex::new(tasks), AtomicBool::new(false));
    let (done_sender, done) = channel();
    let no_thread = |error| PipelineError::Threads(count, error);
    let (to_workers, to_writer, chunk) = (task_sender.clone(), done_sender.clone(), work.chunk);
    // Nobody waits for this thread: it may wait for a terminal or a pipe for ever, when the run has ended long ago.
    let reader = move || {
        read(source, chunk, &permits, &to_workers, &to_writer);
        (0..count).for_each(|_| _ = to_workers.send(None));
    };
    std::thread::Builder::new().spawn(reader).map_err(no_thread)?;
    std::thread::scope(|scope| {
        let mut result = Ok(());
        for engine in engines {
            let (tasks, stops, done) = (&tasks, &stops, done_sender.clone());
            let worker = move || answer(engine, work, tasks, stops, &done);
            result = std::thread::Builder::new().spawn_scoped(scope, worker).map(drop).map_err(no_thread);
            if result.is_err() {
                break;
            }
        }
        drop(done_sender);
        let result = result.and_then(|()| in_order(&done, &permit, &mut write));
        // The reader may wait for a permit, workers for a task: without these ends all of them stop.
        drop((permit, done));
        stops.store(true, Ordering::SeqCst);
        // One for each that waits; where there is no room for it, there is a task, which wakes as well.
        (0..count).for_each(|_| _ = task_sender.try_send(None));
        result
    })
}

type Tasks = SyncSender<Option<Task>>;

fn read(mut source: Source, chunk: usize, permits: &Receiver<()>, tasks: &Tasks, done: &Sender<Done>) {
    for number in 0.. {
        if permits.recv().is_err() {
            return;
        }
        match source.next(chunk) {
            Ok(chunk) if chunk.rows.is_empty() => return,
            Ok(chunk) => {
                if tasks.send(Some(Task { number, rows: chunk.rows, position: chunk.position })).is_err() {
                    return;
                }
            }
            Err(error) => {
                let _ = done.send(Err(error.into()));
                return;
            }
        }
    }
}

fn answer(
    mut engine: Box<dyn Session>,
    work: &Work,
    tasks: &Mutex<Receiver<Option<Task>>>,
    stops: &AtomicBool,
    done: &Sender<Done>,
) {
    let mut desk = Desk { reader: Reader::of_files(work.outputs.clone()), ..Desk::default() };
    loop {
        let task = tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(Some(Task { number, rows, position })) = task else { return };
        if stops.load(Ordering::SeqCst) {
            return;
        }
        // A panic in an engine must end the run with a word, not leave the others waiting for this worker.
        let answers = catch_unwind(AssertUnwindSafe(|| desk.answer(rows, engine.as_mut(), &work.root)));
        let answers = answers.unwrap_or_else(|panic| Err(PipelineError::Fault(message(panic.as_ref()))));
        let answers = answers.map(|answers| (number, answers, position));
        let failed = answers.is_err();
        if done.send(answers).is_err() || failed {
            return;
        }
    }
}

/// What a panic says.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// A worker's memory, kept from chunk to chunk.
#[derive(Default)]
struct Desk {
    reader: Reader,
    pixels: Vec<f32>,
    readings: Vec<ReadPair>,
    /// A picture that the run writes.
    output: Option<String>,
}

impl Desk {
    fn answer(&mut self, rows: Vec<Row>, engine: &mut dyn Session, root: &Path) -> Result<Vec<Answer>, PipelineError> {
        self.pixels.clear();
        self.readings.clear();
        let mut faults = Vec::with_capacity(rows.len());
        for row in &rows {
            faults.push(self.read(row, root).err());
            if let Some(name) = self.output.take() {
                return Err(PipelineError::OutputIsPicture(row.number, name));
            }
        }
        let verdicts = match self.pixels.is_empty() {
            true => Vec::new(),
            false => reading::answers(&self.readings, &engine.infer(&self.pixels)?).map_err(EngineError::from)?,
        };
        let mut verdicts = verdicts.into_iter();
        let answers = rows.into_iter().zip(faults).map(|(row, fault)| {
            let result = match fault {
                Some(fault) => Err(fault),
                None => verdicts
                    .next()
                    .map(|answered| answered.verdict)
                    .ok_or_else(|| "the engine gave no answer".to_owned()),
            };
            Answer { row, result }
        });
        Ok(answers.collect())
    }

    /// Adds a row's pixels, of both pictures or of none.
    fn read(&mut self, row: &Row, root: &Path) -> Result<(), String> {
        if let Some(fault) = &row.fault {
            return Err(fault.clone());
        }
        let [left, right] = &row.pictures;
        let (left, right) = (self.digit(left, root), self.digit(right, root));
        match (left, right) {
            (Ok(left), Ok(right)) => {
                let pair = [left, right];
                reading::push_pixels(&pair, &mut self.pixels);
                self.readings.push(pair);
                Ok(())
            }
            (left, right) => Err([left.err(), right.err()].into_iter().flatten().collect::<Vec<_>>().join("; ")),
        }
    }

    fn digit(&mut self, path: &Path, root: &Path) -> Result<Vec<Candidate>, String> {
        let mut read = self.reader.read_digit(&root.join(path));
        if let (Err(PictureError::Missing), Some(trimmed)) = (&read, trimmed(path)) {
            read = self.reader.read_digit(&root.join(trimmed));
        }
        read.map_err(|error| {
            if matches!(error, PictureError::Output) {
                self.output = Some(shown(path));
            }
            let looked = match error {
                PictureError::Missing if path.is_relative() && !root.as_os_str().is_empty() => {
                    format!(" in {}", root.display())
                }
                _ => String::new(),
            };
            format!("{}: {error}{looked}", path.display())
        })
    }
}

/// A name without the spaces around it, such as those after a comma.
fn trimmed(path: &Path) -> Option<&Path> {
    let name = path.to_str()?;
    Some(name.trim()).filter(|trimmed| *trimmed != name && !trimmed.is_empty()).map(Path::new)
}

/// Gives chunks to `write` in the order of their numbers.
fn in_order(
    done: &Receiver<Done>,
    permit: &SyncSender<()>,
    write: &mut impl FnMut(Vec<Answer>, u64) -> io::Result<()>,
) -> Result<(), PipelineError> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for result in done {
        let (number, answers, position) = result?;
        early.insert(number, (answers, position));
        while let Some((answers, position)) = early.remove(&next) {
            write(answers, position).map_err(PipelineError::Sink)?;
            next += 1;
            // A reader that has ended needs no permit.
            let _ = permit.try_send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
