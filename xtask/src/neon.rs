//! `cargo xtask neon`: the kernels' tests and one comparison on an emulated aarch64, whose SIMD is NEON.

use std::process::Command;

use anyhow::Result;
use setup::run::{self, cargo};
use setup::{Need, Project};

use crate::Outcome;

const TARGET: &str = "aarch64-unknown-linux-gnu";
/// The C compiler for it, and Debian's package.
const COMPILER: Need = Need::CrossCompiler("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu");
/// Where Debian's packages put the C library that programs for it load.
const SYSTEM: &str = "/usr/aarch64-linux-gnu";
/// Two drawings of a seven.
const PICTURES: [&str; 2] = ["infer/tests/pictures/seven-tight.png", "infer/tests/pictures/seven-palette.png"];

/// Compiles for aarch64, and runs the outcome under QEMU.
///
/// # Errors
/// A test that failed, or a comparison that could not be answered.
pub fn command(project: &Project) -> Result<Outcome> {
    setup::ensure(project, &[Need::RustTarget(TARGET), COMPILER, Need::Aarch64Emulator])?;
    run::run(project, &mut emulated(project, &["test", "-p", "leq-kernels", "--lib", "--tests"], &[]))?;
    let compare = ["compare", "--engine", "rten", PICTURES[0], PICTURES[1]];
    run::run(project, &mut emulated(project, &["run", "-p", "infer"], &compare))?;
    Ok(Outcome::Done)
}

/// Cargo for aarch64, whose programs QEMU runs.
fn emulated(project: &Project, cargo_arguments: &[&str], program_arguments: &[&str]) -> Command {
    let mut command = cargo(project, cargo_arguments);
    command.args(["--locked", "--target", TARGET, "--"]).args(program_arguments);
    let variable = |name: &str| format!("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_{name}");
    command.env(variable("LINKER"), "aarch64-linux-gnu-gcc");
    command.env(variable("RUNNER"), format!("{} -L {SYSTEM}", setup::AARCH64_EMULATOR));
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulator_runs_what_is_compiled_for_aarch64() {
        let project = Project::here();
        let typed = run::typed(&project, &emulated(&project, &["run", "-p", "infer"], &["compare"]));
        assert!(typed.contains("RUNNER='qemu-aarch64-static -L /usr/aarch64-linux-gnu'"), "{typed}");
        assert!(typed.ends_with("run -p infer --locked --target aarch64-unknown-linux-gnu -- compare"), "{typed}");
    }
}
