//! What has to be installed on the machine itself, outside the project folder: said first, done where it can be, and
//! else ended with the command to run.

use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::project::Project;
use crate::{run, say};

/// Makes sure that crates with C sources can be compiled.
pub fn ensure_c_compiler(project: &Project) -> Result<()> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    if run::works(run::program(project, &compiler).arg("--version")) {
        return Ok(());
    }
    let missing = format!("a C compiler ({})", compiler.to_string_lossy());
    install(project, &missing, &["gcc", "libc6-dev"], "xcode-select --install")
}

/// Makes sure that crates with C sources can be compiled for another target, by `compiler` of Debian's `package`.
pub fn ensure_cross_compiler(project: &Project, compiler: &str, package: &str) -> Result<()> {
    if run::works(run::program(project, compiler).arg("--version")) {
        return Ok(());
    }
    let on_macos = "brew install mingw-w64 (for Windows; for Linux there is none, use a Linux machine)";
    install(project, &format!("a C compiler ({compiler})"), &[package], on_macos)
}

/// What runs programs of aarch64 on this machine.
pub const AARCH64_EMULATOR: &str = "qemu-aarch64-static";

/// Makes sure that programs of aarch64 run, and find the C library that they load.
pub fn ensure_aarch64_emulator(project: &Project) -> Result<()> {
    let has_library = Path::new("/usr/aarch64-linux-gnu/lib/libc.so.6").exists();
    if has_library && run::works(run::program(project, AARCH64_EMULATOR).arg("--version")) {
        return Ok(());
    }
    let packages = ["qemu-user-static", "libc6-dev-arm64-cross"];
    install(project, &format!("QEMU for aarch64 ({AARCH64_EMULATOR})"), &packages, "nothing; use a Linux machine")
}

/// Slurm's and munge's programs, where Debian puts them; not every user's path leads there.
pub const SLURMCTLD: &str = "/usr/sbin/slurmctld";
/// Slurm's daemon of a node.
pub const SLURMD: &str = "/usr/sbin/slurmd";
/// The daemon that tells Slurm's parts who asks.
pub const MUNGED: &str = "/usr/sbin/munged";
/// What makes the secret of that daemon.
pub const MUNGE_KEY: &str = "/usr/sbin/mungekey";

/// What submits jobs. It reads a configuration before its options, so even `sbatch --version` fails without one.
const SBATCH: &str = "/usr/bin/sbatch";

/// Makes sure that a Slurm cluster can be started here.
pub fn ensure_slurm(project: &Project) -> Result<()> {
    let programs = [SLURMCTLD, SLURMD, SBATCH, MUNGED, MUNGE_KEY];
    if programs.iter().all(|program| Path::new(program).exists()) && run::works(run::program(project, SLURMD).arg("-V"))
    {
        return Ok(());
    }
    install(project, "Slurm (slurmctld)", &["slurm-wlm", "munge"], "nothing; use a Linux machine")
}

/// The oldest Java that PySpark 4 runs in.
const OLDEST_JAVA: u32 = 17;

/// Makes sure that Spark has a Java to run in.
pub fn ensure_java(project: &Project) -> Result<()> {
    let is_there = || {
        let said = run::program(project, "java").arg("--version").output();
        said.is_ok_and(|said| java_version(&String::from_utf8_lossy(&said.stdout)) >= OLDEST_JAVA)
    };
    if is_there() {
        return Ok(());
    }
    let missing = format!("Java {OLDEST_JAVA} or newer (java)");
    install(project, &missing, &["default-jre-headless"], "brew install openjdk")?;
    ensure!(is_there(), "{missing} is missing, this system's own is older; put a newer one first on the path");
    Ok(())
}

/// The number in what `java --version` prints: 17 of `openjdk 17.0.15 2025-04-15`; 0 if there is none.
fn java_version(said: &str) -> u32 {
    let version = said.split_whitespace().nth(1).unwrap_or_default();
    version.split(['.', '-', '+']).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Makes sure that PyTorch can compile its networks.
pub fn ensure_cxx_compiler(project: &Project) -> Result<()> {
    if run::works(run::program(project, "g++").arg("--version")) {
        return Ok(());
    }
    install(project, "a C++ compiler (g++)", &["g++"], "xcode-select --install")
}

/// Makes sure that programs in JavaScript run.
pub fn ensure_node(project: &Project) -> Result<()> {
    if run::works(run::program(project, "node").arg("--version")) {
        return Ok(());
    }
    install(project, "Node.js (node)", &["nodejs"], "brew install node")
}

/// Makes sure that `cargo fmt` and `cargo clippy` are there.
pub fn ensure_rust_tools(project: &Project) -> Result<()> {
    let tools = [("fmt", "rustfmt"), ("clippy", "clippy")];
    let is_missing = |(subcommand, _): &(&str, &str)| !run::works(&mut run::cargo(project, &[subcommand, "--version"]));
    let missing: Vec<&str> = tools.into_iter().filter(is_missing).map(|(_, component)| component).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    say(&format!("{names} missing; adding to this machine's Rust toolchain, outside the project folder"));
    let mut rustup = run::program(project, "rustup");
    match run::run(project, rustup.args(["component", "add"]).args(&missing)) {
        Ok(()) => Ok(()),
        Err(fault) => bail!("{fault:#}; add them to the toolchain yourself, with rustup: rustup component add {names}"),
    }
}

/// Installs Debian's `packages`, as whoever runs this if that is root, else through sudo if it asks for no password.
///
/// # Errors
/// Says what is `missing` and which command installs it, where it could not be done from here.
pub fn install(project: &Project, missing: &str, packages: &[&str], on_macos: &str) -> Result<()> {
    let names = packages.join(" ");
    if cfg!(target_os = "macos") {
        bail!("{missing} is missing; install it with: {on_macos}");
    }
    if !run::works(run::program(project, "apt-get").arg("--version")) {
        bail!("{missing} is missing; install what this system calls {names}");
    }
    let sudo: &[&str] = if is_root(project) { &[] } else { &["sudo", "-n"] };
    say(&format!("{missing} is missing; installing Debian's {names}, outside the project folder"));
    let apt_get = |arguments: &[&str]| {
        let words = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        run::run(project, run::program(project, words[0]).args(&words[1..]))
    };
    let install = [&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat();
    match apt_get(&["update", "--quiet"]).and_then(|()| apt_get(&install)) {
        Ok(()) => Ok(()),
        Err(fault) => bail!(
            "{fault:#}\n{missing} is missing; install it with: sudo apt-get update && sudo apt-get install {names}"
        ),
    }
}

fn is_root(project: &Project) -> bool {
    let id = run::program(project, "id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_java_is_read_from_what_it_prints() {
        for (said, version) in [
            ("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)\n", 17),
            ("openjdk 11.0.26 2025-01-21\n", 11),
            ("java 21 2023-09-19 LTS\n", 21),
            ("openjdk 26-ea 2026-03-17\n", 26),
            ("", 0),
        ] {
            assert_eq!(java_version(said), version, "{said}");
        }
    }
}
