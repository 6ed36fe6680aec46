//! The shipped model, evaluated natively by the code that the page runs.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::path::{Path, PathBuf};

use digits::contract::CLASSES;
use digits::scene::{SceneKind, Stage};
use digits::{DigitImage, Picture, PrepareError, SIDE};
use mnist::{Mnist, default_folder};
use web_demo::{Marks, Network, NetworkError, Pair, TwoDigits, occlusion};

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn model_bytes() -> Vec<u8> {
    std::fs::read(in_project("models/report-a-headline.onnx")).unwrap()
}

fn network() -> Network {
    Network::from_bytes(&model_bytes()).unwrap()
}

fn test_digits() -> (Vec<DigitImage>, Vec<u8>) {
    let test = Mnist::load(&default_folder()).unwrap().test;
    (test.digit_images().collect(), test.labels)
}

/// 85 % is what wrong polarity, range, order or orientation cannot reach.
#[test]
fn the_shipped_model_answers_most_test_pairs_right() {
    let (images, labels) = test_digits();
    let pairs: Vec<Pair> = (0..200).map(|i| [images[i], images[i + 200]]).collect();
    let answers = network().compare(&pairs).unwrap();
    let right = (0..200).filter(|&i| answers[i].verdict().is_leq() == (labels[i] <= labels[i + 200])).count();
    assert!(right >= 170, "{right} of 200");
}

#[test]
fn probabilities_are_those_of_the_logits() {
    let (images, _) = test_digits();
    let network = network();
    let answer = network.compare(&[[images[0], images[1]]]).unwrap()[0];
    let sigmoid = 1.0 / (1.0 + (-answer.leq_logit()).exp());
    assert!((answer.verdict().p_leq() - sigmoid).abs() < 1e-6);
    let (logits, probs) = (answer.digit_logits().unwrap(), answer.verdict().digit_probs().unwrap());
    for (logits, probs) in logits.iter().zip(probs) {
        let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
        assert!((0..CLASSES).all(|class| (logits[class].exp() / sum - probs[class]).abs() < 1e-5));
    }
}

#[test]
fn a_pair_alone_and_in_a_batch_gets_the_same_answer() {
    let (images, _) = test_digits();
    let pairs: Vec<Pair> = (0..8).map(|i| [images[i], images[i + 8]]).collect();
    let network = network();
    let together = network.compare(&pairs).unwrap();
    for (pair, of_batch) in pairs.iter().zip(together) {
        let alone = network.compare(&[*pair]).unwrap()[0];
        assert!((alone.leq_logit() - of_batch.leq_logit()).abs() < 1e-4);
    }
    assert!(network.compare(&[]).unwrap().is_empty());
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    let refused = |bytes: &[u8]| Network::from_bytes(bytes).unwrap_err();
    assert!(matches!(refused(b"<!doctype html><title>404</title>"), NetworkError::NotOnnx(_)));
    let bytes = model_bytes();
    assert!(matches!(refused(&bytes[..bytes.len() / 2]), NetworkError::NotOnnx(_)));
    assert_eq!(refused(b"").to_string(), "the model file is damaged or is no ONNX file (it holds no graph)");
}

#[test]
fn a_blank_picture_has_no_ink_and_is_a_state_of_its_own() {
    let blank = vec![0; 4 * 280 * 280];
    assert_eq!(digits::prepare(&Picture::rgba(280, 280, &blank).unwrap()).unwrap_err(), PrepareError::NoInk);
}

#[test]
fn a_drawn_stroke_is_marked_where_preparation_put_it() {
    let mut drawing = vec![0; 4 * 280 * 280];
    for (at, pixel) in drawing.chunks_exact_mut(4).enumerate() {
        let inside = (40..60).contains(&(at % 280)) && (30..230).contains(&(at / 280));
        pixel.copy_from_slice(&[if inside { 255 } else { 0 }; 4]);
        pixel[3] = 255;
    }
    let prepared = digits::prepare(&Picture::rgba(280, 280, &drawing).unwrap()).unwrap();
    let marks = Marks::of(&prepared);
    assert_eq!((marks.crop[2], marks.crop[3]), (1.0, 10.0));
    assert!(marks.centre.iter().all(|at| (at - 7.25).abs() <= 0.26), "{marks:?}");
}

