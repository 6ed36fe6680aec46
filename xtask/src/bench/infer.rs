//! `cargo xtask bench infer`: many pairs, inference alone, and a cold start, ours beside Python's.

mod answers;
mod batches;
mod cold;
mod page;
mod rows;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use serde_json::json;
use setup::run::{self, cargo, program};
use setup::{Need, Project};

use super::load::{self, Load};
use super::machine::Machine;
use super::measurement::{Kind, Measurements, Subject, trainer};
use super::plan::OURS;
use super::summary;
use crate::Outcome;
use answers::Agreement;

/// Their name among the variants.
pub const PYTHON: &str = "python";
/// Ours, its workers reading the pictures themselves.
pub const WITHOUT_READERS: &str = "leq-without-readers";
/// Sizes of the lists of pairs; memory is compared between them, speed is that of the last.
pub const SIZES: [usize; 2] = [10_000, 100_000];
/// Pairs whose pictures are not in the system's cache: few enough that hardly any is asked for twice.
pub const COLD: usize = SIZES[0];
/// Pairs of each run of inference alone.
pub const BATCHES: [usize; 3] = [1, 64, 1000];

/// Where the PNG files and both sides' answers go.
const WORK: &str = "runs/bench-infer";
/// The networks that both sides run: one so small that reading and preparing decide, and the one that is built in. Ours runs
/// the first in ONNX Runtime, as a model that is named, and the second as users do, in leq's own engine.
pub const NETWORKS: [Network; 2] = [
    Network { name: "report-a-headline", suffix: "", folder: MODELS },
    Network { name: DEFAULT_NETWORK, suffix: "/leq", folder: MODELS },
];
/// The tower of 11.7 million multiply-adds that `leq` once had, in ONNX Runtime: how much faster `leq` is. Its weights do not count,
/// so the benchmark trains it for an epoch.
pub const LARGER: Network = Network { name: "digit-tower", suffix: "/digit-tower", folder: WORK };
/// The network that is built in: where a figure is of one network only, it is of this one.
pub const DEFAULT_NETWORK: &str = "leq";
const DATA: &str = "data/mnist";
const MODELS: &str = "models";

/// A network that is run.
#[derive(Clone, Copy)]
pub struct Network {
    /// Its file's name.
    pub name: &'static str,
    /// What its rows' names end with.
    pub suffix: &'static str,
    /// Where its file is.
    folder: &'static str,
}

impl Network {
    fn file(self) -> String {
        format!("{}/{}.onnx", self.folder, self.name)
    }

    /// What runs of it over `size` pairs are called.
    pub fn over(self, size: usize) -> String {
        format!("{}/{size}", self.name)
    }

    /// Whether users need not name it.
    fn is_built_in(self) -> bool {
        self.name == DEFAULT_NETWORK
    }
}

/// How often everything is measured.
pub struct InferPlan {
    /// Runs over many pairs, of each side in turn.
    pub batches: usize,
    /// Runs of inference alone, of each side in turn.
    pub inferences: usize,
    /// Seconds of each of them.
    pub seconds: &'static str,
    /// Cold starts of each side in turn.
    pub starts: usize,
    /// Sizes of the lists of pairs.
    pub sizes: &'static [usize],
    /// Where the results go.
    pub folder: &'static str,
    /// The command that follows this plan.
    pub command: &'static str,
}

impl InferPlan {
    /// The published benchmark.
    pub const FULL: Self = Self {
        batches: 3,
        inferences: 5,
        seconds: "3",
        starts: 20,
        sizes: &SIZES,
        folder: "results/bench-infer",
        command: "cargo xtask bench infer",
    };

    /// Smoke run: every path, too few samples to publish.
    pub const QUICK: Self = Self {
        batches: 1,
        inferences: 1,
        seconds: "0.2",
        starts: 2,
        sizes: &[SIZES[0]],
        folder: "runs/bench-infer/quick",
        command: "cargo xtask bench infer --quick",
    };
}

/// Everything that the results are made of.
pub struct InferBenchmark {
    /// What was measured how often.
    pub plan: &'static InferPlan,
    /// On what.
    pub machine: Machine,
    /// What else the machine did just before.
    pub before: Load,
    /// The runs.
    pub measurements: Measurements,
    /// How far the two sides agree, of each network.
    pub agreements: Vec<Agreement>,
}

impl InferBenchmark {
    /// Whether anything was measured beside other load.
    pub fn is_disturbed(&self) -> bool {
        self.measurements.is_disturbed(&self.before)
    }
}

