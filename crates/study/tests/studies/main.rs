//! Studies, experiments and trainings of this repository, through the library.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

mod averaged_and_taught;
mod coverage;
mod declared;
mod keys;
mod networks;
mod numerics;
mod rounds;
mod training;
