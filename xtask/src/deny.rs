//! `cargo xtask advisories`, and the step `licences` of the checks: cargo-deny, by the rules in `deny.toml`.

use anyhow::Result;
use setup::run::{self, cargo, program, say};
use setup::{Need, Project, Tally};

use crate::Outcome;
use crate::notices;

/// Compares the dependencies with the database of known faults, which is fetched anew.
pub fn command(project: &Project) -> Result<Outcome> {
    setup::ensure(project, &[Need::CargoDeny])?;
    let mut deny = program(project, setup::cargo_deny(project));
    if let Err(fault) = run::run(project, deny.args(["--locked", "check", "advisories"])) {
        say(&format!("{fault:#}"));
        return Ok(Outcome::SomeFailed);
    }
    Ok(Outcome::Done)
}

/// The step `licences`: licences, duplicates and sources of all dependencies are allowed ones, and the notices are theirs.
pub fn check(project: &Project) -> Result<Tally> {
    // Those of other systems too, whose licences are read.
    run::run(project, &mut cargo(project, &["fetch", "--quiet", "--locked"]))?;
    let mut deny = program(project, setup::cargo_deny(project));
    deny.args(["--log-level", "error", "--offline", "--locked", "check", "licenses", "bans", "sources"]);
    run::run(project, &mut deny)?;
    let mut tally = Tally::PASSED;
    notices::check(project)?;
    tally += Tally::PASSED;
    Ok(tally)
}
