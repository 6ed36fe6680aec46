//! `infer merge`: merges the outputs and summaries of all shards of a list.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use files::Places;
use infer::batch::merge::{self, MergeError, Merged};
use infer::batch::sink::{self, Earlier, Identity, Sink, SinkError};
use infer::batch::source::Format;
use infer::batch::tally::Tally;

use super::options::FormatName;
use super::places::{self, is_dash};
use super::summary::{self, Summary, SummaryError, report};
use crate::exit::{self, Exit};
use crate::terminal::{note, shown};

/// Arguments of `infer merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Outputs of `infer batch --shard I/N`, one of each shard, in any order
    ///
    /// The rows come out in the order of the list, as one run over all of it would have written them. If a row is missing or
    /// there twice, that is an error, and no output file appears.
    #[arg(value_name = "OUTPUT", required_unless_present = "summaries")]
    outputs: Vec<PathBuf>,

    /// Number of shards: the N of --shard I/N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    shards: u32,

    /// Format of the outputs [default: from the first one's extension, else csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<FormatName>,

    /// Output format [default: from the output file's extension, else that of the outputs]
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<FormatName>,

    /// Write answers to this file instead of stdout; the file appears when all rows are there; - for stdout
    #[arg(short, long, value_name = "FILE", requires = "outputs")]
    output: Option<PathBuf>,

    /// Summaries of `infer batch --shard I/N --summary`, one of each shard, in any order
    ///
    /// Summaries of different models or engines are refused, and those that count other rows than the outputs hold.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "summary")]
    summaries: Vec<PathBuf>,

    /// Write the sum of all summaries to this file, as JSON; - for stdout, if the answers go to a file
    #[arg(long, value_name = "FILE", requires = "summaries")]
    summary: Option<PathBuf>,
}

/// Why shards cannot be merged.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    Summary(#[from] SummaryError),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error(
        "the outputs hold {rows} rows, {failed} without an answer, but their summaries count {counted} and \
         {counted_failed}; name outputs and summaries of the same runs, or run a shard whose output was cut short again"
    )]
    Counts { rows: u64, failed: u64, counted: u64, counted_failed: u64 },
    #[error("{}: is an unfinished output of `infer batch`; finish that first, or name another output", shown(.0))]
    Unfinished(PathBuf),
    #[error("{0}: cannot be written: {1}")]
    Output(String, io::Error),
}

/// Merges answers, then summaries; errors go to stderr.
pub fn command(request: &Merge) -> Exit {
    if let Err(exit) = request.check() {
        return exit;
    }
    match request.run() {
        Ok(()) => Exit::Done,
        // A reader that closes the pipe, as `head` does, is not an error.
        Err(Fault::Merge(MergeError::Sink(error)) | Fault::Output(_, error))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Exit::Done
        }
        Err(Fault::Merge(MergeError::Sink(error))) => {
            exit::complain(Exit::CannotWork, &Fault::Output(request.output_name(), error))
        }
        Err(error) => exit::complain(Exit::CannotWork, &error),
    }
}

impl Merge {
    /// Reads the summaries first, so that one that does not fit is refused before anything is written.
    fn run(&self) -> Result<(), Fault> {
        let sum = self.summary.as_ref().map(|_| summary::sum(&self.summaries, self.shards as usize)).transpose()?;
        self.answers(sum.as_ref().map(|sum| &sum.tally))?;
        match (&self.summary, sum) {
            (Some(path), Some(sum)) => Self::write(path, &sum),
            _ => Ok(()),
        }
    }