#[test]
fn taking_ink_away_changes_the_answer_only_where_there_is_ink() {
    let (images, _) = test_digits();
    let (network, pair) = (network(), [images[0], images[1]]);
    let map: Vec<[f32; SIDE]> = (0..SIDE).map(|row| occlusion::row(&network, &pair, 0, row).unwrap()).collect();
    assert!(map.iter().flatten().any(|&fall| fall != 0.0));
    assert_eq!(map[0][0], 0.0, "there is no ink in MNIST's corners");
    assert!(map.iter().flatten().all(|fall| fall.is_finite()));
    assert_eq!(occlusion::row(&network, &pair, 2, 0).unwrap(), [0.0; SIDE]);
}

#[test]
fn a_network_tells_two_digits_that_touch_from_one() {
    let images = Mnist::load(&default_folder()).unwrap().training.images;
    let network = Network::from_bytes(&std::fs::read(in_project("models/leq.onnx")).unwrap()).unwrap();
    let judged = |kind: SceneKind, digits: &[&[u8; 784]], seed: u64| {
        let photo = kind.draw(Stage::Development, digits, seed);
        TwoDigits::judged(&network, photo.width, photo.height, &photo.rgba).unwrap().unwrap()
    };
    let two = judged(SceneKind::Touching, &[&images[6], &images[30_006]], 6).unwrap();
    assert!(!two.are_apart && two.boxes[0].left < two.boxes[1].left, "{two:?}");
    assert_eq!(judged(SceneKind::Plain, &[&images[6]], 6), None);
    assert!(TwoDigits::judged(&network, 3, 3, &[0; 4]).unwrap().is_err());
}

/// The page's way and that of `PairReadings`, whose answers `infer` gives.
#[test]
fn what_the_network_is_not_sure_of_is_looked_at_again_unless_somebody_draws() {
    let network = Network::from_bytes(&std::fs::read(in_project("models/leq.onnx")).unwrap()).unwrap();
    let digits = Mnist::load(&default_folder()).unwrap().training.images;
    // Pairs seen once and pairs seen again, until there are some of both.
    let [mut once_only, mut again] = [0; 2];
    for pair in 0..40 {
        if once_only >= 3 && again >= 3 {
            break;
        }
        let photo_of =
            |side: usize| SceneKind::ALL[0].draw(Stage::Development, &[&digits[2 * pair + side]], pair as u64);
        let readings = [0, 1].map(|side| {
            let photo = photo_of(side);
            // Of the second one only the upper half, which may be anything.
            let (width, height) = if side == 0 { (photo.width, photo.height) } else { (photo.width, photo.height / 2) };
            digits::candidates(&Picture::rgba(width, height, &photo.rgba[..4 * width * height]).unwrap())
        });
        let [Ok(first), Ok(second)] = readings else { continue };
        let readings = digits::PairReadings([&first, &second]);
        let images: Vec<Pair> = readings.images().map(|images| images.map(|image| *image)).collect();
        let verdicts = |pairs: &[Pair]| -> Vec<digits::Verdict> {
            network.compare(pairs).unwrap().iter().map(|answer| *answer.verdict()).collect()
        };
        let once = readings.answered(&verdicts(&images)).unwrap();
        let looks = readings.second_look(&once);
        let (drawing, _) = network.compare_readings([&first, &second], false).unwrap();
        assert_eq!(*drawing.verdict(), once.verdict);
        let (whole, _) = network.compare_readings([&first, &second], true).unwrap();
        if looks.is_empty() {
            assert_eq!(*whole.verdict(), once.verdict);
            once_only += 1;
        } else {
            assert_eq!(*whole.verdict(), readings.after_second_look(once, &verdicts(&looks)).unwrap().verdict);
            assert_ne!(*whole.verdict(), once.verdict);
            again += 1;
        }
    }
    assert!(once_only >= 3 && again >= 3, "{once_only} seen once, {again} again");
}
