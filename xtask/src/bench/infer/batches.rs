//! Many pairs of PNG files, from the system's cache and from the disk, ours beside Python's.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use setup::Project;

use super::answers::Agreement;
use super::{
    COLD, InferBenchmark, Network, PYTHON, WITHOUT_READERS, WORK, as_users_start_it, cold, list, ours, pictures, theirs,
};
use crate::bench::measurement::{Kind, Subject};
use crate::bench::plan::OURS;

/// Measures lists of all sizes, their pictures in the system's cache.
pub fn measure(project: &Project, network: Network, benchmark: &mut InferBenchmark) -> Result<()> {
    let out = |variant: &str| output(project, variant);
    for repetition in 0..benchmark.plan.batches {
        for &size in benchmark.plan.sizes {
            let runs = network.over(size);
            let both = [(OURS, our_batch(project, network, size)?), (PYTHON, their_batch(project, network, size))];
            for (variant, mut command) in both {
                warm_up(project)?;
                let subject = Subject { kind: Kind::Batch, network: &runs, variant, repetition };
                let done = benchmark.measurements.runs.len();
                benchmark.measurements.take(project, &subject, &mut command)?;
                if let (OURS, Some(run)) = (variant, benchmark.measurements.runs.get_mut(done)) {
                    run.output = our_summary(project)?;
                }
            }
        }
    }
    if benchmark.measurements.failures.is_empty() {
        benchmark.agreements.push(Agreement::of(&out(OURS), &out(PYTHON))?);
    }
    Ok(())
}

/// Measures one list, it and its pictures out of the system's cache.
pub fn measure_cold(project: &Project, network: Network, benchmark: &mut InferBenchmark) -> Result<()> {
    let runs = network.over(COLD);
    for repetition in 0..benchmark.plan.batches {
        let mut without_readers = our_batch(project, network, COLD)?;
        without_readers.args(["--readers", "0"]);
        let commands = [
            (OURS, our_batch(project, network, COLD)?),
            (WITHOUT_READERS, without_readers),
            (PYTHON, their_batch(project, network, COLD)),
        ];
        for (variant, mut command) in commands {
            cold::drop_files(&pictures(project))?;
            let before = cold::read_from_disk();
            let subject = Subject { kind: Kind::Cold, network: &runs, variant, repetition };
            let done = benchmark.measurements.runs.len();
            benchmark.measurements.take(project, &subject, &mut command)?;
            let read =
                before.zip(cold::read_from_disk()).map(|(before, after)| after.saturating_sub(before) as f64 / 1e6);
            if let Some(run) = benchmark.measurements.runs.get_mut(done) {
                run.output = json!({ "mb_from_disk": read });
            }
        }
    }
    Ok(())
}

fn output(project: &Project, variant: &str) -> PathBuf {
    project.root.join(WORK).join(format!("{variant}.csv"))
}

fn our_batch(project: &Project, network: Network, size: usize) -> Result<Command> {
    let mut command = if network.is_built_in() { as_users_start_it(project) } else { ours(project)? };
    command.arg("batch").arg(list(project, size)).arg("-o").arg(output(project, OURS));
    command.arg("--overwrite").arg("--summary").arg(summary_file(project));
    if !network.is_built_in() {
        command.args(["--model", &network.file(), "--trust"]);
    }
    Ok(command)
}

fn their_batch(project: &Project, network: Network, size: usize) -> Command {
    let mut command = theirs(project, "bench/batch_peer.py");
    command.arg(list(project, size)).args(["--model", &network.file(), "--output"]).arg(output(project, PYTHON));
    command
}

fn summary_file(project: &Project) -> PathBuf {
    project.root.join(WORK).join("summary.json")
}

/// What our last run over many pairs wrote of itself.
fn our_summary(project: &Project) -> Result<Value> {
    let text = std::fs::read_to_string(summary_file(project)).context("our run wrote its summary")?;
    serde_json::from_str(&text).context("our summary is JSON")
}

/// Has every picture read once, so that both sides find them in the system's cache; nobody's disk is measured.
fn warm_up(project: &Project) -> Result<()> {
    for entry in std::fs::read_dir(pictures(project))? {
        let path = entry?.path();
        if path.is_dir() {
            for picture in std::fs::read_dir(path)? {
                std::fs::read(picture?.path())?;
            }
        }
    }
    Ok(())
}
