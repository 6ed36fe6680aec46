//! Rust's standard library for other targets than this machine.

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{run, say};

/// The page's target.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the target to this machine's Rust toolchain unless it is there.
///
/// # Errors
/// The command to run where rustup is not what Rust was installed with.
pub fn ensure(project: &Project, target: &str) -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut library = run::program(project, rustc);
    let folder = library.args(["--print", "target-libdir", "--target", target]).output();
    let is_there = folder.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success() && std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some())
    });
    if is_there {
        return Ok(());
    }
    say(&format!("{target} is missing; adding it to this machine's Rust toolchain, outside the project folder"));
    match run::run(project, run::program(project, "rustup").args(["target", "add", target])) {
        Ok(()) => Ok(()),
        Err(fault) => bail!("{fault:#}; add it to the toolchain yourself, with rustup: rustup target add {target}"),
    }
}
