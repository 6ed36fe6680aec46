//! The model inside the program, asked about real digits through the library.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its place is the message")]

use std::io::Read;
use std::path::{Path, PathBuf};

use digits::{DigitImage, MNIST_SIDE};
use infer::engine::{self, Pair};
use infer::model::Model;

/// What an IDX file of MNIST's test split holds after its header.
fn mnist(name: &str, header: usize) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/mnist").join(name);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes.split_off(header)
}

fn runtime() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.setup/onnxruntime");
    std::env::var_os("ORT_DYLIB_PATH").map_or_else(|| set_up.join(engine::library::file_name()), PathBuf::from)
}

/// The first 5,000 test digits against the last 5,000. The model's card says 99.75 %; 99.5 % is what wrong polarity, range, order
/// or orientation cannot reach.
#[test]
fn the_built_in_model_answers_most_of_5000_disjoint_test_pairs_right() {
    let labels = mnist("t10k-labels-idx1-ubyte.gz", 8);
    let images: Vec<DigitImage> = mnist("t10k-images-idx3-ubyte.gz", 16)
        .as_chunks::<{ MNIST_SIDE * MNIST_SIDE }>()
        .0
        .iter()
        .map(DigitImage::from_mnist)
        .collect();
    let (left, right) = images.split_at(5_000);
    let pairs: Vec<Pair> = left.iter().zip(right).map(|(&left, &right)| [left, right]).collect();

    let mut engine = engine::open(&Model::built_in(), Some(runtime())).unwrap();
    let verdicts = engine.run(&pairs).unwrap();
    assert_eq!(verdicts.len(), 5_000);
    let truths = labels[..5_000].iter().zip(&labels[5_000..]).map(|(left, right)| left <= right);
    let correct = verdicts.iter().zip(truths).filter(|(verdict, truth)| verdict.is_leq() == *truth).count();
    assert!(correct >= 4_975, "{correct} of 5,000");

    let alone = engine.run(&pairs[..1]).unwrap()[0];
    assert!((alone.p_leq() - verdicts[0].p_leq()).abs() < 1e-5, "a pair's answer depends on its batch");
    assert_eq!(engine.run(&[]).unwrap(), []);
}
