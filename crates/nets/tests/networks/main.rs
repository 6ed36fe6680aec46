//! Networks trained and exported as their users do it: held against PyTorch, ONNX Runtime and plain operators.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

mod cuda;
mod debug_state;
mod example;
mod export;
mod initial_gradient;
mod layers;
mod recipe;
