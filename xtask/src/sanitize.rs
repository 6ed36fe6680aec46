//! `cargo xtask sanitize`: the kernels' tests under AddressSanitizer, which stops at any access outside an allocation.

use anyhow::Result;
use setup::Project;
use setup::run::{self, cargo};

use crate::Outcome;

/// The targets whose Rust brings AddressSanitizer.
const TARGET: &str =
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" };

/// Builds the kernels and their tests with AddressSanitizer, and runs them.
///
/// # Errors
/// A test that failed, or an access outside an allocation.
pub fn command(project: &Project) -> Result<Outcome> {
    // With a target named, what only builds is not sanitised.
    let arguments = ["test", "-p", "leq-kernels", "--lib", "--tests", "--locked", "--target", TARGET];
    let mut command = cargo(project, &arguments);
    // The option is not stable, and the compiler asks to be told that one knows.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    run::run(project, command.args(["--target-dir", "target/sanitize"]))?;
    Ok(Outcome::Done)
}
