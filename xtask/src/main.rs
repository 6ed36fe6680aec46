//! `cargo xtask COMMAND` sets leq up, shows it and checks it, on a machine with nothing but Rust.

mod bench;
mod checksum;
mod demo;
mod project;
mod run;
mod setup;
mod suggestion;
mod test;
mod web;

use std::process::ExitCode;

use project::Project;

const HELP: &str = "\
cargo xtask COMMAND

  setup                Sets up, once, what the commands below need: in .setup ONNX Runtime's library, onnx's checker
                       for model files and axe-core; Chromium, and Rust's target for WebAssembly
  demo                 Trains report A's best network on MNIST, exports it, and compares two test images with it
  test [--only STEP]   Runs every check, or the named ones: fmt, clippy, tests, docs, models, web
  web [--serve]        Builds the page into target/web, for any static host; --serve shows it on this machine
  bench train [--quick]
                       Measures training beside PyTorch, which it first sets up in .setup (5.5 GB), and writes
                       results/bench-train; some 15 minutes on an idle machine. --quick shows that all of it works
  bench infer [--quick]
                       Measures inference beside Python, which it first sets up in .setup, on 100,000 pairs of PNG files,
                       and writes results/bench-infer; some 10 minutes on an idle machine
  bench web [--quick]  Measures the page beside onnxruntime-web in Chromium and writes results/bench-web

Exit code: 0 done, 1 a check or a measurement failed, 2 usage, 3 could not work at all.
";

/// How a command ended that could work at all.
enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Some checks or measurements failed, each one named.
    SomeFailed,
    /// The command line was not understood, for this reason.
    Usage(String),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments, &Project::here()) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Ok(Outcome::Usage(reason)) => {
            eprintln!("error: {reason}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(3)
        }
    }
}

fn dispatch(arguments: &[&str], project: &Project) -> anyhow::Result<Outcome> {
    match arguments {
        [] => Ok(Outcome::Usage("no command given".into())),
        ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"] => {
            print!("{HELP}");
            Ok(Outcome::Done)
        }
        ["setup"] => setup::command(project),
        ["demo"] => demo::command(project),
        ["bench", options @ ..] => bench::command(project, options),
        ["test", options @ ..] => test::command(project, options),
        ["web", options @ ..] => web::command(project, options),
        [command @ ("setup" | "demo"), extra, ..] => {
            Ok(Outcome::Usage(format!("{command} takes no arguments, found {extra}")))
        }
        [unknown, ..] => {
            Ok(Outcome::Usage(suggestion::unknown("command", unknown, &["setup", "demo", "test", "web", "bench"])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(arguments: &[&str]) -> String {
        match dispatch(arguments, &Project::here()) {
            Ok(Outcome::Usage(reason)) => reason,
            _ => panic!("{arguments:?} was not refused"),
        }
    }

    #[test]
    fn a_command_that_does_not_exist_is_refused_with_the_nearest_one() {
        assert_eq!(refusal(&["tset"]), "there is no command tset, did you mean test?");
    }

    #[test]
    fn an_argument_that_a_command_does_not_take_is_refused_by_name() {
        assert_eq!(refusal(&["demo", "--fast"]), "demo takes no arguments, found --fast");
        assert_eq!(refusal(&["test", "--only", "clipy"]), "there is no step clipy, did you mean clippy?");
    }
}
