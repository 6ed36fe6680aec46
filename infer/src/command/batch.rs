//! `infer batch`: many pairs, from a file, a folder or stdin, to stdout or a file.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;

use super::ModelChoice;
use super::options::{FormatName, MOST_THREADS};
use super::places;
use super::summary::{Cost, Origin, Summary, report};
use crate::exit::{self, Exit};
use crate::panics;
use crate::terminal::{note, shown};
use infer::batch::dealing::{self, Shard};
use infer::batch::pipeline::{self, PipelineError};
use infer::batch::record::Record;
use infer::batch::sink::{Earlier, Identity, Sink, SinkError};
use infer::batch::source::{Source, SourceError};
use infer::batch::tally::Tally;
use infer::bench::measure::peak_memory_mb;

mod progress;
mod request;

use progress::bar;
use request::{delimiter, say_how_to_go_on};

/// Arguments of `infer batch`.
#[derive(Debug, Args)]
pub struct Batch {
    /// Pairs: a CSV, TSV or JSON lines file, a folder of pairs, or - for stdin
    ///
    /// CSV and TSV rows are left,right[,label]; a header line may name the columns left, right, label, left_digit and
    /// right_digit in any order. Semicolons or tabs instead of commas, and UTF-16, are recognised. A label is 1 where the left
    /// digit is less than or equal to the right one, else 0. JSON lines are objects with the same names. In a folder, a pair is
    /// a subfolder of two pictures, or two files called NAME-left and NAME-right (or -first and -second, -a and -b, -1 and -2).
    #[arg(value_name = "PAIRS")]
    pairs: PathBuf,

    /// Input format [default: from the file's extension, else csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<FormatName>,

    /// What separates the fields of CSV, one character [default: a comma, or what the first line has instead]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<u8>,

    /// Name of the column of left pictures [default: left, and other usual names]
    #[arg(long, value_name = "NAME")]
    left: Option<String>,

    /// Name of the column of right pictures [default: right, and other usual names]
    #[arg(long, value_name = "NAME")]
    right: Option<String>,

    /// Name of the column of labels [default: label]; in JSON lines, every line has it, null where there is no label
    #[arg(long, value_name = "NAME")]
    label: Option<String>,

    /// Output format [default: from the output file's extension, else csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<FormatName>,

    /// Write answers to this file instead of stdout; the file appears when all rows are done; - for stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Resume the output file of an interrupted run over the same pairs
    #[arg(long, requires = "output")]
    resume: bool,

    /// Discard the rows of an interrupted run and start over
    #[arg(long, requires = "output", conflicts_with = "resume")]
    overwrite: bool,

    /// Write accuracy, mistakes and failures to this file, as JSON; - for stdout, if the answers go to a file
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// Folder for relative paths [default: the folder of the input file; for stdin, the current folder]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Answer only shard I of N, to spread the rows over N machines; `infer merge` merges the outputs
    ///
    /// Rows are dealt in blocks of 16: rows 1 to 16 go to shard 1, rows 17 to 32 to shard 2, and after shard N comes shard 1
    /// again. Every shard reads the whole list, also from a stream, and answers its own rows, which keep their numbers and
    /// their order. Give every shard the same list and model, and its own output.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,

    /// Pairs per inference batch
    #[arg(long, value_name = "N", default_value_t = dealing::BLOCK, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    batch: u32,

    /// Worker threads, each preparing and answering pairs [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: Option<u16>,

    /// Threads that read pictures ahead of the workers, which then do not wait for a disk; 0 for none
    ///
    /// Pictures that are read ahead take 64 MiB of memory at most.
    #[arg(long, value_name = "N", default_value = "32", value_parser = clap::value_parser!(u16).range(0..=MOST_THREADS))]
    readers: u16,

    #[command(flatten)]
    model: ModelChoice,
}

/// Why a batch failed.
#[derive(Debug, thiserror::Error)]
enum BatchError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error("{0}: cannot be written: {1}")]
    Output(String, io::Error),
    #[error("{0}: cannot be written: {1}; continue with --resume")]
    Interrupted(String, io::Error),
}

/// Answers all rows; errors go to stderr.
pub fn command(request: &Batch) -> Exit {
    if let Err(exit) = request.check() {
        return exit;
    }
    // A list that is none is refused before anything is loaded.
    let source = match Source::open(&request.pairs, &request.form()) {
        Ok(source) => request.dealt(source),
        Err(error) => return exit::complain(Exit::CannotWork, &error),
    };
    let threads = request.threads.map_or_else(files::cores, usize::from);
    let (model, engines) = match request.model.open(1, threads) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let engine = engines.first().map_or(String::new(), |engine| engine.name().to_owned());
    let format = request.output_format();
    let (format, shard) = (format!("{format:?}"), request.shard_name().unwrap_or_default());
    let identity = Identity { model_sha256: model.sha256(), engine, format, shard };
    let mut run = BatchRun { tally: Tally::new(), skipped: 0, bar: ProgressBar::hidden(), start: Instant::now() };
    match run.all(request, source, engines, &identity) {
        Ok(()) => run.finish(request, &identity),
        // A reader that closes the pipe, as `head` does, is not an error.
        Err(BatchError::Pipeline(PipelineError::Sink(error)) | BatchError::Output(_, error))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Exit::Done
        }
        Err(error) => {
            run.bar.abandon();
            if let BatchError::Pipeline(PipelineError::Fault(_)) = error {
                note(&panics::last());
            }
            exit::complain(Exit::CannotWork, &error)
        }
    }
}

