//! `cargo xtask mutants`: changes one operator, value or branch at a time by cargo-mutants, in what reads untrusted files, and
//! counts the changes that no test notices.

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;
use serde::{Deserialize, Serialize};
use setup::run::{self, program, say};
use setup::{Need, Project};

use crate::Outcome;

/// Where the result is written.
const SUMMARY: &str = "results/mutants/summary.json";
/// Fewer than this fraction of all mutants may survive in each part.
const MOST_SURVIVORS: f64 = 0.1;

/// Files whose mutants are tried, and the tests that must notice.
struct Part {
    /// What it is called in the results and by `--only`: as its package, and what else tells it from the package's other parts.
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    /// What `cargo test` is told: of a large package only the tests of the modules around, which are to notice by themselves.
    tests: &'static [&'static str],
}

const PARTS: [Part; 7] = [
    Part {
        name: "leq-mnist",
        package: "leq-mnist",
        files: &["crates/mnist/src/**/*.rs"],
        tests: &["--lib", "--tests"],
    },
    Part {
        name: "leq-onnx",
        package: "leq-onnx",
        files: &[
            "crates/onnx/src/check.rs",
            "crates/onnx/src/signature.rs",
            "crates/onnx/src/sizes.rs",
            "crates/onnx/src/sizes/*.rs",
        ],
        tests: &["--lib"],
    },
    Part {
        name: "leq-onnx-graph",
        package: "leq-onnx",
        files: &["crates/onnx/src/graph.rs", "crates/onnx/src/graph/*.rs", "crates/onnx/src/protobuf.rs"],
        tests: &["--lib"],
    },
    Part { name: "leq-onnx-tensor", package: "leq-onnx", files: &["crates/onnx/src/tensor.rs"], tests: &["--lib"] },
    Part {
        name: "leq-infer",
        package: "leq-infer",
        files: &[
            "crates/infer/src/batch/detect.rs",
            "crates/infer/src/batch/columns.rs",
            "crates/infer/src/batch/csv.rs",
            "crates/infer/src/batch/label.rs",
            "crates/infer/src/batch/lines.rs",
        ],
        tests: &["--lib", "batch::"],
    },
    Part {
        name: "leq-infer-picture",
        package: "leq-infer",
        files: &["crates/infer/src/picture/file.rs", "crates/infer/src/picture/decode.rs"],
        tests: &["--lib", "picture::"],
    },
    Part { name: "leq-files", package: "leq-files", files: &["crates/files/src/*.rs"], tests: &["--lib"] },
];

/// What `cargo xtask mutants` can be asked for.
#[derive(clap::Args)]
pub struct Arguments {
    /// Try the mutants of this part only, and leave the results of the others as they are
    #[arg(long, value_name = "PART", value_parser = PossibleValuesParser::new(PARTS.map(|part| part.name)))]
    only: Option<String>,
}

/// A row of the result.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SurvivorRow {
    /// Its name.
    part: String,
    what: String,
    value: usize,
    unit: String,
    command: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<String>,
}

/// Tries all mutants, writes the result of each part when it is there, and fails if too many survive.
///
/// # Errors
/// When cargo-mutants cannot work, or the tests fail without any change.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::OnnxRuntime, Need::CargoMutants])?;
    let chosen = PARTS.iter().filter(|part| arguments.only.as_ref().is_none_or(|name| name == part.name));
    let summary = project.root.join(SUMMARY);
    let mut outcome = Outcome::Done;
    for part in chosen {
        let found = try_out(project, part)?;
        if found.tried == 0 {
            bail!("{}: no mutant was tried", part.name);
        }
        let share = found.survivors.len() as f64 / found.tried as f64;
        say(&format!("{}: {} of {} mutants survive", part.name, found.survivors.len(), found.tried));
        if share >= MOST_SURVIVORS {
            outcome = Outcome::SomeFailed;
        }
        let rows = with_part(read(&summary)?, part.name, found.rows(part.name));
        files::write_with_folders(&summary, serde_json::to_string_pretty(&rows)? + "\n")?;
    }
    Ok(outcome)
}

