//! Operators beside candle-onnx's and beside values worked out by hand, and graphs that must not end in a panic.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

mod beside_candle;
mod broken;
mod by_hand;
mod case;
mod random;