/// Sets up, builds, makes the pictures, measures and writes the results.
pub fn command(project: &Project, plan: &'static InferPlan) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::OnnxRuntime, Need::PythonPeer])?;
    run::run(project, &mut cargo(project, &["build", "--release", "--locked", "-p", "infer", "-p", "trainer"]))?;
    make_pictures(project)?;
    train_larger(project)?;
    let machine = Machine::here(project)?;
    let before = load::wait_for_calm()?;
    let mut benchmark =
        InferBenchmark { plan, machine, before, measurements: Measurements::default(), agreements: Vec::new() };
    measure_starts(project, &mut benchmark)?;
    for network in NETWORKS {
        measure_inference(project, network, &mut benchmark)?;
        batches::measure(project, network, &mut benchmark)?;
        batches::measure_cold(project, network, &mut benchmark)?;
    }
    measure_inference(project, LARGER, &mut benchmark)?;
    write(project, &benchmark)?;
    Ok(if benchmark.measurements.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

/// Our program, told which library to load: the one that theirs is made of.
pub fn ours(project: &Project) -> Result<Command> {
    let mut command = program(project, project.release_program("infer"));
    command.env("ORT_DYLIB_PATH", setup::onnxruntime_library(project)?);
    Ok(command)
}

/// Our program without a library named.
pub fn as_users_start_it(project: &Project) -> Command {
    let mut command = program(project, project.release_program("infer"));
    command.env_remove("ORT_DYLIB_PATH");
    command
}

fn theirs(project: &Project, script: &str) -> Command {
    let mut command = program(project, setup::peer_python(project));
    command.arg(script);
    command
}

/// The folder of the PNG files.
pub fn pictures(project: &Project) -> PathBuf {
    project.root.join(WORK).join("pngs")
}

/// The list of so many pairs, beside the files.
pub fn list(project: &Project, size: usize) -> PathBuf {
    pictures(project).join(format!("pairs-{size}.csv"))
}

/// MNIST's digits as PNG files, unless the last list, which is written last, is there.
pub fn make_pictures(project: &Project) -> Result<()> {
    if list(project, SIZES[1]).is_file() {
        return Ok(());
    }
    let mut command = theirs(project, "bench/mnist_pngs.py");
    run::run(project, command.args(["--data", DATA, "--out"]).arg(pictures(project)))
}

/// The larger network, trained for an epoch and exported.
fn train_larger(project: &Project) -> Result<()> {
    let folder = format!("{WORK}/larger");
    run::run(project, trainer(project).args(["train", LARGER.name, "--epochs", "1", "--overwrite", "--out", &folder]))?;
    let checkpoint = format!("{folder}/checkpoint.safetensors");
    run::run(project, trainer(project).args(["export", &checkpoint, "--out", &LARGER.file()]))
}

fn measure_starts(project: &Project, benchmark: &mut InferBenchmark) -> Result<()> {
    let files = ["00/00000.png", "00/00001.png"].map(|name| pictures(project).join(name));
    for repetition in 0..benchmark.plan.starts {
        let mut our_start = as_users_start_it(project);
        our_start.arg("compare").args(&files);
        let mut their_start = theirs(project, "bench/compare_peer.py");
        their_start.arg("models/leq.onnx").args(&files);
        for (variant, mut command) in [(OURS, our_start), (PYTHON, their_start)] {
            let subject = Subject { kind: Kind::Start, network: "compare", variant, repetition };
            benchmark.measurements.take(project, &subject, &mut command)?;
        }
    }
    Ok(())
}

fn measure_inference(project: &Project, network: Network, benchmark: &mut InferBenchmark) -> Result<()> {
    let (seconds, model) = (benchmark.plan.seconds, network.file());
    for repetition in 0..benchmark.plan.inferences {
        for batch in BATCHES {
            let (size, runs) = (batch.to_string(), network.over(batch));
            let mut our_run = ours(project)?;
            our_run.args(["bench", "--only-infer", "--form", "json", "--data", DATA]);
            our_run.args(["--batch", &size, "--seconds", seconds]);
            match network.is_built_in() {
                true => our_run.args(["--engines", "leq"]),
                false => our_run.args(["--model", &model, "--trust"]),
            };
            let mut their_run = theirs(project, "bench/infer_peer.py");
            their_run.args(["--model", &model, "--data", DATA, "--batch", &size, "--seconds", seconds]);
            for (variant, mut command) in [(OURS, our_run), (PYTHON, their_run)] {
                let subject = Subject { kind: Kind::Inference, network: &runs, variant, repetition };
                benchmark.measurements.take(project, &subject, &mut command)?;
            }
        }
    }
    Ok(())
}

fn write(project: &Project, benchmark: &InferBenchmark) -> Result<()> {
    let rows = rows::rows(benchmark);
    let page = page::page(benchmark, &rows);
    let head = json!({
        "command": benchmark.plan.command,
        "machine": benchmark.machine,
        "before": benchmark.before,
        "disturbed": benchmark.is_disturbed(),
        "failures": benchmark.measurements.failures,
        "agreements": benchmark.agreements,
    });
    let raw = benchmark.measurements.raw(&[("head", head)])?;
    summary::publish(project, benchmark.plan.folder, &rows, &page, Some(&raw))
}
