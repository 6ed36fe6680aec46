//! `cargo xtask bench`: our speed beside that of others, measured in one go on one machine.

mod benchmark;
mod cluster;
mod hands;
mod infer;
mod load;
mod machine;
mod measurement;
mod page;
mod plan;
mod prepare;
mod proc;
#[cfg(test)]
mod readme;
mod reproduction;
mod summary;
mod train;
mod web;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use setup::Project;

use crate::Outcome;
use plan::TrainPlan;

/// What can be measured.
#[derive(Subcommand)]
pub enum Benchmark {
    /// A training step, a study and their memory beside PyTorch: 15 minutes.
    ///
    /// Sets up PyTorch in .setup (5.5 GB) and writes results/bench-train.
    Train(Extent),
    /// A training step of leq-1000, augmentation included, beside PyTorch.
    ///
    /// Sets up PyTorch in .setup (5.5 GB) and writes results/bench-leq-1000.
    #[command(name = "leq-1000")]
    Leq1000,
    /// A cold start, inference, and 100,000 pairs of PNG files beside Python: 10 minutes.
    ///
    /// Sets up Python's side in .setup and writes results/bench-infer.
    Infer(Extent),
    /// A list of pairs by one process, by a Slurm job array and through Spark, compared byte for byte: some minutes.
    ///
    /// Installs Slurm and Java, sets up PySpark in .setup (1 GB), starts both on this machine, and writes results/bench-cluster.
    Cluster(Extent),
    /// scikit-learn's UCI digits, real hands, as pictures through `infer batch`: a minute.
    ///
    /// Sets up scikit-learn in .setup (0.3 GB) and writes results/hands. For development: networks may be chosen by it.
    Hands(HandsArguments),
    /// A clean picture and a photo prepared, beside the same steps in Python with OpenCV: some minutes.
    ///
    /// Sets up OpenCV in .setup (0.3 GB) and writes results/bench-prepare.
    Prepare(Extent),
    /// The reports' recipes in plain PyTorch, 180 rounds beside ours: a quarter of an hour on two cores.
    ///
    /// Sets up PyTorch in .setup (5.5 GB), adds what is missing to results/pytorch/journal.jsonl; then `trainer study report`.
    Reproduction,
    /// The page beside onnxruntime-web in Chromium.
    ///
    /// Writes results/bench-web.
    Web(WebArguments),
}

/// How much is measured.
#[derive(Args)]
pub struct Extent {
    /// Smoke run: every path, too few samples to publish; writes to runs/
    #[arg(long)]
    quick: bool,
}

/// How many digits are answered, and by which model.
#[derive(Args)]
pub struct HandsArguments {
    #[command(flatten)]
    extent: Extent,
    /// Measure this ONNX model instead of the built-in one; writes to runs/
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// How much of the page is measured, and beside what.
#[derive(Args)]
pub struct WebArguments {
    #[command(flatten)]
    extent: Extent,
    /// Visit an earlier build of the page in turn too: the folder that its `cargo xtask web` wrote
    #[arg(long, value_name = "FOLDER")]
    before: Option<PathBuf>,
}

/// Does the benchmark.
pub fn command(project: &Project, benchmark: &Benchmark) -> Result<Outcome> {
    match benchmark {
        Benchmark::Train(Extent { quick: false }) => train::command(project, &TrainPlan::FULL),
        Benchmark::Train(Extent { quick: true }) => train::command(project, &TrainPlan::QUICK),
        Benchmark::Leq1000 => train::command(project, &TrainPlan::LEQ_1000),
        Benchmark::Reproduction => reproduction::command(project),
        Benchmark::Infer(Extent { quick: false }) => infer::command(project, &infer::InferPlan::FULL),
        Benchmark::Infer(Extent { quick: true }) => infer::command(project, &infer::InferPlan::QUICK),
        Benchmark::Cluster(Extent { quick: false }) => cluster::command(project, &cluster::ClusterPlan::FULL),
        Benchmark::Cluster(Extent { quick: true }) => cluster::command(project, &cluster::ClusterPlan::QUICK),
        Benchmark::Hands(HandsArguments { extent, model }) => {
            let plan = if extent.quick { &hands::HandsPlan::QUICK } else { &hands::HandsPlan::FULL };
            hands::command(project, plan, model.as_deref())
        }
        Benchmark::Prepare(Extent { quick: false }) => prepare::command(project, &prepare::PreparePlan::FULL),
        Benchmark::Prepare(Extent { quick: true }) => prepare::command(project, &prepare::PreparePlan::QUICK),
        Benchmark::Web(WebArguments { extent, before }) => {
            let plan = if extent.quick { &web::WebPlan::QUICK } else { &web::WebPlan::FULL };
            web::command(project, plan, before.as_deref())
        }
    }
}
