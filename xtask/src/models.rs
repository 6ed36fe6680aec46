//! `cargo xtask models`: everything in `models/` made anew: trained, calibrated, exported, measured, and its checksums written.
//!
//! Files name the revision that trained them, so the sources must be committed before anything is trained. Each step that is done
//! stands in a journal; a command that was stopped goes on where it was, as long as the sources are the same.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Deserialize;
use setup::run::{cargo, program, run, say};
use setup::{Need, Project, checksum};

use crate::Outcome;

/// Where trainings and the journal go.
const WORK: &str = "runs/models";
/// Hexadecimal digits of a revision: all of them.
const REVISION_DIGITS: usize = 40;

/// A model of `models/`, by the name of its training.
#[derive(Debug, Clone, Copy)]
struct Shipped {
    name: &'static str,
    /// What its calibration is told beside the training's name; `None` for a model without.
    calibration: Option<&'static [&'static str]>,
    /// How its weights are stored.
    weights: &'static str,
}

const fn report(name: &'static str) -> Shipped {
    Shipped { name, calibration: None, weights: "float32" }
}

/// All of them, the quickest first.
const MODELS: [Shipped; 6] = [
    report("report-a-convnet"),
    report("report-a-convnet-ws"),
    report("report-a-convnet-aux"),
    report("report-a-headline"),
    Shipped {
        name: "leq-1000",
        calibration: Some(&["--jobs", "2", "--work", "runs/models/leq-1000/folds"]),
        weights: "float32",
    },
    Shipped {
        name: "leq",
        calibration: Some(&["--checkpoint", "runs/models/leq/checkpoint.safetensors"]),
        weights: "uint8",
    },
];

/// The models that `cargo xtask test` trains again: those of which each takes less than a minute.
pub fn quickly_trained() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|model| model.name).filter(|name| *name != "leq")
}

/// What `cargo xtask models` can be asked for.
#[derive(Args)]
pub struct Arguments {
    /// Make these only
    #[arg(value_name = "MODEL", value_parser = PossibleValuesParser::new(MODELS.map(|model| model.name)))]
    names: Vec<String>,
}

/// Trains all chosen models, then calibrates and exports them, writes the checksums of all, and the pages that quote them.
pub fn command(project: &Project, arguments: &Arguments) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler])?;
    run(project, &mut cargo(project, &["build", "--release", "--locked", "-p", "trainer"]))?;
    let is_chosen = |model: &&Shipped| arguments.names.is_empty() || arguments.names.iter().any(|it| it == model.name);
    let chosen: Vec<&Shipped> = MODELS.iter().filter(is_chosen).collect();
    let mut journal = Journal::open(project.root.join(WORK).join("journal"))?;
    for model in &chosen {
        model.train(project, &mut journal)?;
    }
    for model in &chosen {
        model.calibrate(project, &mut journal)?;
        model.export(project, &mut journal)?;
    }
    write_checksums(project)?;
    run(project, program(project, project.release_program("trainer")).args(["study", "report", "all"]))?;
    journal.finish()?;
    Ok(Outcome::Done)
}

/// What a calibration found, of all that its file holds.
#[derive(Deserialize)]
struct Calibration {
    temperature: f64,
    no_digit: Option<NoDigit>,
}

#[derive(Deserialize)]
struct NoDigit {
    shift: f64,
}

impl Shipped {
    fn folder(self) -> String {
        format!("{WORK}/{}", self.name)
    }

    fn calibration_file(self) -> String {
        format!("results/calibration/{}.json", self.name)
    }

    fn train(self, project: &Project, journal: &mut Journal) -> Result<()> {
        let begun = format!("begun {}", self.name);
        let again = if journal.has(&begun) { "--resume" } else { "--overwrite" };
        journal.once(&format!("trained {}", self.name), |journal| {
            let revision = project.revision(REVISION_DIGITS);
            if revision.ends_with("-dirty") || revision != journal.revision(&revision)? {
                bail!(
                    "the sources are not those of one commit: commit them, or put them back to {}, so that model files can name \
                     the revision that trained them; `rm -r {WORK}` begins anew",
                    journal.revision
                );
            }
            let folder = self.folder();
            if !journal.has(&begun) {
                // Folds of an earlier calibration too.
                remove(&project.root.join(&folder))?;
                journal.add(&begun)?;
            }
            let trainer = project.release_program("trainer");
            run(project, program(project, &trainer).args(["train", self.name, "--seed", "0", again, "--out", &folder]))
        })
    }

