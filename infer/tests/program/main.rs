//! The program `infer` as its users run it: arguments in, text and exit codes out.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

#[cfg(feature = "rten")]
mod agreement;
mod bad_models;
mod bad_pictures;
mod batching;
mod benching;
mod comparing;
mod contract;
mod interrupted;
mod lists;
mod looking;
mod malformed;
mod no_engine;
mod onnx;
mod outputs;
mod sharding;
mod support;
mod terminal;
mod usage;
mod waiting;
