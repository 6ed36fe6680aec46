//! Rows to answers on all cores, in the rows' order.
//!
//! One thread reads rows, a chunk at a time. Readers, many threads that mostly wait for a disk, read a chunk's pictures into
//! memory. Workers, each with its own engine, decode and prepare a chunk's pictures and ask the model once for the whole chunk:
//! so cores seldom wait for a disk, and inference is batched. The caller's thread puts the chunks back in order. No thread is
//! more than a few chunks ahead of what has been written, and pictures that are read ahead have a budget of memory: when it is
//! used up, workers read their own. So memory depends neither on the number of rows nor on one slow chunk.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use super::source::{Chunk, Source, SourceError};
use super::{Answer, Row};
use crate::engine::{EngineError, Session};
use crate::picture::{AheadReader, ReadAhead};
use desk::Desk;

mod desk;

/// Chunks under way for each worker.
const AHEAD: usize = 4;

/// Rows that readers may be ahead by, besides.
const ROWS_AHEAD: usize = 4096;

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
    #[error("{0} threads cannot be started: {1}; ask for fewer with --threads and --readers")]
    Threads(usize, io::Error),
    /// The engine panicked, with this message.
    #[error("the engine stopped unexpectedly ({0}); try the other one with --engine")]
    Fault(String),
}

/// What all readers and workers need to know.
#[derive(Debug)]
pub struct Work {
    /// Rows that are answered at once.
    pub chunk: usize,
    /// Threads that read pictures before their workers want them; fewer are started where chunks are large. Without any,
    /// workers read them.
    pub readers: usize,
    /// Where relative paths count from.
    pub root: PathBuf,
    /// Files that the run writes, which no row may name.
    pub outputs: Vec<files::Identity>,
}

struct Task {
    number: u64,
    rows: Vec<Row>,
    position: u64,
    /// Both pictures of every row, as far as they were read ahead.
    pictures: ReadAhead,
}

/// Tasks that wait. `None` ends one of those who take them.
type Queue = Mutex<Receiver<Option<Task>>>;

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
    let (workers, readers) = (engines.len(), work.readers.min(ROWS_AHEAD / work.chunk.max(1)));
    // Those who take tasks from the thread of rows.
    let takers = if readers > 0 { readers } else { workers };
    let ahead = AHEAD * workers + readers;
    let (permit, permits) = sync_channel(ahead);
    (0..ahead).for_each(|_| _ = permit.send(()));
    let (task_sender, tasks) = sync_channel(ahead);
    let (read_sender, read_tasks) = channel();
    let (done_sender, done) = channel();
    let (tasks, read_tasks, stops) = (Mutex::new(tasks), Mutex::new(read_tasks), AtomicBool::new(false));
    let no_thread = |error| PipelineError::Threads(workers + readers, error);
    let rows = (task_sender.clone(), done_sender.clone());
    start_rows(source, work.chunk, takers, permits, rows).map_err(no_thread)?;
    std::thread::scope(|scope| {
        let mut started = Ok(());
        for _ in 0..readers {
            let (tasks, stops, read) = (&tasks, &stops, read_sender.clone());
            started = started.and_then(|()| start(scope, move || read_pictures(work, tasks, stops, &read)));
        }
        let queue = if readers > 0 { &read_tasks } else { &tasks };
        for engine in engines {
            let (stops, done) = (&stops, done_sender.clone());
            started = started.and_then(|()| start(scope, move || answer(engine, work, queue, stops, &done)));
        }
        drop((done_sender, read_sender));
        let result = started.map_err(no_thread).and_then(|()| in_order(&done, &permit, &mut write));
        // The thread of rows may wait for a permit, the others for a task: without these ends all of them stop.
        drop((permit, done));
        stops.store(true, Ordering::SeqCst);
        // One for each that waits; where there is no room for it, there is a task, which wakes as well. Once all readers have
        // ended, nobody is left to send to the workers, which ends them.
        (0..takers).for_each(|_| _ = task_sender.try_send(None));
        result
    })
}

/// Starts the thread of rows, which sends tasks, then an end to each of `takers`. Nobody waits for it: it may wait for a terminal
/// or a pipe for ever, when the run has ended long ago.
fn start_rows(
    source: Source,
    chunk: usize,
    takers: usize,
    permits: Receiver<()>,
    (tasks, done): (SyncSender<Option<Task>>, Sender<Done>),
) -> io::Result<()> {
    let rows = move || {
        read_rows(source, chunk, &permits, &tasks, &done);
        (0..takers).for_each(|_| _ = tasks.send(None));
    };
    std::thread::Builder::new().spawn(rows).map(drop)
}

/// Starts a reader or a worker.
fn start<'scope>(scope: &'scope Scope<'scope, '_>, work: impl FnOnce() + Send + 'scope) -> io::Result<()> {
    std::thread::Builder::new().spawn_scoped(scope, work).map(drop)
}

fn read_rows(
    mut source: Source,
    chunk: usize,
    permits: &Receiver<()>,
    tasks: &SyncSender<Option<Task>>,
    done: &Sender<Done>,
) {
    for number in 0.. {
        if permits.recv().is_err() {
            return;
        }
        match source.next(chunk) {
            Ok(chunk) if chunk.rows.is_empty() => return,
            Ok(Chunk { rows, position }) => {
                let task = Task { number, rows, position, pictures: ReadAhead::default() };
                if tasks.send(Some(task)).is_err() {
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

/// The next task, waited for; `None` when there is none any more, or the run stops.
fn next(queue: &Queue, stops: &AtomicBool) -> Option<Task> {
    let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok().flatten();
    task.filter(|_| !stops.load(Ordering::SeqCst))
}

/// Reads the pictures of chunks into memory, as far as they can be read and there is room.
fn read_pictures(work: &Work, tasks: &Queue, stops: &AtomicBool, read: &Sender<Option<Task>>) {
    let reader = AheadReader::new(work.outputs.clone());
    let mut path = PathBuf::new();
    while let Some(mut task) = next(tasks, stops) {
        for row in &task.rows {
            for picture in &row.pictures {
                if row.fault.is_some() {
                    task.pictures.skip();
                    continue;
                }
                path.as_mut_os_string().clear();
                path.extend([&work.root, picture]);
                reader.read(&path, &mut task.pictures);
            }
        }
        if read.send(Some(task)).is_err() {
            return;
        }
    }
}

fn answer(engine: Box<dyn Session>, work: &Work, tasks: &Queue, stops: &AtomicBool, done: &Sender<Done>) {
    let mut desk = Desk::new(engine, work);
    while let Some(Task { number, rows, position, pictures }) = next(tasks, stops) {
        // A panic in an engine must end the run with a word, not leave the others waiting for this worker.
        let answers = catch_unwind(AssertUnwindSafe(|| desk.answer(rows, &pictures)));
        let answers = answers.unwrap_or_else(|panic| Err(PipelineError::Fault(message(panic.as_ref()))));
        // Others may read ahead into its memory from here on.
        drop(pictures);
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
            // A thread of rows that has ended needs no permit.
            let _ = permit.try_send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
