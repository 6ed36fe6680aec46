//! `cargo xtask fuzz`: every fuzz target for a while, from the seeds that are kept.

use anyhow::{Context, Result, bail};
use setup::run::{self, program, say};
use setup::{Need, Project};

use crate::Outcome;

/// The targets, by their files in `fuzz/fuzz_targets`.
const TARGETS: [&str; 4] = ["image", "idx", "rows", "model"];

/// What `cargo xtask fuzz` can be asked for.
#[derive(clap::Args)]
pub struct Arguments {
    /// Seconds per target
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
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
    use clap::Args;

    use super::*;

    /// libFuzzer takes 0 for no end.
    #[test]
    fn a_target_runs_for_a_second_at_least() {
        let parsed = |seconds| {
            let command = Arguments::augment_args(clap::Command::new("fuzz"));
            command.try_get_matches_from(["fuzz", "--seconds", seconds]).map(|_| ())
        };
        assert!(parsed("1").is_ok());
        assert_eq!(parsed("0").unwrap_err().exit_code(), 2);
    }

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
