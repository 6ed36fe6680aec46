//! `cargo xtask cross`: whether the workspace compiles for the systems that this machine is not.
//!
//! It is type-checked, C sources included, but nothing is linked or run.

use anyhow::Result;
use setup::run::{self, cargo, say};
use setup::{Need, Project};

use crate::Outcome;

/// Another system, and the C compiler for it.
struct Target {
    triple: &'static str,
    compiler: &'static str,
    package: &'static str,
}

const TARGETS: [Target; 2] = [
    Target { triple: "x86_64-pc-windows-gnu", compiler: "x86_64-w64-mingw32-gcc", package: "gcc-mingw-w64-x86-64" },
    Target { triple: "aarch64-unknown-linux-gnu", compiler: "aarch64-linux-gnu-gcc", package: "gcc-aarch64-linux-gnu" },
];

/// Checks the workspace for every target, whether or not those before it passed.
pub fn command(project: &Project) -> Result<Outcome> {
    let mut needs = vec![Need::CCompiler];
    for target in &TARGETS {
        needs.push(Need::RustTarget(target.triple));
        needs.push(Need::CrossCompiler(target.compiler, target.package));
    }
    setup::ensure(project, &needs)?;
    let mut outcome = Outcome::Done;
    for Target { triple, .. } in TARGETS {
        let arguments = ["check", "--workspace", "--all-targets", "--locked", "--target", triple];
        if let Err(fault) = run::run(project, &mut cargo(project, &arguments)) {
            say(&format!("{triple}: {fault:#}"));
            outcome = Outcome::SomeFailed;
        }
    }
    Ok(outcome)
}
