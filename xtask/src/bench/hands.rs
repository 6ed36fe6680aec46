//! `cargo xtask bench hands`: scikit-learn's UCI digits, real hands, drawn as pictures and answered by `infer batch`.

mod answers;
mod figures;
mod results;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use setup::run::{self, cargo, program};
use setup::{Need, Project};

use super::infer::ours;
use super::machine::Machine;
use crate::Outcome;
use answers::{LabelledPair, PairAnswer};
use figures::Figures;

/// Where pictures and answers go.
const WORK: &str = "runs/bench-hands";
/// Pairs that all digits make.
const ALL_PAIRS: usize = 898;

/// How much is measured.
pub struct HandsPlan {
    /// Pairs of the list.
    pub pairs: usize,
    /// Where the results go.
    pub folder: &'static str,
    /// The command that follows this plan.
    pub command: &'static str,
}

impl HandsPlan {
    /// All digits.
    pub const FULL: Self = Self { pairs: ALL_PAIRS, folder: "results/hands", command: "cargo xtask bench hands" };

    /// Smoke run: every path, too few pairs to publish.
    pub const QUICK: Self =
        Self { pairs: 50, folder: "runs/bench-hands/quick", command: "cargo xtask bench hands --quick" };
}

/// What `infer batch` says of itself.
#[derive(Deserialize)]
pub struct BatchSummary {
    /// SHA-256 of the model.
    pub model_sha256: String,
    /// Name of the engine.
    pub engine: String,
}

/// Everything that the results are made of.
pub struct HandsBenchmark {
    /// The command as typed.
    pub command: String,
    /// Where the results go.
    pub folder: String,
    /// On what it was measured.
    pub machine: Machine,
    /// The model's name.
    pub model: String,
    /// Model and engine.
    pub summary: BatchSummary,
    /// What was counted.
    pub figures: Figures,
}

/// Sets up, builds, draws the pictures, has them answered and writes the results. Another model than the built-in one is
/// measured too, into a folder of `runs/` that has its name.
pub fn command(project: &Project, plan: &HandsPlan, model: Option<&Path>) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::OnnxRuntime, Need::ScikitLearn])?;
    run::run(project, &mut cargo(project, &["build", "--release", "--locked", "-p", "infer"]))?;
    let pairs = draw(project, plan)?;
    let model = model.map(std::path::absolute).transpose().context("the model has no path")?;
    let (answers, summary) = answer(project, model.as_deref())?;
    let benchmark = HandsBenchmark {
        command: typed(project, plan, model.as_deref()),
        folder: folder(plan, model.as_deref()),
        machine: Machine::here(project)?,
        model: model.as_deref().map_or("leq (built in)".to_owned(), name),
        summary,
        figures: Figures::of(&pairs, &answers)?,
    };
    results::write(project, &benchmark)?;
    Ok(if benchmark.figures.are_good() { Outcome::Done } else { Outcome::SomeFailed })
}

fn name(model: &Path) -> String {
    model.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn folder(plan: &HandsPlan, model: Option<&Path>) -> String {
    model.map_or(plan.folder.to_owned(), |model| format!("{WORK}/model-{}", name(model)))
}

fn typed(project: &Project, plan: &HandsPlan, model: Option<&Path>) -> String {
    let model = model.map(|model| format!(" --model {}", project.relative(model).display()));
    format!("{}{}", plan.command, model.unwrap_or_default())
}

fn work(project: &Project, name: &str) -> PathBuf {
    project.root.join(WORK).join(name)
}

/// The digits as PNG files anew, and the list of their pairs.
fn draw(project: &Project, plan: &HandsPlan) -> Result<Vec<LabelledPair>> {
    let pictures = work(project, "pictures");
    if pictures.exists() {
        std::fs::remove_dir_all(&pictures).with_context(|| format!("cannot remove {}", pictures.display()))?;
    }
    let mut script = program(project, setup::scikit_learn_python(project));
    script.args(["bench/uci_digits.py", "--pairs", &plan.pairs.to_string(), "--out"]).arg(&pictures);
    run::run(project, &mut script)?;
    let pairs = LabelledPair::list(&read(&pictures.join("pairs.csv"))?)?;
    ensure!(pairs.len() == plan.pairs, "{} pairs were drawn, not {}", pairs.len(), plan.pairs);
    Ok(pairs)
}

/// What our program says about every pair. Exit code 1 says that some pictures could not be used or show no digit.
fn answer(project: &Project, model: Option<&Path>) -> Result<(Vec<PairAnswer>, BatchSummary)> {
    let (output, summary) = (work(project, "answers.jsonl"), work(project, "summary.json"));
    let mut batch = ours(project)?;
    batch.arg("batch").arg(work(project, "pictures/pairs.csv")).arg("-o").arg(&output).arg("--overwrite");
    batch.arg("--summary").arg(&summary);
    if let Some(model) = model {
        batch.arg("--model").arg(model);
    }
    let status = run::stream(project, &mut batch, run::say)?;
    ensure!(matches!(status.code(), Some(0 | 1)), "{} failed ({status})", run::typed(project, &batch));
    let summary = serde_json::from_str(&read(&summary)?).context("the summary of infer batch names no model")?;
    Ok((PairAnswer::all(&read(&output)?)?, summary))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_model_is_measured_into_a_folder_of_its_own() {
        let project = Project { root: "/leq".into() };
        let model = Some(Path::new("/leq/runs/a/candidate-7.onnx"));
        assert_eq!(folder(&HandsPlan::FULL, model), "runs/bench-hands/model-candidate-7");
        assert_eq!(typed(&project, &HandsPlan::FULL, model), "cargo xtask bench hands --model runs/a/candidate-7.onnx");
        assert_eq!(folder(&HandsPlan::FULL, None), "results/hands");
        assert_eq!(typed(&project, &HandsPlan::QUICK, None), "cargo xtask bench hands --quick");
    }
}
