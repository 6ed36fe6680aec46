//! `cargo xtask COMMAND` sets leq up, shows it and checks it, on a machine with nothing but Rust.

#[cfg(test)]
mod architecture;
mod bench;
mod cross;
mod demo;
mod deny;
mod fuzz;
mod models;
mod mutants;
mod neon;
mod notices;
mod package;
#[cfg(test)]
mod rust_version;
mod sanitize;
mod test;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use setup::Project;

/// Sets leq up, shows it and checks it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXIT_CODES, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit code: 0 done, 1 a check or a measurement failed, 2 usage, 3 error.";

#[derive(Subcommand)]
enum Command {
    /// Set up what the commands below need.
    ///
    /// ONNX Runtime's library, onnx's checker for model files, Rollup and axe-core go into .setup; Chromium and Rust's target
    /// for WebAssembly are added to the machine, after telling you.
    Setup,
    /// Train report A's best network on MNIST, export it, and compare two test images with it.
    Demo,
    /// Run every check, or the named ones.
    Test(test::Arguments),
    /// Make a package of every library crate, as for publishing, and build each by itself.
    Package(package::Arguments),
    /// Train, calibrate, export and measure all of models/ again: a quarter of an hour on two cores; goes on where it was stopped.
    Models(models::Arguments),
    /// Type-check the workspace for Windows and for Linux on aarch64.
    Cross,
    /// Check the dependencies for security advisories (needs the network).
    Advisories,
    /// Write the licences of all crates that programs and page contain into THIRD-PARTY-NOTICES.md.
    Notices,
    /// Run the kernels' tests under AddressSanitizer.
    Sanitize,
    /// Run every fuzz target for ten minutes.
    Fuzz(fuzz::Arguments),
    /// Change one thing at a time in what reads untrusted files, and count the changes that no test notices; takes hours.
    Mutants(mutants::Arguments),
    /// Run the kernels' tests and one comparison on an emulated aarch64, whose SIMD is NEON.
    Neon,
    /// Build the page into target/web, for any static host.
    Web(web::Arguments),
    /// Measure leq beside others, on an otherwise idle machine.
    #[command(subcommand)]
    Bench(bench::Benchmark),
}

/// How a command ended that met no error.
enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Some checks or measurements failed, each one named.
    SomeFailed,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match carry_out(&arguments.command, &Project::here()) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(3)
        }
    }
}

fn carry_out(command: &Command, project: &Project) -> anyhow::Result<Outcome> {
    match command {
        Command::Setup => setup::ensure(project, &setup::USUAL).map(|()| Outcome::Done),
        Command::Demo => demo::command(project),
        Command::Test(arguments) => test::command(project, arguments),
        Command::Package(arguments) => package::command(project, arguments),
        Command::Models(arguments) => models::command(project, arguments),
        Command::Cross => cross::command(project),
        Command::Advisories => deny::command(project),
        Command::Sanitize => sanitize::command(project),
        Command::Fuzz(arguments) => fuzz::command(project, arguments),
        Command::Notices => notices::command(project),
        Command::Mutants(arguments) => mutants::command(project, arguments),
        Command::Neon => neon::command(project),
        Command::Web(arguments) => web::command(project, arguments),
        Command::Bench(benchmark) => bench::command(project, benchmark),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// What clap says about a command line that it refuses.
    fn refusal(words: &[&str]) -> String {
        match Arguments::try_parse_from(["cargo xtask"].iter().chain(words)) {
            Err(refused) => {
                assert_eq!(refused.exit_code(), 2, "{words:?}");
                refused.to_string()
            }
            Ok(_) => panic!("{words:?} was not refused"),
        }
    }

    #[test]
    fn the_declared_arguments_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_name_that_does_not_exist_is_refused_with_the_nearest_one() {
        for (words, nearest) in [
            (&["tset"] as &[&str], "'test'"),
            (&["test", "--only", "clipy"], "'clippy'"),
            (&["test", "--olny", "fmt"], "'--only'"),
            (&["bench", "trian"], "'train'"),
            (&["bench", "infer", "--quik"], "'--quick'"),
        ] {
            let refused = refusal(words);
            assert!(refused.contains("similar") && refused.contains(nearest), "{words:?}: {refused}");
        }
    }

    #[test]
    fn an_argument_that_a_command_does_not_take_is_refused_by_name() {
        assert!(refusal(&["demo", "--fast"]).contains("'--fast'"));
        assert!(refusal(&["bench", "leq-1000", "--quick"]).contains("'--quick'"));
    }

    #[test]
    fn every_command_and_benchmark_is_in_the_help() {
        let mut command = Arguments::command();
        let help = command.render_help().to_string();
        for name in [
            "setup",
            "demo",
            "test",
            "package",
            "cross",
            "advisories",
            "notices",
            "sanitize",
            "fuzz",
            "mutants",
            "neon",
            "web",
            "bench",
        ] {
            assert!(help.contains(&format!("\n  {name} ")), "{name} is not in\n{help}");
        }
        let help = command.find_subcommand_mut("bench").unwrap().render_help().to_string();
        for name in ["train", "leq-1000", "infer", "cluster", "hands", "prepare", "reproduction", "web"] {
            assert!(help.contains(&format!("\n  {name} ")), "{name} is not in\n{help}");
        }
    }
}
