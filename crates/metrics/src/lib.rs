#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Accuracy`]: right answers out of all, with [`wilson`]'s interval.
//! * [`every_ordered_pair`]: the comparison of every image with every other, exactly.
//! * [`Reliability`]: calibration error, Brier score and reliability bins of predicted probabilities.
//! * [`Summary`]: mean, standard deviation and confidence interval; [`Quartiles`]: the numbers of a box plot.
//! * [`Median`] and [`Distribution`]: timings, with distribution-free intervals.
//! * [`welch`], [`paired`], [`holm`]: whether two means differ significantly; [`Difference::equivalence_p`]: whether they are
//!   equivalent; [`same_variance_p`]: whether two standard deviations differ.

mod accuracy;
mod difference;
mod distribution;
mod holm;
mod median;
mod ordered_pairs;
mod quantile;
mod quartiles;
mod reliability;
mod summary;
mod variance;
mod wilson;

pub use accuracy::Accuracy;
pub use difference::{Difference, Mean, Pairing, between, paired, welch};
pub use distribution::Distribution;
pub use holm::holm;
pub use median::Median;
pub use ordered_pairs::every_ordered_pair;
pub use quantile::{median, quantile};
pub use quartiles::Quartiles;
pub use reliability::{BINS, Reliability, ReliabilityBin};
pub use summary::{Summary, standard_deviation};
pub use variance::same_variance_p;
pub use wilson::wilson;
