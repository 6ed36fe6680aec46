//! `cargo xtask fuzz`: every fuzz target for a while, from the seeds that are kept.

use anyhow::{Context, Result, bail};

use crate::Outcome;
use crate::project::Project;
use crate::run::{self, program, say};
use crate::setup::{self, Need};

/// The targets, by their files in `fuzz/fuzz_targets`.
const TARGETS: [&str; 4] = ["image", "idx", "rows", "model"];

/// What `cargo xtask fuzz` can be asked for.
#[derive(clap::Args)]
pub struct Arguments {
    /// Seconds a target
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    seconds: u32,
    /// Run this target only
    #[arg(long, value_name = "TARGET", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    only: Option<String>,
}

/// Runs the targets in turn, each whether or not those before it found something.
///
/// # Errors
/// When one cannot be built.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::CargoFuzz])?;
    let mut failed = Vec::new();
    for target in TARGETS.into_iter().filter(|target| arguments.only.as_deref().is_none_or(|only| only == *target)) {
        let corpus = project.root.join("target/fuzz-corpus").join(target);
        std::fs::create_dir_all(&corpus).with_context(|| format!("cannot make the folder {}", corpus.display()))?;
        let mut fuzz = program(project, setup::cargo_fuzz(project));
        // With the stable toolchain, which asks to be told that its sanitisers are not.
        fuzz.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", "run", target]).arg(&corpus);
        fuzz.arg(project.root.join("fuzz/seeds").join(target)).arg("--");
        fuzz.args([format!("-max_total_time={}", arguments.seconds), "-print_final_stats=1".to_owned()]);
        if let Err(fault) = run::run(project, &mut fuzz) {
            say(&format!("{target}: {fault:#}; what was found is in fuzz/artifacts/{target}"));
            failed.push(target);
        }
    }
    if failed.len() == TARGETS.len() {
        bail!("no target ran to its end");
    }
    Ok(if failed.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_file_and_seeds() {
        let folder = Project::here().root.join("fuzz");
        let files = std::fs::read_dir(folder.join("fuzz_targets")).unwrap().count();
        assert_eq!(files, TARGETS.len());
        for target in TARGETS {
            assert!(folder.join("fuzz_targets").join(target).with_extension("rs").is_file(), "{target}");
            assert!(std::fs::read_dir(folder.join("seeds").join(target)).unwrap().count() > 0, "{target}");
        }
    }
}
