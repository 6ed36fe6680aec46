#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Accuracy`]: right answers out of all, with [`wilson`]'s interval.
//! * [`every_ordered_pair`]: the comparison of every image with every other, exactly; [`every_ordered_pair_over_images`]: with
//!   a bootstrap over images.
//! * [`Reliability`]: calibration error, Brier score and reliability bins of predicted probabilities.
//! * [`Summary`]: mean, standard deviation and confidence interval; [`Quartiles`]: the numbers of a box plot.
//! * [`pearson`]: how two measurements go together.
//! * [`Median`] and [`Distribution`]: timings, with distribution-free intervals.
//! * [`welch`], [`paired`], [`holm`]: whether two means differ significantly; [`Difference::equivalence_p`]: whether they are
//!   equivalent; [`same_variance_p`]: whether two standard deviations differ;
//!   [`detectable_difference`]: what a number of measurements can show.

mod accuracy;
mod correlation;
mod decimals;
mod difference;
mod distribution;
mod holm;
mod median;
mod ordered_pairs;
mod power;
mod quantile;
mod quartiles;
mod reliability;
mod summary;
mod variance;
mod wilson;

pub use accuracy::Accuracy;
pub use correlation::pearson;
pub use decimals::six_decimals;
pub use difference::{Difference, Mean, Pairing, between, paired, welch};
pub use distribution::Distribution;
pub use holm::holm;
pub use median::Median;
pub use ordered_pairs::{OverImages, every_ordered_pair, every_ordered_pair_over_images};
pub use power::detectable_difference;
pub use quantile::{median, quantile};
pub use quartiles::Quartiles;
pub use reliability::{BINS, Reliability, ReliabilityBin};
pub use summary::{Summary, standard_deviation};
pub use variance::same_variance_p;
pub use wilson::wilson;
