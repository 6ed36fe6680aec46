#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`DigitImage`]: one handwritten digit as the networks see it, 14x14, white ink on black, 0..=255.
//! * [`prepare()`]: from any decoded [`Picture`] of a digit to that image.
//! * [`Revision`]: the rules of preparation as they were when a network was trained.
//! * [`Split`]: where the two digits of one picture are, by every way to see them and a network's word; [`split()`]: by their
//!   shape alone.
//! * [`scene`]: pictures of a digit as people make them, drawn to test and measure preparation.
//! * [`drawn`]: what is no digit, and digits as other hands form them, drawn to train networks and to judge them.
//! * [`Verdict`]: what a network answered about a pair, and how that is said in English.
//! * [`Trust`]: how far to trust that answer, "no digit" included.
//! * [`contract`]: names, shapes and metadata keys of a model file.

mod background;
mod bounds;
mod choice;
pub mod contract;
mod cut_out;
mod digit_pieces;
mod digit_posteriors;
pub mod drawn;
mod edge;
mod framing;
mod gather;
mod image;
mod ink;
mod light;
mod lines;
mod median;
mod mnist_form;
mod morphology;
mod other_ways;
mod outlines;
mod pair;
mod percent;
mod picture;
mod pieces;
mod plane;
mod prepare;
mod prepare_error;
mod reading;
mod revision;
mod ring;
pub mod scene;
mod search;
mod second_look;
#[cfg(test)]
mod seeded;
mod several;
mod shape;
mod split;
mod steps;
mod strokes;
mod thickness;
mod verdict;

pub use choice::{Choice, Judged, choose};
pub use digit_posteriors::p_leq_from_digits;
pub use image::{DigitImage, MNIST_SIDE, SIDE};
pub use ink::Polarity;
pub use mnist_form::Route;
pub use other_ways::Remedy;
pub use pair::{Answered, PairReadings};
pub use percent::Percent;
pub use picture::{Channels, Picture};
pub use prepare::{Candidate, Prepared, TightBox, candidates, prepare, steps};
pub use prepare_error::PrepareError;
pub use reading::{SideReading, Trust};
pub use revision::Revision;
pub use search::MOST_CANDIDATES;
pub use second_look::Sight;
pub use several::choose_among;
pub use split::{Split, SplitError, split};
pub use steps::Step;
pub use verdict::{DigitGuess, NO_DIGIT, NotAProbability, SURE, VERY_SURE, Verdict, is_no_digit};
