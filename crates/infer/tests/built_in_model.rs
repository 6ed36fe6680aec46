//! The model inside the program, asked about real digits through the library, by every engine.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::path::{Path, PathBuf};

use digits::{DigitImage, SIDE};
use infer::engine::{self, Engine, EngineKind, Pair, Session};
use infer::model::Model;
use infer::test_pairs;
use mnist::PairSet;

fn runtime() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.setup/onnxruntime");
    std::env::var_os("ORT_DYLIB_PATH").map_or_else(|| set_up.join(engine::library::file_name()), PathBuf::from)
}

fn open(model: &Model, kind: EngineKind) -> Box<dyn Session> {
    let engine = Engine { kind: Some(kind), ..Engine::best().with_library(runtime()) };
    engine::open_one(model, &engine).unwrap()
}

fn pair(pairs: &PairSet, number: usize) -> Pair {
    let image = |side: usize| &pairs.pixels()[(2 * number + side) * SIDE * SIDE..][..SIDE * SIDE];
    [0, 1].map(|side| DigitImage::new(image(side).try_into().unwrap()))
}

/// The first 5,000 test digits against the last 5,000. The model's card says 99.75 %; 99.5 % is what wrong polarity, range, order
/// or orientation cannot reach.
#[test]
fn the_built_in_model_answers_most_of_5000_disjoint_test_pairs_right() {
    let pairs = PairSet::disjoint(&test_pairs::load(None).unwrap().test);
    let mut engine = open(&Model::built_in(), EngineKind::Ort);
    let verdicts = test_pairs::ask(engine.as_mut(), pairs.pixels()).unwrap();
    assert_eq!(verdicts.len(), 5_000);
    let correct = verdicts.iter().zip(pairs.targets()).filter(|(verdict, truth)| verdict.is_leq() == *truth).count();
    assert!(correct >= 4_975, "{correct} of 5,000");

    let alone = engine.run(&[pair(&pairs, 0)]).unwrap()[0];
    assert!((alone.p_leq() - verdicts[0].p_leq()).abs() < 1e-5, "a pair's answer depends on its batch");
    assert_eq!(engine.run(&[]).unwrap(), []);
}

/// Every file in `models/`, on 500 pairs; `infer verify` takes all 5,000.
#[cfg(feature = "rten")]
#[test]
fn engines_agree_on_every_model_of_the_repository() {
    let pairs = PairSet::disjoint(&test_pairs::load(None).unwrap().test);
    let some: Vec<Pair> = (0..500).map(|number| pair(&pairs, 10 * number)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let models: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|ending| ending == "onnx")).collect();
    assert!(!models.is_empty());
    let agree = |path: &Path| {
        let model = Model::read(path).unwrap();
        let [leq, rten, ort] =
            [EngineKind::Leq, EngineKind::Rten, EngineKind::Ort].map(|kind| open(&model, kind).run(&some).unwrap());
        for (number, ((leq, rten), ort)) in leq.iter().zip(&rten).zip(&ort).enumerate() {
            let apart = (leq.p_leq() - ort.p_leq()).abs().max((rten.p_leq() - ort.p_leq()).abs());
            assert!(apart < 1e-4, "{}: pair {number}", path.display());
        }
    };
    let agree = &agree;
    std::thread::scope(|scope| {
        for path in &models {
            scope.spawn(move || agree(path));
        }
    });
}

/// Groups of pairs, threads and a part of a group are put together in order.
#[test]
fn leq_answers_any_number_of_pairs_on_any_number_of_threads_alike() {
    let pairs = PairSet::disjoint(&test_pairs::load(None).unwrap().test);
    let some: Vec<Pair> = (0..37).map(|number| pair(&pairs, number)).collect();
    let answers = |threads: usize, count: usize| {
        let mut engine = engine::open_one(&Model::built_in(), &Engine::leq().with_threads(threads)).unwrap();
        engine.run(&some[..count]).unwrap()
    };
    let alone: Vec<_> = some
        .iter()
        .map(|pair| {
            let mut engine = engine::open_one(&Model::built_in(), &Engine::leq()).unwrap();
            engine.run(&[*pair]).unwrap()[0]
        })
        .collect();
    for threads in [1, 2, 3, 9] {
        for count in [1, 7, 8, 9, 16, 17, 37] {
            for (number, (one, together)) in alone.iter().zip(answers(threads, count)).enumerate() {
                let apart = (one.p_leq() - together.p_leq()).abs();
                assert!(apart < 1e-6, "{threads} threads, {count} pairs, pair {number}: {apart}");
            }
            assert_eq!(answers(threads, count).len(), count);
        }
    }
}

#[test]
fn without_a_choice_leq_answers_about_the_built_in_model_and_a_named_library_is_used() {
    let kind = |engine: &Engine| engine::open_one(&Model::built_in(), engine).unwrap().name();
    assert_eq!(kind(&Engine::best().with_library(runtime())), "ONNX Runtime");
    if std::env::var_os(engine::library::ENVIRONMENT).is_none() {
        assert_eq!(kind(&Engine::best()), "leq");
    }
}

#[cfg(feature = "rten")]
#[test]
fn the_version_that_rten_states_is_the_one_that_is_locked() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    let version = open(&Model::built_in(), EngineKind::Rten).version();
    assert!(lock.contains(&format!("name = \"rten\"\nversion = \"{version}\"")), "{version}");
}