/// State of a run.
struct BatchRun {
    tally: Tally,
    /// Rows done by an interrupted run.
    skipped: u64,
    bar: ProgressBar,
    start: Instant,
}

impl BatchRun {
    fn all(
        &mut self,
        request: &Batch,
        mut source: Source,
        engines: Vec<Box<dyn infer::engine::Session>>,
        identity: &Identity,
    ) -> Result<(), BatchError> {
        let mut sink = self.sink(request, &mut source, identity)?;
        say_how_to_go_on(request).map_err(|error| BatchError::Output(request.output_name(), error))?;
        self.bar = bar(source.total);
        let shares_terminal = request.file().is_none() && !self.bar.is_hidden() && io::stdout().is_terminal();
        let work = request.work();
        let answered = pipeline::run(source, engines, &work, |answers, position| {
            let records: Vec<Record> = answers.iter().map(Record::from).collect();
            match shares_terminal {
                true => self.bar.suspend(|| sink.write(&records))?,
                false => sink.write(&records)?,
            }
            for (record, answer) in records.iter().zip(&answers) {
                self.tally.add(record, answer.row.truth);
            }
            self.show(position);
            Ok(())
        });
        match answered {
            Err(PipelineError::Sink(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                let begun = request.file().is_some_and(|path| infer::batch::sink::partial(path).is_file());
                let why = if begun { BatchError::Interrupted } else { BatchError::Output };
                return Err(why(request.output_name(), error));
            }
            answered => answered?,
        }
        sink.finish().map_err(|error| BatchError::Output(request.output_name(), error))
    }

    /// Opens the output. For an interrupted one, counts its records and skips their rows.
    fn sink(&mut self, request: &Batch, source: &mut Source, identity: &Identity) -> Result<Sink, BatchError> {
        let format = request.output_format();
        let unwritable = |error| BatchError::Output(request.output_name(), error);
        let Some(path) = request.file() else { return Sink::stdout(format).map_err(unwritable) };
        if !request.resume {
            let earlier = if request.overwrite { Earlier::Overwrite } else { Earlier::Keep };
            return Ok(Sink::file(path, format, identity, earlier)?);
        }
        let mut fault = None;
        let resumed = Sink::resume(path, format, identity, |record| match source.next(1) {
            Ok(chunk) => chunk.rows.first().is_some_and(|row| self.fits(&record, row)),
            Err(error) => {
                fault = Some(error);
                false
            }
        });
        match fault {
            Some(error) => Err(error.into()),
            None => Ok(resumed?),
        }
    }

    /// Counts a record of an interrupted run if it belongs to this row, whose label is the same.
    fn fits(&mut self, record: &Record, row: &infer::batch::Row) -> bool {
        let [left, right] = row.pictures.each_ref().map(|path| path.to_string_lossy());
        let is_same_pair = record.row == row.number && record.left == left && record.right == right;
        if !is_same_pair || record.label != row.truth.map(|truth| truth.leq) {
            return false;
        }
        self.tally.add(record, row.truth);
        self.skipped += 1;
        true
    }

    fn show(&self, position: u64) {
        self.bar.set_position(position);
        if !self.bar.is_hidden() {
            self.bar.set_message(self.speed());
        }
    }

    fn speed(&self) -> String {
        let done = self.tally.rows - self.skipped;
        let seconds = self.start.elapsed().as_secs_f64();
        let pairs = if self.tally.rows == 1 { "pair" } else { "pairs" };
        format!("{} {pairs}, {:.0} pairs/s", self.tally.rows, done as f64 / seconds.max(1e-9))
    }

    fn summary(&self, request: &Batch, identity: &Identity) -> Summary {
        let seconds = self.start.elapsed().as_secs_f64();
        let pairs_per_second = (self.tally.rows - self.skipped) as f64 / seconds.max(1e-9);
        let Identity { model_sha256, engine, .. } = identity.clone();
        Summary {
            tally: self.tally.clone(),
            origin: Origin { shard: request.shard_name(), model_sha256, engine },
            cost: Cost { seconds, pairs_per_second, peak_memory_mb: peak_memory_mb() },
        }
    }

    /// Reports the result and returns the exit code.
    fn finish(&self, request: &Batch, identity: &Identity) -> Exit {
        self.bar.finish_and_clear();
        exit::show(&report::text(&self.tally));
        let skipped = match self.skipped {
            0 => String::new(),
            skipped => format!(", {skipped} of them done before"),
        };
        note(&format_args!("{}{skipped}, {} without an answer", self.speed(), self.tally.failed));
        if let Some(path) = &request.summary {
            let written = serde_json::to_vec_pretty(&self.summary(request, identity)).map_err(io::Error::from);
            match written.and_then(|bytes| places::write(path, &bytes)) {
                // A reader that closes the pipe is not an error here either.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    let what = format_args!("{}: cannot be written: {error}", shown(path));
                    return exit::complain(Exit::CannotWork, &what);
                }
                _ => {}
            }
        }
        if self.tally.rows == 0 {
            return request.holds_nothing();
        }
        if self.tally.failed > 0 { Exit::SomeInputsFailed } else { Exit::Done }
    }
}
