//! As much of prost-build as candle-onnx's build script uses, without `protoc`.
//!
//! prost-build runs Google's protobuf compiler, a program that few machines have. Here protox, a compiler in Rust, reads the
//! `.proto` files, and the real prost-build generates the code. `[patch.crates-io]` in the workspace's `Cargo.toml` puts
//! this crate in prost-build's place.

use std::io::{Error, Result};
use std::path::Path;

/// Generates Rust code for `protos` into Cargo's `OUT_DIR`; `includes` are the folders that imports are looked up in.
///
/// # Errors
/// Names the file that is missing or is not valid, or that could not be written.
pub fn compile_protos(protos: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<()> {
    let descriptors = protox::compile(protos, includes).map_err(|error| Error::other(format!("{error:?}")))?;
    generator::compile_fds(descriptors)
}
