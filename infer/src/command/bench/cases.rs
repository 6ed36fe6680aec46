//! Every case of a benchmark, measured.

use image::{GrayImage, ImageFormat};
use infer::bench::clock::{AnyClock, Clock, FakeClock, SystemClock};
use infer::bench::measure::{self, Effort, Samples};
use infer::bench::report::{Case, Stage, Timings};
use infer::bench::warning::warnings;
use infer::engine::{self, Engine, EngineKind, PAIR_PIXELS};
use infer::model::Model;
use infer::picture::{Decoded, PictureError, Reader};
use infer::test_pairs;
use metrics::Distribution;
use mnist::PairSet;

use super::{Bench, BenchError};

/// Measures every case that was asked for.
pub(super) fn measure_all(request: &Bench) -> Result<Timings, BenchError> {
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
    let engines: Vec<Option<EngineKind>> = match request.engines.as_slice() {
        [] => vec![None],
        named => named.iter().map(|&name| Some(name.into())).collect(),
    };
    for kind in engines {
        for &threads in &request.threads.0 {
            measure_engine(request, &model, &pairs, (kind, threads), &effort, &mut clock, &mut cases)?;
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
    (kind, threads): (Option<EngineKind>, usize),
    effort: &Effort,
    clock: &mut AnyClock,
    cases: &mut Vec<Case>,
) -> Result<(), BenchError> {
    let engine = Engine {
        kind,
        library: request.onnxruntime.clone(),
        threads,
        worker: crate::command::worker(request.trust),
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
