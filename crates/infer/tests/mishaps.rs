//! Training digits to which something happened, read by the model inside the program: what a person reads, it reads.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use digits::scene::Mishap;
use digits::{Candidate, Picture, candidates};
use infer::{Engine, Model, engine, reading};
use mnist::{Mnist, Split, default_folder};

const DIGITS: usize = 40;

/// Digits read right of [`DIGITS`] to which `mishap` happened, in pictures enlarged so many times; `None` leaves them as they are.
fn read_right(training: &Split, mishap: Option<Mishap>, times: usize) -> usize {
    let mut session = engine::open_one(&Model::built_in(), &Engine::leq()).unwrap();
    let readings = |number: usize| -> Vec<Candidate> {
        let digit = &training.images[number];
        let seen = mishap.map_or(*digit, |mishap| mishap.draw(digit, number as u64));
        let side = 28 * times;
        let enlarged: Vec<u8> = (0..side * side).map(|at| seen[at / side / times * 28 + at % side / times]).collect();
        candidates(&Picture::luma(side, side, &enlarged).unwrap()).unwrap_or_default()
    };
    let pairs: Vec<_> = (0..DIGITS / 2).map(|pair| [readings(2 * pair), readings(2 * pair + 1)]).collect();
    let readable: Vec<usize> = (0..pairs.len()).filter(|&pair| pairs[pair].iter().all(|it| !it.is_empty())).collect();
    let asked: Vec<_> = readable.iter().map(|&pair| pairs[pair].clone()).collect();
    let answers = reading::ask(session.as_mut(), &asked).unwrap();
    let is_right = |(&pair, side): (&usize, usize), verdict: &digits::Verdict| {
        let read = verdict.digits().unwrap()[side].digit;
        verdict.refusals()[side].is_none() && read == training.labels[2 * pair + side]
    };
    let of_pair = |(pair, answered): (&usize, &digits::Answered)| {
        (0..2).filter(|&side| is_right((pair, side), &answered.verdict)).count()
    };
    readable.iter().zip(&answers).map(of_pair).sum()
}

#[test]
fn digits_to_which_something_happened_are_read_as_a_person_reads_them() {
    let training = Mnist::load(&default_folder()).unwrap().training;
    assert!(read_right(&training, None, 1) >= DIGITS - 1);
    let least = |mishap: Mishap| match mishap {
        Mishap::Fog => DIGITS / 2,
        Mishap::RoughGlass => 3 * DIGITS / 4,
        Mishap::Zigzag | Mishap::Outline => 7 * DIGITS / 8,
        _ => 9 * DIGITS / 10,
    };
    for mishap in Mishap::ALL {
        for times in [1, 4] {
            let right = read_right(&training, Some(mishap), times);
            assert!(right >= least(mishap), "{}, enlarged {times} times: {right} of {DIGITS}", mishap.name());
        }
    }
}
