//! Times the preparation of one image file, decoding included, again and again in this process; prints one JSON object.
//!
//! `cargo run --release -p leq-infer --example preparation_time -- photo.jpg REPEATS RUNS SECONDS`

use std::error::Error;
use std::hint::black_box;

use infer::bench::clock::SystemClock;
use infer::bench::measure::{Effort, sample};
use infer::picture::{self, PictureError, Reader};
use serde_json::{Value, json};

/// Samples that do not count.
const WARM_UP: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, repeats, runs, seconds] = arguments.as_slice() else {
        return Err("name an image file, how many preparations are one sample, least samples, and least seconds".into());
    };
    let effort = Effort { warm_up: WARM_UP, runs: runs.parse()?, milliseconds: 1e3 * seconds.parse::<f64>()? };
    println!("{}", times(&picture::read_bytes(file.as_ref())?, repeats.parse()?, &effort)?);
    Ok(())
}

/// `samples_ms`: milliseconds of a preparation, each the mean of `repeats`; `image`: the likeliest reading, 14x14, ink 0..=255,
/// row by row; `readings`: how many there are.
///
/// # Errors
/// What is wrong with the picture.
pub fn times(file: &[u8], repeats: usize, effort: &Effort) -> Result<Value, PictureError> {
    let mut reader = Reader::default();
    let samples = sample(&mut SystemClock, effort, || {
        (0..repeats).try_for_each(|_| reader.digit_in(black_box(file)).map(|readings| drop(black_box(readings))))
    })?;
    let each: Vec<f64> = samples.steady.iter().map(|milliseconds| milliseconds / repeats as f64).collect();
    let readings = reader.digit_in(file)?;
    let image = readings.first().map(|likeliest| likeliest.prepared.image.pixels().to_vec());
    Ok(json!({ "samples_ms": each, "image": image, "readings": readings.len() }))
}
