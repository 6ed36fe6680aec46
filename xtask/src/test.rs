//! `cargo xtask test`: every check that a change must pass, here and in the pipeline.

mod judging;
mod models;
mod rust_tests;

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use setup::run::{cargo, run, say};
use setup::{Need, Project, Tally};

use crate::Outcome;
use crate::deny;
use crate::package;

/// One named part of the checks.
struct Step {
    name: &'static str,
    needs: &'static [Need],
    check: fn(&Project) -> Result<Tally>,
}

const STEPS: [Step; 9] = [
    Step { name: "fmt", needs: &[Need::RustTools], check: fmt },
    Step { name: "clippy", needs: &[Need::RustTools, Need::CCompiler], check: clippy },
    Step {
        name: "tests",
        needs: &[Need::CCompiler, Need::OnnxRuntime, Need::ModelChecker, Need::Node],
        check: rust_tests::check,
    },
    Step { name: "docs", needs: &[Need::CCompiler], check: docs },
    Step { name: "package", needs: &[], check: package::check },
    Step { name: "licences", needs: &[Need::CargoDeny], check: deny::check },
    Step { name: "models", needs: &[Need::ModelChecker], check: models::check },
    Step { name: "judging", needs: &[Need::ModelChecker], check: judging::check },
    Step {
        name: "web",
        needs: &[
            Need::CCompiler,
            Need::RustTarget(setup::WASM),
            Need::Rollup,
            Need::OnnxRuntime,
            Need::Browser,
            Need::Firefox,
            Need::AxeCore,
        ],
        check: page::check,
    },
];

/// How a step ended, or why it could not.
struct StepReport {
    name: &'static str,
    result: Result<Tally>,
    time: Duration,
}

/// What `cargo xtask test` can be asked for.
#[derive(Args)]
pub struct Arguments {
    /// Run these steps only; may be given more than once
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = PossibleValuesParser::new(STEPS.map(|step| step.name)))]
    only: Vec<String>,
}

impl Arguments {
    /// The chosen steps in their own order, all of them without a choice.
    fn steps(&self) -> Vec<&'static Step> {
        let is_chosen = |step: &&Step| self.only.is_empty() || self.only.iter().any(|name| name == step.name);
        STEPS.iter().filter(is_chosen).collect()
    }
}

/// Sets up what the chosen steps need and runs them, each whether or not those before it passed.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    let steps = arguments.steps();
    let mut needs = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    setup::ensure(project, &needs)?;
    let reports: Vec<StepReport> = steps.into_iter().map(|step| carry_out(project, step)).collect();
    let (text, outcome) = summary(&reports);
    say(&format!("\n{text}"));
    Ok(outcome)
}

fn carry_out(project: &Project, step: &Step) -> StepReport {
    say(&format!("\n== {}", step.name));
    let start = Instant::now();
    let result = (step.check)(project);
    if let Err(fault) = &result {
        say(&format!("{}: {fault:#}", step.name));
    }
    StepReport { name: step.name, result, time: start.elapsed() }
}

/// The list of the steps, ending with one line that counts all checks, and the outcome of the whole.
fn summary(reports: &[StepReport]) -> (String, Outcome) {
    let mut text = String::new();
    let mut total = Tally::default();
    for StepReport { name, result, time } in reports {
        let (tally, fault) = match result {
            Ok(tally) => (*tally, String::new()),
            Err(fault) => (Tally::FAILED, format!("  {fault}")),
        };
        let verdict = if tally.failed == 0 { "passed" } else { "FAILED" };
        text += &format!("{name:<8} {verdict} {:>7.1} s  {tally}{fault}\n", time.as_secs_f64());
        total += tally;
    }
    let outcome = if total.failed == 0 { Outcome::Done } else { Outcome::SomeFailed };
    (format!("{text}\n{total}"), outcome)
}

fn fmt(project: &Project) -> Result<Tally> {
    run(project, &mut cargo(project, &["fmt", "--all", "--check"]))?;
    Ok(Tally::PASSED)
}

fn clippy(project: &Project) -> Result<Tally> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    run(project, &mut cargo(project, &arguments))?;
    Ok(Tally::PASSED)
}

fn docs(project: &Project) -> Result<Tally> {
    let mut command = cargo(project, &["doc", "--workspace", "--no-deps", "--locked"]);
    run(project, command.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Tally::PASSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let arguments = Arguments { only: only.iter().map(|name| (*name).to_owned()).collect() };
        arguments.steps().iter().map(|step| step.name).collect()
    }

    #[test]
    fn without_a_choice_every_step_is_taken_in_order() {
        assert_eq!(names(&[]), ["fmt", "clippy", "tests", "docs", "package", "licences", "models", "judging", "web"]);
        assert_eq!(names(&["docs", "fmt"]), ["fmt", "docs"]);
    }

    #[test]
    fn the_summary_lists_every_step_and_ends_with_the_count_of_all_checks() {
        let report = |name, result| StepReport { name, result, time: Duration::from_millis(1500) };
        let tests = Tally { passed: 7, failed: 0, skipped: 0 };
        let (text, outcome) = summary(&[report("fmt", Ok(Tally::PASSED)), report("tests", Ok(tests))]);
        assert!(matches!(outcome, Outcome::Done));
        let expected = "fmt      passed     1.5 s  1 passed, 0 failed\ntests    passed     1.5 s  7 passed, 0 failed\n";
        assert_eq!(text, format!("{expected}\n8 passed, 0 failed"));
    }

    #[test]
    fn one_step_that_could_not_run_fails_the_whole() {
        let report = |result| StepReport { name: "docs", result, time: Duration::ZERO };
        let (text, outcome) = summary(&[report(Err(anyhow::anyhow!("cargo doc failed"))), report(Ok(Tally::PASSED))]);
        assert!(matches!(outcome, Outcome::SomeFailed));
        assert!(text.starts_with("docs     FAILED     0.0 s  0 passed, 1 failed  cargo doc failed\n"), "{text}");
        assert!(text.ends_with("\n1 passed, 1 failed"), "{text}");
    }
}
