//! `infer bench`: latency and throughput.

use std::path::{Path, PathBuf};

use clap::Args;
use image::{GrayImage, ImageFormat};
use metrics::Distribution;

use super::options::{EngineName, amount};
use super::places;
use crate::exit::{self, Exit};
use crate::terminal::note;
use infer::bench::baseline::{self, changes};
use infer::bench::clock::{AnyClock, Clock, FakeClock, SystemClock};
use infer::bench::measure::{self, Effort, Samples};
use infer::bench::report::{Case, Stage, Timings};
use infer::bench::warning::warnings;
use infer::engine::{self, Engine, EngineError, Kind, PAIR_PIXELS};
use infer::model::Model;
use infer::picture::{Decoded, PictureError, Reader};
use infer::test_pairs;
use list::{List, list, threads};
use mnist::PairSet;
use print::{Form, print};

mod list;
mod print;

/// Arguments of `infer bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Batch sizes, for example 1,8,64,1000
    #[arg(long, value_name = "LIST", default_value = "1,64", value_parser = list)]
    batch: List,

    /// Threads in the engine, a list or range, for example 1,2 or 1-4
    #[arg(long, value_name = "LIST", default_value = "1", value_parser = threads)]
    threads: List,

    /// Engines to compare
    #[arg(long, value_enum, value_name = "NAMES", value_delimiter = ',', default_value = "ort")]
    engines: Vec<EngineName>,

    /// Warm-up runs
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    warm_up: u32,

    /// Minimum number of measured runs
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,

    /// Minimum total seconds of the measured runs of a case
    #[arg(long, value_name = "T", default_value = "2", value_parser = amount, allow_negative_numbers = true)]
    seconds: f64,

    /// Measure only inference, without decoding and preparation
    #[arg(long)]
    only_infer: bool,

    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value = "table")]
    form: Form,

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
    #[arg(long)]
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
    if let Some(path) = &request.output {
        let written = print(&report, Form::Json);
        let written = written.and_then(|text| files::write(path, text).map_err(|error| error.source));
        if let Err(error) = written {
            return fault(&format_args!("{}: cannot be written: {error}", path.display()));
        }
    }
    let printed = match print(&report, request.form) {
        Ok(text) => exit::print(&text),
        Err(error) => return fault(&error),
    };
    printed.max(old.map_or(Exit::Done, |old| judge(&report, &old, request.fail_above)))
}

impl Bench {
    /// Refuses outputs that are inputs or cannot be written.
    fn check(&self) -> Result<(), Exit> {
        let mut places = files::Places::default();
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

fn read(path: &Path) -> Result<Timings, BenchError> {
    let named = |fault: String| BenchError::Baseline(path.display().to_string(), fault);
    let text = std::fs::read(path).map_err(|error| named(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| named(format!("is not a benchmark of infer: {error}")))
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

fn measure_all(request: &Bench) -> Result<Timings, BenchError> {
    let model = Model::choose(request.model.as_deref())?;
    let mnist = test_pairs::load(request.data.as_deref())?;
    let pairs = PairSet::disjoint(&mnist.test);
    let mut clock = match request.fake_times.as_slice() {
        [] => AnyClock::System(SystemClock),
        times => AnyClock::Fake(FakeClock::new(times.to_vec())),
    };
    let effort =
        Effort { warm_up: request.warm_up as usize, runs: request.runs as usize, milliseconds: 1e3 * request.seconds };
    let mut cases = Vec::new();
    if !request.only_infer {
        cases.extend(measure_pictures(&mut clock, &effort, &mnist.test.images)?);
    }
    for &kind in &request.engines {
        for &threads in &request.threads.0 {
            measure_engine(request, &model, &pairs, (kind.into(), threads), &effort, &mut clock, &mut cases)?;
        }
    }
    let cores = files::cores();
    let warnings = warnings(&cases, cores, cfg!(debug_assertions));
    Ok(Timings {
        infer: env!("CARGO_PKG_VERSION").to_owned(),
        model: model.name.clone(),
        model_sha256: model.sha256(),
        cores,
        processor: files::processor(),
        peak_memory_mb: if request.fake_times.is_empty() { measure::peak_memory_mb() } else { None },
        cases,
        warnings: warnings.iter().map(ToString::to_string).collect(),
    })
}

/// Measures decoding and preparation separately, on PNG files of test digits in memory.
fn measure_pictures(clock: &mut AnyClock, effort: &Effort, images: &[[u8; 784]]) -> Result<Vec<Case>, BenchError> {
    const PAIRS: usize = 64;
    let files: Vec<Vec<u8>> = images.iter().take(2 * PAIRS).map(png).collect();
    let mut reader = Reader::default();
    let decode = measure::sample(clock, effort, || files.iter().try_for_each(|file| reader.decode(file).map(drop)))?;
    let mut readers: Vec<(Reader, Decoded)> = Vec::new();
    for file in &files {
        let mut reader = Reader::default();
        let decoded = reader.decode(file)?;
        readers.push((reader, decoded));
    }
    let prepare = measure::sample(clock, effort, || {
        readers.iter().try_for_each(|(reader, decoded)| match reader.prepare_decoded(*decoded) {
            Ok(prepared) => {
                std::hint::black_box(&prepared.image);
                Ok(())
            }
            Err(error) => Err(PictureError::from(error)),
        })
    })?;
    let case = |stage, samples| case(stage, String::new(), (1, PAIRS), None, samples);
    Ok([case(Stage::Decode, decode), case(Stage::Prepare, prepare)].into_iter().flatten().collect())
}

fn png(pixels: &[u8; 784]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    if let Some(image) = GrayImage::from_raw(28, 28, pixels.to_vec()) {
        // Writing to memory does not fail.
        let _ = image.write_to(&mut bytes, ImageFormat::Png);
    }
    bytes.into_inner()
}

fn measure_engine(
    request: &Bench,
    model: &Model,
    pairs: &PairSet,
    (kind, threads): (Kind, usize),
    effort: &Effort,
    clock: &mut AnyClock,
    cases: &mut Vec<Case>,
) -> Result<(), BenchError> {
    let engine = Engine {
        kind: Some(kind),
        library: request.onnxruntime.clone(),
        threads,
        worker: super::worker(request.trust),
        ..Engine::best()
    };
    for &batch in &request.batch.0 {
        let (mut session, load) = clock.time(|| engine::open_one(model, &engine))?;
        let pixels: Vec<f32> = pairs.pixels().iter().copied().cycle().take(batch * PAIR_PIXELS).collect();
        let samples = measure::sample(clock, effort, || session.infer(&pixels).map(drop))?;
        let name = format!("{} {}", session.name(), session.version());
        cases.extend(case(Stage::Infer, name, (threads, batch), Some(load), samples));
    }
    Ok(())
}

fn case(
    stage: Stage,
    engine: String,
    (threads, batch): (usize, usize),
    load_ms: Option<f64>,
    samples: Samples,
) -> Option<Case> {
    let summary = Distribution::of(&samples.steady)?;
    let pairs_per_second = if summary.median > 0.0 { batch as f64 / summary.median * 1e3 } else { 0.0 };
    let (first_ms, samples_ms) = (samples.first, samples.steady);
    Some(Case { stage, engine, threads, batch, load_ms, first_ms, summary, pairs_per_second, samples_ms })
}
