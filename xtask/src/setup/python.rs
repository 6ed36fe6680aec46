//! A Python of the project's own: a virtual environment in `.setup/python`, whose pip fetches ONNX Runtime's library and
//! onnx's checker.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{remove, say, system};
use crate::checksum;
use crate::project::Project;
use crate::run;

/// The names that a Python for which every pinned package has a wheel may go by.
const PYTHONS: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Succeeds under a Python of those versions that can make a virtual environment with pip.
const SUITS: &str = "import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))";

/// The program of the virtual environment.
pub fn program(project: &Project) -> PathBuf {
    project.setup_dir().join("python/bin/python")
}

/// Makes the virtual environment unless it is there and works, and gives the command `pip` in it.
///
/// # Errors
/// Which Python is missing and how to get it, or the command that failed.
pub fn pip(project: &Project) -> Result<Command> {
    let pip = || {
        let mut pip = run::program(project, program(project));
        pip.args(["-m", "pip"]);
        pip
    };
    if !run::works(pip().arg("--version")) {
        let folder = project.setup_dir().join("python");
        remove(&folder)?;
        let python = suitable_python(project)?;
        say("making a Python environment");
        run::run(project, run::program(project, python).args(["-m", "venv"]).arg(&folder))?;
    }
    Ok(pip())
}

/// Installs the packages of `xtask/requirements.txt`, whose checksums are in it, unless they are there.
///
/// # Errors
/// As `pip`, or the command that failed.
pub fn ensure_checker(project: &Project) -> Result<()> {
    let mut pip = pip(project)?;
    let requirements = project.root.join("xtask/requirements.txt");
    let stamp = project.setup_dir().join("python/installed");
    let wanted = format!("{} {}\n", checksum::of_file(&requirements)?, version(project)?);
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    say("installing onnx's checker into the Python environment");
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]);
    run::run(project, pip.arg("--requirement").arg(&requirements))
        .context("onnx's checker could not be installed; see to it that pip can download, and run this again")?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// What Python the environment holds: packages installed for another one do not serve it.
fn version(project: &Project) -> Result<String> {
    let output = run::program(project, program(project)).arg("--version").output().context("cannot run python")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first Python on the path that will do; Debian's is installed if none will.
fn suitable_python(project: &Project) -> Result<&'static str> {
    let find = || PYTHONS.into_iter().find(|python| run::works(run::program(project, python).args(["-c", SUITS])));
    if let Some(python) = find() {
        return Ok(python);
    }
    let missing = "a Python from 3.10 to 3.14 with venv";
    system::install(project, missing, &["python3", "python3-venv"], "brew install python@3.13")?;
    match find() {
        Some(python) => Ok(python),
        None => bail!("{missing} is missing, this system's own is another; install one as python3.13, say"),
    }
}
