//! The ONNX file of leq's best network, to be built into programs. Its card is `leq.md`.
//!
//! ```
//! assert!(models::LEQ.len() < 1 << 20);
//! ```

/// The file `leq.onnx`, as `trainer export` wrote it: input and outputs are those of the crate `digits`' contract.
pub static LEQ: &[u8] = include_bytes!("leq.onnx");
