#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`declaration`]: the files under `experiments/`. A [`Study`](declaration::Study) is read from one file and expands
//!   its grids into a list of [`Cell`](declaration::Cell)s. A cell is one network with one recipe.
//! * [`run`]: a cell with a protocol and a seed is one training. Its result is a [`Trial`](run::Trial), a line of the
//!   study's journal.
//! * [`judge`]: from trials to verdicts on published values and claims.
//! * [`model`]: what a shipped model gets right, and its card.
//! * [`experiment`]: `experiments/trainings/*.toml`, trainings of one network each, which cells can be like.

pub mod declaration;
pub mod experiment;
pub mod judge;
pub mod model;
pub mod run;
mod suggestion;