/// The rows of an earlier run; none if there was none.
fn read(summary: &Path) -> Result<Vec<SurvivorRow>> {
    if !summary.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(summary).with_context(|| format!("cannot read {}", summary.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of rows", summary.display()))
}

/// `rows` with those of one part replaced, in the order of the parts.
fn with_part(mut rows: Vec<SurvivorRow>, name: &str, found: [SurvivorRow; 2]) -> Vec<SurvivorRow> {
    rows.retain(|row| row.part != name);
    rows.extend(found);
    rows.sort_by_key(|row| PARTS.iter().position(|part| part.name == row.part));
    rows
}

/// How the mutants of a part ended.
#[derive(Debug, PartialEq)]
struct Found {
    /// Those that compile.
    tried: usize,
    survivors: Vec<String>,
}

impl Found {
    /// Reads cargo-mutants' lists. A mutant that never ends is noticed; one that does not compile is none.
    fn read(folder: &Path) -> Result<Self> {
        let list = |name: &str| {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok::<Vec<String>, anyhow::Error>(text.lines().map(str::to_owned).collect())
        };
        let survivors = list("missed.txt")?;
        let tried = survivors.len() + list("caught.txt")?.len() + list("timeout.txt")?.len();
        Ok(Self { tried, survivors })
    }

    fn rows(self, name: &str) -> [SurvivorRow; 2] {
        let row = |what: &str, value, unit: &str, found| SurvivorRow {
            part: name.to_owned(),
            what: what.to_owned(),
            value,
            unit: unit.to_owned(),
            command: format!("cargo xtask mutants --only {name}"),
            found,
        };
        [
            row("mutants", self.tried, "tried", Vec::new()),
            row("mutants that survive", self.survivors.len(), "found", self.survivors),
        ]
    }
}

fn try_out(project: &Project, part: &Part) -> Result<Found> {
    let output = project.root.join("target/mutants").join(part.name);
    std::fs::create_dir_all(&output).with_context(|| format!("cannot make the folder {}", output.display()))?;
    let mut mutants = program(project, setup::cargo_mutants(project));
    mutants.args(["mutants", "--package", part.package, "--timeout", "120", "--no-shuffle", "--colors", "never"]);
    part.files.iter().for_each(|file| _ = mutants.args(["--file", file]));
    // What is compiled for each mutant is compiled fast rather than made fast.
    mutants.arg(format!("--cargo-arg=--config=profile.dev.package.{}.opt-level=0", part.package));
    mutants.arg("--output").arg(&output).arg("--").args(part.tests);
    // Dependencies are compiled once, outside the copy of the sources that cargo-mutants changes; each package has a folder of its
    // own, so that two can be tried at once.
    mutants.env("CARGO_TARGET_DIR", project.root.join(format!("target/mutants/build-{}", part.package)));
    mutants.env("ORT_DYLIB_PATH", setup::onnxruntime_library(project)?);
    let status = run::stream(project, &mut mutants, say)?;
    // 2: some survive. 3: some never end.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("cargo-mutants failed ({status}); its logs are in {}", project.relative(&output).display());
    }
    Found::read(&output.join("mutants.out"))
}

#[cfg(test)]
mod tests {
    use clap::Args;

    use super::*;

    #[test]
    fn mutants_that_compile_are_counted_and_survivors_listed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("missed.txt", "src/a.rs:1:2: replace f -> bool with true\n");
        write("caught.txt", "one\ntwo\n");
        write("timeout.txt", "three\n");
        write("unviable.txt", "four\n");
        let found = Found::read(folder.path()).unwrap();
        let survivors = vec!["src/a.rs:1:2: replace f -> bool with true".to_owned()];
        assert_eq!(found, Found { tried: 4, survivors: survivors.clone() });
        let [tried, left] = found.rows("leq-mnist");
        assert_eq!((tried.value, tried.unit.as_str(), left.value, left.found), (4, "tried", 1, survivors));
        std::fs::remove_file(folder.path().join("caught.txt")).unwrap();
        assert!(Found::read(folder.path()).unwrap_err().to_string().contains("caught.txt"));
    }

    #[test]
    fn a_part_is_tried_again_without_the_others() {
        let of = |name: &str, tried| Found { tried, survivors: Vec::new() }.rows(name);
        let rows = with_part(with_part(Vec::new(), "leq-onnx", of("leq-onnx", 5)), "leq-mnist", of("leq-mnist", 7));
        let again = with_part(rows, "leq-onnx", of("leq-onnx", 6));
        let counts: Vec<(&str, usize)> = again.iter().map(|row| (row.part.as_str(), row.value)).collect();
        assert_eq!(counts, [("leq-mnist", 7), ("leq-mnist", 0), ("leq-onnx", 6), ("leq-onnx", 0)]);
    }

    #[test]
    fn only_a_part_that_there_is_is_taken() {
        let parsed = |name| {
            let command = Arguments::augment_args(clap::Command::new("mutants"));
            command.try_get_matches_from(["mutants", "--only", name]).map(|_| ())
        };
        assert!(parsed("leq-mnist").is_ok() && parsed("leq-onnx-graph").is_ok());
        assert_eq!(parsed("typo").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn parts_have_names_of_their_own_that_begin_with_their_package() {
        for (number, part) in PARTS.iter().enumerate() {
            assert!(part.name.starts_with(part.package), "{}", part.name);
            assert!(PARTS[..number].iter().all(|other| other.name != part.name), "{}", part.name);
        }
    }

    #[test]
    fn every_part_names_files_that_are_there() {
        let project = Project::here();
        for part in &PARTS {
            for file in part.files {
                let (folder, _) = file.split_once('*').unwrap_or((file, ""));
                assert!(project.root.join(folder).exists(), "{file}");
            }
        }
    }
}