    fn answers(&self, counted: Option<&Tally>) -> Result<(), Fault> {
        let Some(first) = self.outputs.first() else { return Ok(()) };
        let from = self.from.map(Format::from).or_else(|| Format::of(first)).unwrap_or(Format::Csv);
        let to = self.to.map(Format::from).or_else(|| Format::of(self.output.as_deref()?)).unwrap_or(from);
        let mut sink = self.sink(to)?;
        let merged = merge::merge(&self.outputs, from, self.shards as usize, |records| sink.write(records));
        match merged.map_err(Fault::from).and_then(|merged| agreed(merged, counted)) {
            Ok(Merged { rows, failed }) => {
                sink.finish().map_err(|error| Fault::Output(self.output_name(), error))?;
                note(&format_args!("{rows} rows of {} shards, {failed} without an answer", self.shards));
                Ok(())
            }
            Err(error) => {
                // The error above matters, not one of removing an incomplete file.
                let _ = sink.discard();
                Err(error)
            }
        }
    }

    fn sink(&self, format: Format) -> Result<Sink, Fault> {
        let Some(path) = self.file() else {
            return Sink::stdout(format).map_err(|error| Fault::Output(self.output_name(), error));
        };
        let [model_sha256, engine, format_name, shard] = ["", "merge", "", ""].map(str::to_owned);
        let identity = Identity { model_sha256, engine, format: format_name, shard };
        // A merge that was killed is begun anew, in whatever format; an unfinished `infer batch` is left alone.
        let earlier = if sink::is_begun(path, &identity) { Earlier::Overwrite } else { Earlier::Keep };
        Sink::file(path, format, &identity, earlier).map_err(|error| match error {
            SinkError::Unfinished(_) => Fault::Unfinished(path.to_owned()),
            error => error.into(),
        })
    }

    fn write(path: &Path, sum: &Summary) -> Result<(), Fault> {
        exit::show(&report::text(&sum.tally));
        let written = serde_json::to_vec_pretty(sum).map_err(io::Error::from);
        written.and_then(|bytes| places::write(path, &bytes)).map_err(|error| Fault::Output(shown(path), error))
    }

    /// The file that answers go to; `None` for stdout.
    fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| !is_dash(path))
    }

    fn output_name(&self) -> String {
        self.file().map_or("stdout".to_owned(), shown)
    }

    /// Refuses what cannot end well, before anything is read or written.
    fn check(&self) -> Result<(), Exit> {
        let to_stdout = !self.outputs.is_empty() && self.file().is_none();
        if to_stdout && self.summary.as_deref().is_some_and(is_dash) {
            return Err(exit::complain(
                Exit::WrongUsage,
                &"answers and summary cannot both go to stdout; name -o FILE",
            ));
        }
        for (what, named) in [("outputs", &self.outputs), ("summaries", &self.summaries)] {
            if !named.is_empty() && named.len() != self.shards as usize {
                let (found, shards) = (named.len(), self.shards);
                let fault =
                    format!("{found} {what} were named for {shards} shards; name one of every shard, and no other");
                return Err(exit::complain(Exit::WrongUsage, &fault));
            }
        }
        places::check(&self.places())
    }

    fn places(&self) -> Places {
        let mut places = Places::default();
        self.outputs.iter().for_each(|path| places.reads("the output of a shard", path));
        self.summaries.iter().for_each(|path| places.reads("the summary of a shard", path));
        match self.file() {
            None if self.outputs.is_empty() => {}
            None => places.writes_stdout(),
            Some(output) => {
                places.writes("--output", output);
                if !files::is_special(output) {
                    places.writes("the unfinished --output", &sink::partial(output));
                    places.writes("the identity of the unfinished --output", &sink::identity_file(output));
                }
            }
        }
        match &self.summary {
            Some(summary) if is_dash(summary) => places.writes_stdout(),
            Some(summary) => places.writes("--summary", summary),
            None => {}
        }
        places
    }
}

/// What was merged, if its summaries count the same. A row that is missing at a shard's end is noticed only here.
fn agreed(merged: Merged, counted: Option<&Tally>) -> Result<Merged, Fault> {
    let Merged { rows, failed } = merged;
    match counted {
        Some(tally) if (tally.rows, tally.failed) != (rows, failed) => {
            Err(Fault::Counts { rows, failed, counted: tally.rows, counted_failed: tally.failed })
        }
        _ => Ok(merged),
    }
}
