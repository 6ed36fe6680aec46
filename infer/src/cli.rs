//! Command-line arguments. [`crate::command`] implements the commands.

use clap::{CommandFactory, Parser, Subcommand};

use crate::command::{batch, bench, compare, doctor, eval, inspect, merge, prepare, robustness, shell, verify};
use crate::exit::Exit;

/// Exit codes, as every `--help` shows them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  some images could not be used (see stderr)
  2  wrong usage
  3  nothing could be done: no usable model, no engine, or output not writable
  130  stopped by Ctrl-C";

/// Exit codes of the commands that check a model, a measurement or a machine.
pub const JUDGING_EXIT_CODES: &str = "\
Exit codes:
  0  finished, all checks passed
  1  finished, but some checks failed (see stderr)
  2  wrong usage
  3  nothing could be done: no usable model, no engine, no data, or output not writable";

/// Compares handwritten digits.
#[derive(Debug, Parser)]
#[command(name = "infer", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `infer` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the first of two digits is less than or equal to the second
    #[command(after_help = EXIT_CODES)]
    Compare(compare::Compare),
    /// Compare many pairs: from CSV, TSV, JSON lines, a folder or stdin, to CSV or JSON lines
    #[command(after_help = EXIT_CODES)]
    Batch(batch::Batch),
    /// Merge the outputs of all shards of `batch --shard`
    #[command(after_help = EXIT_CODES)]
    Merge(merge::Merge),
    /// Show the network's input for a picture
    #[command(after_help = EXIT_CODES)]
    Prepare(prepare::Prepare),
    /// Measure a model's accuracy on MNIST's test split
    #[command(after_help = JUDGING_EXIT_CODES)]
    Eval(eval::Eval),
    /// Measure latency and throughput
    #[command(after_help = JUDGING_EXIT_CODES)]
    Bench(bench::Bench),
    /// Show the contents of a model file
    #[command(after_help = JUDGING_EXIT_CODES)]
    Inspect(inspect::Inspect),
    /// Compare engines on real pairs
    #[command(after_help = JUDGING_EXIT_CODES)]
    Verify(verify::Verify),
    /// Measure accuracy on transformed test digits and on drawn photographs
    #[command(after_help = JUDGING_EXIT_CODES)]
    Robustness(robustness::Robustness),
    /// Check whether this machine can run models, and suggest what to install
    #[command(after_help = JUDGING_EXIT_CODES)]
    Doctor(doctor::Doctor),
    /// Print a script that completes commands in a shell
    Completions(shell::Completions),
    /// Print the manual page
    Man(shell::Manual),
    /// Run a model for another process of this program
    #[command(hide = true, name = infer::engine::WORKER_ARGUMENT)]
    EngineWorker,
}

impl Command {
    /// Does it.
    pub fn run(self) -> Exit {
        match self {
            Self::Compare(typed) => compare::command(&typed),
            Self::Batch(typed) => batch::command(&typed),
            Self::Merge(typed) => merge::command(&typed),
            Self::Prepare(typed) => prepare::command(&typed),
            Self::Eval(typed) => eval::command(&typed),
            Self::Bench(typed) => bench::command(&typed),
            Self::Inspect(typed) => inspect::command(&typed),
            Self::Verify(typed) => verify::command(&typed),
            Self::Robustness(typed) => robustness::command(&typed),
            Self::Doctor(typed) => doctor::command(&typed),
            Self::Completions(typed) => shell::completions(&typed, Cli::command()),
            Self::Man(_) => shell::manual(Cli::command()),
            Self::EngineWorker => match infer::engine::worker::serve() {
                Ok(()) => Exit::Done,
                Err(_) => Exit::CannotWork,
            },
        }
    }
}
