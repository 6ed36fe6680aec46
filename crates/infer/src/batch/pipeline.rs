//! Rows to answers on all cores, in the rows' order.
//!
//! One thread reads rows. Workers, each with an engine of its own, take a chunk of rows, read and prepare its pictures and
//! ask the model once for the whole chunk: so a core that waits for nothing does everything, and inference is batched.
//! The caller's thread puts the chunks back in order. The reader is never more than a few chunks ahead of what has been
//! written, so memory does not depend on the number of rows, nor on one slow chunk.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use digits::Candidate;

use super::source::{Source, SourceError};
use super::{Answer, Row};
use crate::engine::{EngineError, Session};
use crate::escape::harmless;
use crate::picture::Reader;
use crate::reading::{self, PairReadings};

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
    /// The engine panicked.
    #[error("the engine broke off without a reason; try the other one with --engine")]
    Fault,
}

/// What all workers need to know.
#[derive(Debug)]
pub struct Work {
    /// Rows that are answered at once.
    pub chunk: usize,
    /// Where relative paths count from.
    pub root: PathBuf,
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
    source: &mut Source,
    engines: Vec<Box<dyn Session>>,
    work: &Work,
    mut write: impl FnMut(Vec<Answer>, u64) -> io::Result<()>,
) -> Result<(), PipelineError> {
    let ahead = AHEAD * engines.len();
    let (permit, permits) = sync_channel(ahead);
    (0..ahead).for_each(|_| _ = permit.send(()));
    let (task_sender, tasks) = sync_channel(ahead);
    let tasks = Mutex::new(tasks);
    let (done_sender, done) = channel();
    std::thread::scope(|scope| {
        let to_reader = done_sender.clone();
        scope.spawn(move || read(source, work, &permits, &task_sender, &to_reader));
        for engine in engines {
            let (tasks, done) = (&tasks, done_sender.clone());
            scope.spawn(move || answer(engine, work, tasks, &done));
        }
        drop(done_sender);
        let result = in_order(&done, &permit, &mut write);
        // The reader may wait for a permit, workers for a task: without these ends all of them stop.
        drop((permit, done));
        result
    })
}

fn read(source: &mut Source, work: &Work, permits: &Receiver<()>, tasks: &SyncSender<Task>, done: &Sender<Done>) {
    for number in 0.. {
        if permits.recv().is_err() {
            return;
        }
        match source.next(work.chunk) {
            Ok(chunk) if chunk.rows.is_empty() => return,
            Ok(chunk) => {
                if tasks.send(Task { number, rows: chunk.rows, position: chunk.position }).is_err() {
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

fn answer(mut engine: Box<dyn Session>, work: &Work, tasks: &Mutex<Receiver<Task>>, done: &Sender<Done>) {
    let mut desk = Desk::default();
    loop {
        let task = tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(Task { number, rows, position }) = task else { return };
        // A panic in an engine must end the run with a word, not leave the others waiting for this worker.
        let answers = catch_unwind(AssertUnwindSafe(|| desk.answer(rows, engine.as_mut(), &work.root)));
        let answers = answers.map_err(|_| PipelineError::Fault).and_then(|answers| Ok(answers?));
        let answers = answers.map(|answers| (number, answers, position));
        let failed = answers.is_err();
        if done.send(answers).is_err() || failed {
            return;
        }
    }
}

/// A worker's memory, kept from chunk to chunk.
#[derive(Default)]
struct Desk {
    reader: Reader,
    pixels: Vec<f32>,
    readings: Vec<PairReadings>,
}

impl Desk {
    fn answer(&mut self, rows: Vec<Row>, engine: &mut dyn Session, root: &Path) -> Result<Vec<Answer>, EngineError> {
        self.pixels.clear();
        self.readings.clear();
        let faults: Vec<Option<String>> = rows.iter().map(|row| self.read(row, root).err()).collect();
        let verdicts = match self.pixels.is_empty() {
            true => Vec::new(),
            false => reading::answers(&self.readings, &engine.infer(&self.pixels)?)?,
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
        let read = self.reader.read_digit(&root.join(path));
        read.map_err(|error| harmless(&format!("{}: {error}", path.display())))
    }
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
