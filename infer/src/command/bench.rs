//! `infer bench`: latency and throughput.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::options::{EngineName, add_library, amount_up_to};
use super::places;
use crate::exit::{self, Exit};
use crate::terminal::{note, shown};
use cases::measure_all;
use infer::bench::baseline::{self, changes};
use infer::bench::report::Timings;
use infer::engine::EngineError;
use infer::picture::PictureError;
use list::{List, list, threads};
use print::{OutputFormat, print};

mod cases;
mod list;
mod print;

/// Most seconds that the runs of a case are asked to take.
const MOST_SECONDS: f64 = 3_600.0;

/// Arguments of `infer bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Batch sizes, for example 1,8,64,1000
    #[arg(long, value_name = "LIST", default_value = "1,64", value_parser = list)]
    batch: List,

    /// Threads in the engine, a list or range, for example 1,2 or 1-4
    #[arg(long, value_name = "LIST", default_value = "1", value_parser = threads)]
    threads: List,

    /// Engines to compare, for example ort,leq [default: the one that other commands would use]
    #[arg(long, value_enum, value_name = "NAMES", value_delimiter = ',')]
    engines: Vec<EngineName>,

    /// Warm-up runs
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    warm_up: u32,

    /// Minimum number of measured runs
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,

    /// Minimum total seconds of the measured runs of a case
    #[arg(long, value_name = "T", default_value = "2", value_parser = amount_up_to(MOST_SECONDS), allow_negative_numbers = true)]
    seconds: f64,

    /// Measure only inference, without decoding and preparation
    #[arg(long)]
    only_infer: bool,

    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value = "table")]
    form: OutputFormat,

    /// Also write all samples to this file, as JSON
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Compare with the JSON file of an earlier benchmark
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Exit with code 1 if a case is significantly slower than the baseline, by more than this fraction
    #[arg(long, value_name = "FRACTION", requires = "baseline", value_parser = baseline::fraction)]
    fail_above: Option<f64>,

    /// Use this ONNX model instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Run the engine for model files in this process: faster, but an engine crash ends infer
    #[arg(long, requires = "model")]
    trust: bool,

    /// Use this ONNX Runtime library
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,

    /// Folder with MNIST's four IDX files, gzipped or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Times in milliseconds of a fake clock, for tests
    #[arg(long, hide = true, value_delimiter = ',')]
    fake_times: Vec<f64>,
}

/// Why the benchmark failed.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error(transparent)]
    Model(#[from] infer::model::ModelError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Data(#[from] mnist::DataError),
    #[error("a test digit cannot be read: {0}")]
    Picture(#[from] PictureError),
    #[error("{0}: {1}")]
    Baseline(String, String),
}

/// Measures and reports; errors and warnings go to stderr.
pub fn command(request: &Bench) -> Exit {
    let fault = |error: &dyn std::fmt::Display| exit::complain(Exit::CannotWork, error);
    if let Err(exit) = request.check() {
        return exit;
    }
    let old = match request.baseline.as_deref().map(read).transpose() {
        Ok(old) => old,
        Err(error) => return fault(&error),
    };
    let report = match measure_all(request) {
        Ok(report) => report,
        Err(error) => return fault(&error),
    };
    report.warnings.iter().for_each(|warning| note(&format_args!("warning: {warning}")));
    // What was measured is shown even where it cannot be written.
    let printed = match print(&report, request.form) {
        Ok(text) => exit::print(&text),
        Err(error) => return fault(&error),
    };
    let written = request.output.as_deref().map_or(Exit::Done, |path| write(path, &report));
    printed.max(written).max(old.map_or(Exit::Done, |old| judge(&report, &old, request.fail_above)))
}

impl Bench {
    /// Refuses options that would do nothing, and outputs that are inputs or cannot be written.
    fn check(&self) -> Result<(), Exit> {
        let usage = |what: &str| Err(exit::complain(Exit::WrongUsage, &what));
        if self.output.as_deref().is_some_and(places::is_dash) {
            return usage("-o takes a file; `--form json` without -o prints all samples to stdout");
        }
        let loads_library = self.engines.is_empty() || self.engines.iter().any(|engine| engine.loads_library());
        if self.onnxruntime.is_some() && !loads_library {
            return usage("none of --engines loads a library; leave --onnxruntime out, or add ort to --engines");
        }
        let mut places = files::Places::default();
        places::add_data(&mut places, self.data.as_deref());
        add_library(self.onnxruntime.as_deref(), &mut places);
        let inputs = [("the model", &self.model), ("the baseline", &self.baseline)];
        for (what, path) in inputs.into_iter().filter_map(|(what, path)| Some((what, path.as_ref()?))) {
            places.reads(what, path);
        }
        if let Some(output) = &self.output {
            places.writes("--output", output);
        }
        places::check(&places)
    }
}

/// Largest baseline that is read, in bytes: some ten million samples.
const MAX_BASELINE_BYTES: u64 = 256 << 20;

fn read(path: &Path) -> Result<Timings, BenchError> {
    let named = |fault: String| BenchError::Baseline(path.display().to_string(), fault);
    let text = files::read(path, MAX_BASELINE_BYTES).map_err(|error| named(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| named(format!("is not a benchmark of infer: {error}")))
}

/// Writes all samples as JSON.
fn write(path: &Path, report: &Timings) -> Exit {
    let written = print(report, OutputFormat::Json).and_then(|text| places::write(path, text.as_bytes()));
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            exit::complain(Exit::CannotWork, &format_args!("{}: cannot be written: {error}", shown(path)))
        }
        _ => Exit::Done,
    }
}

/// Prints every change and returns whether any is a regression.
fn judge(new: &Timings, old: &Timings, fail_above: Option<f64>) -> Exit {
    if let Some(difference) = baseline::difference(new, old) {
        return exit::complain(Exit::CannotWork, &format_args!("the baseline is of {difference}; measure it again"));
    }
    let changes = changes(new, old);
    if changes.is_empty() {
        return exit::complain(Exit::CannotWork, &"the baseline has no case of this benchmark");
    }
    let mut worst = Exit::Done;
    for change in changes {
        let [low, high] = change.interval;
        let verdict = match fail_above.is_some_and(|fraction| change.is_regression(fraction)) {
            true => {
                worst = Exit::SomeInputsFailed;
                ", SLOWER than allowed"
            }
            false => "",
        };
        note(&format_args!(
            "{}: {:.3} times the baseline's time (95 % {low:.3} to {high:.3}){verdict}",
            change.case, change.ratio
        ));
    }
    worst
}
