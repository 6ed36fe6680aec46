//! The program `trainer` as its users run it: arguments in, text, files and exit codes out.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

mod own_network;
mod refusals;
mod studies;
mod support;
#[cfg(unix)]
mod surroundings;
mod trainings;
