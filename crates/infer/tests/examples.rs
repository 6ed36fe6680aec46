//! The examples, run as their users run them but for the command line.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]
#![allow(dead_code, reason = "the examples' main functions are not called")]

use std::path::Path;

use infer::bench::measure::Effort;
use infer::{Comparer, Engine, Model};

#[path = "../examples/compare.rs"]
mod compare;
#[path = "../examples/draw_photo.rs"]
mod draw_photo;
#[path = "../examples/preparation_time.rs"]
mod preparation_time;
#[path = "../examples/prepare.rs"]
mod prepare;
#[path = "../examples/serve.rs"]
mod serve;

const TWO: &str = "examples/two.png";
const SEVEN: &str = "examples/seven.png";

#[test]
fn two_files_are_compared() {
    let text = compare::compare(TWO.as_ref(), SEVEN.as_ref()).unwrap();
    assert!(text.starts_with("2 <= 7, "), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("96 x 128 pixels, digit of ")).count(), 2, "{text}");
    let error = compare::compare(TWO.as_ref(), "absent.png".as_ref()).unwrap_err();
    assert_eq!(error.to_string(), "second picture, absent.png: no such file");
}

#[test]
fn lines_are_answered_one_by_one_and_a_bad_one_costs_no_other() {
    let mut comparer = Comparer::open(Model::built_in(), Engine::rten()).unwrap();
    let lines = format!("{TWO} {SEVEN}\nalone\n{SEVEN} absent.png\n{SEVEN} {TWO}\n");
    let mut answers = Vec::new();
    serve::serve(&mut comparer, lines.as_bytes(), &mut answers).unwrap();
    let answers: Vec<serde_json::Value> =
        String::from_utf8(answers).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 4);
    assert_eq!((&answers[0]["leq"], &answers[3]["leq"]), (&true.into(), &false.into()));
    assert!(answers[1]["error"].as_str().unwrap().contains("two file names"));
    assert_eq!(answers[2]["error"], "second picture, absent.png: no such file");
}

#[test]
fn a_prepared_picture_is_saved_and_read_back_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen.png");
    prepare::prepare(Path::new(TWO), &seen).unwrap();
    let image = image::open(&seen).unwrap().into_luma8();
    assert_eq!(image.dimensions(), (14, 14));
    let prepared = infer::picture::read(Path::new(TWO)).unwrap().prepared;
    let rounded: Vec<u8> = prepared.image.pixels().iter().map(|pixel| pixel.round() as u8).collect();
    assert_eq!(image.into_raw(), rounded);
}

#[test]
fn a_digit_is_drawn_in_mnists_form_and_as_a_photo_from_which_it_is_prepared_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = [0; 784];
    (4..24).for_each(|row| one[row * 28 + 13..row * 28 + 16].fill(255));
    draw_photo::draw(&one, (400, 300), folder.path()).unwrap();
    let prepared = |name: &str| infer::picture::read(&folder.path().join(name)).unwrap();
    let (clean, photo) = (prepared("clean.png"), prepared("photo.ppm"));
    assert_eq!((clean.prepared.mnist, clean.prepared.route), (Some(one), digits::Route::PassedThrough));
    assert_eq!((photo.width, photo.height, photo.prepared.route), (400, 300, digits::Route::Framed));
}

#[test]
fn a_preparation_is_timed_and_its_image_told() {
    let file = std::fs::read(TWO).unwrap();
    let effort = Effort { warm_up: 1, runs: 4, milliseconds: 0.0 };
    let told = preparation_time::times(&file, 2, &effort).unwrap();
    let samples = told["samples_ms"].as_array().unwrap();
    assert!(samples.len() == 4 && samples.iter().all(|sample| sample.as_f64().unwrap() > 0.0), "{told}");
    let image: Vec<f32> = told["image"].as_array().unwrap().iter().map(|ink| ink.as_f64().unwrap() as f32).collect();
    let prepared = infer::picture::read(Path::new(TWO)).unwrap().prepared;
    assert_eq!(image, prepared.image.pixels());
    assert!(preparation_time::times(b"no image", 1, &effort).is_err());
}
