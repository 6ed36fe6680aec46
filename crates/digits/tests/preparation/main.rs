//! Preparation on MNIST's own digits and on pictures drawn from them.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

mod mnist_form;
mod robustness;
mod scenes;
mod split;
mod support;
