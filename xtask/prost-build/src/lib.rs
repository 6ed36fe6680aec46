//! As much of prost-build as candle-onnx's build script uses, without `protoc`.
//!
//! prost-build runs Google's protobuf compiler, a program that few machines have. Here protox, a compiler in Rust, reads the
//! `.proto` files, and the real prost-build generates the code. `[patch.crates-io]` in the workspace's `Cargo.toml` puts
//! this crate in prost-build's place.

use std::io::{Error, Result};
use std::path::Path;

use prost::Message;
use protox::prost_reflect::prost_types::FileDescriptorSet;

/// Generates Rust code for `protos` into Cargo's `OUT_DIR`; `includes` are the folders that imports are looked up in.
///
/// # Errors
/// Names the file that is missing or is not valid, or that could not be written.
pub fn compile_protos(protos: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<()> {
    let bytes = descriptors(protos, includes)?.encode_to_vec();
    generator::compile_fds(for_generator(&bytes)?)
}

/// The generator is of an older minor version, whose types are its own; the bytes of a message are the same.
fn for_generator(bytes: &[u8]) -> Result<generator_types::FileDescriptorSet> {
    generator_prost::Message::decode(bytes).map_err(Error::other)
}

/// What the files and those that they import declare, comments included.
fn descriptors(protos: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<FileDescriptorSet> {
    protox::compile(protos, includes).map_err(|error| Error::other(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_what_it_imports_are_read_with_their_comments() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| folder.path().join(name);
        std::fs::write(file("part.proto"), "syntax = \"proto3\"; message Part { int32 n = 1; }").unwrap();
        let whole =
            "syntax = \"proto3\"; import \"part.proto\";\n// All parts.\nmessage Whole { repeated Part parts = 1; }";
        std::fs::write(file("whole.proto"), whole).unwrap();

        let set = descriptors(&[file("whole.proto")], &[folder.path()]).unwrap();

        let names: Vec<_> = set.file.iter().map(|file| file.name()).collect();
        assert_eq!(names, ["part.proto", "whole.proto"]);
        let locations = &set.file[1].source_code_info.as_ref().unwrap().location;
        assert!(locations.iter().any(|location| location.leading_comments() == " All parts.\n"));
    }

    #[test]
    fn a_fault_in_a_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join("broken.proto");
        std::fs::write(&broken, "message {").unwrap();
        let fault = descriptors(&[broken], &[folder.path()]).unwrap_err().to_string();
        assert!(fault.contains("broken.proto"), "{fault}");
    }
}
