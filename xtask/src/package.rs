//! `cargo xtask package`: every library crate as it would be published, without publishing it.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use setup::run::{self, cargo, say};
use setup::{Need, Project, Tally};

use crate::Outcome;

/// What `cargo xtask package` can be asked for.
#[derive(clap::Args)]
pub struct Arguments {
    /// Do not build the packages, which takes minutes
    #[arg(long)]
    no_verify: bool,
}

/// Packages the library crates, and builds each package by itself unless that is refused.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler])?;
    if let Err(fault) = package(project, arguments.no_verify) {
        say(&format!("{fault:#}"));
        return Ok(Outcome::SomeFailed);
    }
    Ok(Outcome::Done)
}

/// The step `package` of the checks: a package can be made of every library crate. They are not built.
pub fn check(project: &Project) -> Result<Tally> {
    package(project, true)?;
    Ok(Tally::PASSED)
}

fn package(project: &Project, no_verify: bool) -> Result<()> {
    let crates = library_crates(project)?;
    let command = |words: &[&str]| {
        let mut command = cargo(project, &["package", "--locked", "--allow-dirty", "--quiet"]);
        command.args(words);
        crates.iter().for_each(|name| _ = command.args(["--package", name]));
        if no_verify {
            command.arg("--no-verify");
        } else {
            // The packages are built outside the workspace, whose patch does not reach there.
            command.args(["--config", "patch.crates-io.prost-build.path='xtask/prost-build'"]);
        }
        command
    };
    // Without the patch a package needs what `cargo fetch` never asked for; a new machine has none of it yet.
    let is_known = command(&["--offline"]).output().context("cannot run cargo package")?.status.success();
    run::run(project, &mut command(if is_known { &["--offline"] } else { &[] }))
}

/// The names of the workspace's crates that may be published.
fn library_crates(project: &Project) -> Result<Vec<String>> {
    let mut command = cargo(project, &["metadata", "--format-version", "1", "--no-deps", "--locked", "--offline"]);
    let output = command.output().context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata writes JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let is_publishable = |package: &&Value| package["publish"].is_null();
    let name = |package: &Value| package["name"].as_str().map(str::to_owned);
    Ok(packages.iter().filter(is_publishable).filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_crates_are_those_below_crates_and_the_model() {
        let project = Project::here();
        let mut expected: Vec<String> = std::fs::read_dir(project.root.join("crates"))
            .unwrap()
            .map(|entry| format!("leq-{}", entry.unwrap().file_name().display()))
            .collect();
        expected.push("leq-models".to_owned());
        let mut crates = library_crates(&project).unwrap();
        expected.sort();
        crates.sort();
        assert_eq!(crates, expected);
    }
}