    fn calibrate(self, project: &Project, journal: &mut Journal) -> Result<()> {
        let Some(how) = self.calibration else { return Ok(()) };
        journal.once(&format!("calibrated {}", self.name), |_| {
            let mut command = program(project, project.release_program("trainer"));
            command.args(["calibrate", self.name, "--seed", "0"]).args(how);
            run(project, command.args(["--out", &self.calibration_file()]))
        })
    }

    fn export(self, project: &Project, journal: &mut Journal) -> Result<()> {
        journal.once(&format!("exported {}", self.name), |_| {
            let mut command = program(project, project.release_program("trainer"));
            command.args(["export", &format!("{}/checkpoint.safetensors", self.folder())]);
            command.args(["--out", &format!("models/{}.onnx", self.name), "--weights", self.weights]);
            if self.calibration.is_some() {
                let file = self.calibration_file();
                let text =
                    std::fs::read_to_string(project.root.join(&file)).with_context(|| format!("cannot read {file}"))?;
                let found: Calibration =
                    serde_json::from_str(&text).with_context(|| format!("{file} is no calibration"))?;
                command.args(["--temperature", &found.temperature.to_string()]);
                if let Some(NoDigit { shift }) = found.no_digit {
                    command.arg(format!("--no-digit-shift={shift}"));
                }
            }
            run(project, command.args(["--record", &format!("results/models/{}.json", self.name)]))
        })
    }
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the checksums of all models, then of all cards.
fn write_checksums(project: &Project) -> Result<()> {
    let folder = project.root.join("models");
    let mut names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
    names.sort_unstable();
    let mut list = String::new();
    for ending in ["onnx", "md"] {
        for name in &names {
            let file = format!("{name}.{ending}");
            writeln!(list, "{}  {file}", checksum::of_file(&folder.join(&file))?)?;
        }
    }
    files::write(&folder.join("SHA256SUMS"), list)?;
    Ok(())
}

/// The steps that are done: a file whose first line is the revision that they were done at.
struct Journal {
    path: PathBuf,
    /// Empty before the first step.
    revision: String,
    steps: Vec<String>,
}

impl Journal {
    fn open(path: PathBuf) -> Result<Self> {
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let mut lines = text.lines().map(str::to_owned);
        Ok(Self { path, revision: lines.next().unwrap_or_default(), steps: lines.collect() })
    }

    /// The revision that its steps were done at, which is `current` for the first.
    fn revision(&mut self, current: &str) -> Result<String> {
        if self.revision.is_empty() {
            current.clone_into(&mut self.revision);
            self.write()?;
        }
        Ok(self.revision.clone())
    }

    fn has(&self, step: &str) -> bool {
        self.steps.iter().any(|done| done == step)
    }

    /// Takes a step that is not done yet.
    fn once(&mut self, step: &str, take: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.has(step) {
            say(&format!("{step} at {}", self.revision));
            return Ok(());
        }
        take(self)?;
        self.add(step)
    }

    fn add(&mut self, step: &str) -> Result<()> {
        if !self.has(step) {
            self.steps.push(step.to_owned());
        }
        self.write()
    }

    fn write(&self) -> Result<()> {
        let text = format!("{}\n{}\n", self.revision, self.steps.join("\n"));
        Ok(files::write_with_folders(&self.path, text)?)
    }

    /// All is done: the next command begins anew.
    fn finish(self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_is_done_is_not_taken_again_by_a_command_that_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/journal");
        let mut journal = Journal::open(path.clone()).unwrap();
        assert_eq!(journal.revision("abc").unwrap(), "abc");
        journal.once("trained a", |_| Ok(())).unwrap();
        assert!(journal.once("trained b", |_| bail!("stopped")).is_err());
        let mut again = Journal::open(path.clone()).unwrap();
        assert_eq!(again.revision("def").unwrap(), "abc");
        again.once("trained a", |_| panic!("it is done")).unwrap();
        let mut taken = false;
        again
            .once("trained b", |_| {
                taken = true;
                Ok(())
            })
            .unwrap();
        assert!(taken);
        again.finish().unwrap();
        assert!(Journal::open(path).unwrap().steps.is_empty());
    }

    #[test]
    fn all_shipped_models_are_made_and_all_but_leq_trained_again_by_the_tests() {
        let project = Project::here();
        for model in &MODELS {
            assert!(project.root.join(format!("models/{}.onnx", model.name)).exists(), "{}", model.name);
        }
        assert_eq!(quickly_trained().count(), MODELS.len() - 1);
    }
}
