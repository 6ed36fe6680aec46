//! `cargo xtask bench train`: one training step, its memory, and a whole study, ours beside PyTorch's.

use anyhow::{Context, Result};
use setup::run::{self, cargo};
use setup::{Need, Project};

use super::benchmark::TrainBenchmark;
use super::load;
use super::machine::Machine;
use super::measurement::{Kind, Measurements, Subject, one_thread, pinned, torch, trainer, training_step};
use super::plan::{COMPILED, OURS, STUDY_NETWORK, TrainPlan};
use super::{page, summary};
use crate::Outcome;

/// Where our study keeps its journal; each study begins without one.
const STUDY: &str = "runs/bench-train/study";

/// Where whole trainings leave their checkpoint.
const TRAINING: &str = "runs/bench-train/training";

/// Sets up, builds, measures and writes the results.
pub fn command(project: &Project, plan: &'static TrainPlan) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::PyTorch])?;
    run::run(
        project,
        &mut cargo(project, &["build", "--release", "--locked", "-p", "trainer", "-p", "training-step"]),
    )?;
    let machine = Machine::here(project)?;
    let before = load::wait_for_calm()?;
    let mut benchmark = TrainBenchmark { plan, machine, before, measurements: Measurements::default() };
    measure_peaks(project, &mut benchmark)?;
    measure_steps(project, &mut benchmark)?;
    measure_studies(project, &mut benchmark)?;
    measure_trainings(project, &mut benchmark)?;
    write(project, &benchmark)?;
    Ok(if benchmark.measurements.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn measure_peaks(project: &Project, benchmark: &mut TrainBenchmark) -> Result<()> {
    let mut ours = training_step(project);
    ours.arg("peak");
    for (variant, command) in [(OURS, ours), ("torch", torch(project, benchmark.plan, "bench/sgemm_peak.py"))] {
        let network = if variant == OURS { "fma" } else { "sgemm" };
        let subject = Subject { kind: Kind::Peak, network, variant, repetition: 0 };
        let mut command = pinned(project, &benchmark.machine, &command);
        benchmark.measurements.take(project, &subject, &mut command)?;
    }
    Ok(())
}

/// Every variant of a network in turn, then all of them again.
fn measure_steps(project: &Project, benchmark: &mut TrainBenchmark) -> Result<()> {
    let TrainPlan { steps, warm_up, repetitions, .. } = benchmark.plan;
    for network in benchmark.plan.networks {
        for repetition in 0..*repetitions {
            for variant in benchmark.plan.variants() {
                let mut command = if variant == OURS {
                    training_step(project)
                } else {
                    torch(project, benchmark.plan, benchmark.plan.peer_script)
                };
                match variant {
                    OURS => command.arg("step"),
                    peer => command.args(["--variant", peer]),
                };
                command.args(["--network", network, "--steps", &steps.to_string(), "--warm-up", &warm_up.to_string()]);
                let subject = Subject { kind: Kind::Step, network, variant, repetition };
                let mut command = pinned(project, &benchmark.machine, &command);
                benchmark.measurements.take(project, &subject, &mut command)?;
            }
        }
    }
    Ok(())
}

/// Studies on all cores: ours, and theirs with the variant whose steps are fastest. Where that one compiles first, also
/// with the fastest of those that do not.
fn measure_studies(project: &Project, benchmark: &mut TrainBenchmark) -> Result<()> {
    if benchmark.plan.studies == 0 {
        return Ok(());
    }
    let best = |allowed: &dyn Fn(&str) -> bool| {
        summary::fastest_peer(benchmark.plan, &benchmark.measurements, STUDY_NETWORK, "cpu_ms", allowed)
            .map(|(peer, _)| peer)
    };
    let mut variants = vec![OURS];
    variants.extend(best(&|_| true));
    variants.extend(best(&|variant| !COMPILED.contains(&variant)));
    variants.dedup();
    let rounds = benchmark.plan.rounds.to_string();
    let cores = benchmark.machine.cores.len().to_string();
    for repetition in 0..benchmark.plan.studies {
        for variant in &variants {
            let mut command = if *variant == OURS {
                remove_last_study(project)?;
                let mut command = trainer(project);
                command.args(["study", "run", "headline", "--cell", "headline", "--protocol", "fixed"]);
                command.args(["--rounds", &rounds, "--jobs", &cores, "--out", STUDY]);
                command
            } else {
                let mut command = torch(project, benchmark.plan, "bench/study_peer.py");
                command.args(["--variant", variant, "--rounds", &rounds]);
                command
            };
            one_thread(&mut command);
            let subject = Subject { kind: Kind::Study, network: "headline_study", variant, repetition };
            let done = benchmark.measurements.runs.len();
            benchmark.measurements.take(project, &subject, &mut command)?;
            if let (OURS, Some(run)) = (*variant, benchmark.measurements.runs.get_mut(done)) {
                run.output = our_study(project)?;
            }
        }
    }
    Ok(())
}

/// Trainings from the first step to the last, images drawn and the network judged, on one core.
fn measure_trainings(project: &Project, benchmark: &mut TrainBenchmark) -> Result<()> {
    for (experiment, repetitions) in benchmark.plan.trainings {
        for repetition in 0..*repetitions {
            let mut command = trainer(project);
            command.args(["train", experiment, "--overwrite", "--out", TRAINING]);
            let mut command = pinned(project, &benchmark.machine, &command);
            let subject = Subject { kind: Kind::Training, network: experiment, variant: OURS, repetition };
            benchmark.measurements.take(project, &subject, &mut command)?;
        }
    }
    Ok(())
}

/// The mean accuracy of our study's trials, in the form that theirs prints.
fn our_study(project: &Project) -> Result<serde_json::Value> {
    let path = project.root.join(STUDY).join("headline").join("journal.jsonl");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut shares = Vec::new();
    for line in text.lines() {
        let trial: serde_json::Value = serde_json::from_str(line).context("a line of our journal is JSON")?;
        let answers = &trial["test"]["learned_head"];
        let number = |field: &str| answers[field].as_f64().context("a trial says what its learned head got right");
        shares.push(number("right")? / number("all")?);
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    Ok(serde_json::json!({ "learned_head": { "mean": mean, "n": shares.len() } }))
}

fn remove_last_study(project: &Project) -> Result<()> {
    let folder = project.root.join(STUDY);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn write(project: &Project, benchmark: &TrainBenchmark) -> Result<()> {
    let rows = summary::rows(benchmark);
    let page = page::page(benchmark, &rows);
    summary::publish(project, benchmark.plan.folder, &rows, &page, Some(&summary::raw(benchmark)?))
}
