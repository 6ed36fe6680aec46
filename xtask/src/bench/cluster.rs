//! `cargo xtask bench cluster`: one list of pairs answered by one process, by a Slurm job array, and through Spark; whether all
//! answers are the same, byte for byte. In leq's own engine, which users get: ONNX Runtime's last digits depend on which rows it gets
//! together, and Spark's parts begin in the middle of a batch.

mod comparison;
mod results;
mod slurm;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use setup::run::{self, cargo, program};
use setup::{Need, Project, SLURMD};

use super::infer::{SIZES, as_users_start_it, list, make_pictures, pictures};
use super::load::{self, Load};
use super::machine::Machine;
use crate::Outcome;
use comparison::{differing_counts, differing_lines, join_parts};
use slurm::LocalSlurm;

/// Tasks of the job array.
pub const SHARDS: usize = 4;
/// Workers of Spark's cluster.
pub const WORKERS: usize = 2;
/// Parts of the list that Spark hands out.
pub const PARTITIONS: usize = 4;

/// Where all outputs go.
const WORK: &str = "runs/bench-cluster";

/// How much is run.
pub struct ClusterPlan {
    /// Pairs of the list.
    pub pairs: usize,
    /// Where the results go.
    pub folder: &'static str,
    /// The command that follows this plan.
    pub command: &'static str,
}

impl ClusterPlan {
    /// The published run.
    pub const FULL: Self =
        Self { pairs: SIZES[1], folder: "results/bench-cluster", command: "cargo xtask bench cluster" };

    /// Smoke run: the same with fewer pairs.
    pub const QUICK: Self =
        Self { pairs: SIZES[0], folder: "runs/bench-cluster-quick", command: "cargo xtask bench cluster --quick" };
}

/// All pairs answered once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterRun {
    /// How: `single`, `slurm` or `spark`.
    pub way: &'static str,
    /// The command as typed in the project's root.
    pub command: String,
    /// Seconds by the wall clock, from the command to the merged output.
    pub seconds: f64,
    /// Lines that are not those of a single process, and lines that there are.
    pub differing_lines: [usize; 2],
    /// Counts of the summary that are not those of a single process; `None` where there is no summary.
    pub differing_counts: Option<usize>,
}

/// Everything that the results are made of.
pub struct ClusterBenchmark {
    /// What was run.
    pub plan: &'static ClusterPlan,
    /// On what.
    pub machine: Machine,
    /// What else the machine did just before.
    pub before: Load,
    /// The runs.
    pub runs: Vec<ClusterRun>,
    /// Why a way is missing, in words.
    pub failures: Vec<String>,
    /// The versions of Slurm and of Spark.
    pub versions: [String; 2],
}

/// Sets up, builds, runs all ways and writes the results.
pub fn command(project: &Project, plan: &'static ClusterPlan) -> Result<Outcome> {
    let needs = [Need::CCompiler, Need::PythonPeer, Need::Slurm, Need::Spark];
    setup::ensure(project, &needs)?;
    run::run(project, &mut cargo(project, &["build", "--release", "--locked", "-p", "infer"]))?;
    make_pictures(project)?;
    let machine = Machine::here(project)?;
    let before = load::wait_for_calm()?;
    let list = Lists::make(project, plan.pairs)?;
    let mut benchmark = ClusterBenchmark {
        plan,
        machine,
        before,
        runs: Vec::new(),
        failures: Vec::new(),
        versions: versions(project)?,
    };
    for (way, answer) in [("single", single as Way), ("slurm", through_slurm), ("spark", through_spark)] {
        match answer(project, &list) {
            Ok(run) => benchmark.runs.push(run),
            Err(fault) => {
                run::say(&format!("{way}: {fault:#}"));
                benchmark.failures.push(format!("{way}: {fault:#}"));
            }
        }
    }
    results::write(project, &benchmark)?;
    Ok(if benchmark.is_good() { Outcome::Done } else { Outcome::SomeFailed })
}

impl ClusterBenchmark {
    /// Whether every way gave the answers of a single process.
    pub fn is_good(&self) -> bool {
        let is_same = |run: &ClusterRun| run.differing_lines[0] == 0 && run.differing_counts.unwrap_or(0) == 0;
        self.failures.is_empty() && self.runs.iter().all(is_same)
    }
}

/// One way to answer all pairs.
type Way = fn(&Project, &Lists) -> Result<ClusterRun>;

/// The pairs as CSV and as JSON lines, beside the pictures, and a folder for outputs.
struct Lists {
    csv: PathBuf,
    json_lines: PathBuf,
    work: PathBuf,
}

impl Lists {
    fn make(project: &Project, pairs: usize) -> Result<Self> {
        let work = project.root.join(WORK);
        if work.exists() {
            std::fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
        }
        std::fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
        let csv = list(project, pairs);
        let json_lines = pictures(project).join(format!("pairs-{pairs}.jsonl"));
        let text = std::fs::read_to_string(&csv).with_context(|| format!("cannot read {}", csv.display()))?;
        files::write(&json_lines, as_json_lines(&text)?)?;
        Ok(Self { csv, json_lines, work })
    }

    fn output(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }
}

/// A list of `left,right,left_digit,right_digit` without quotes as JSON lines.
fn as_json_lines(csv: &str) -> Result<String> {
    let mut text = String::new();
    for line in csv.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [left, right, first, second] = fields[..] else { anyhow::bail!("{line:?} has not four fields") };
        text +=
            &format!("{{\"left\":\"{left}\",\"right\":\"{right}\",\"left_digit\":{first},\"right_digit\":{second}}}\n");
    }
    Ok(text)
}

/// One process for the whole list, as CSV, with which Slurm's answers are compared, and as JSON lines, for Spark's.
fn single(project: &Project, lists: &Lists) -> Result<ClusterRun> {
    let mut csv = as_users_start_it(project);
    csv.arg("batch").arg(&lists.csv).arg("-o").arg(lists.output("whole.csv"));
    csv.arg("--summary").arg(lists.output("whole.json"));
    let seconds = timed(project, &mut csv)?;
    let mut json_lines = as_users_start_it(project);
    json_lines.arg("batch").arg(&lists.json_lines).arg("-o").arg(lists.output("whole.jsonl"));
    timed(project, &mut json_lines)?;
    let whole = lists.output("whole.csv");
    let differing_lines = differing_lines(&whole, &whole)?;
    let command = run::typed(project, &csv);
    Ok(ClusterRun { way: "single", command, seconds, differing_lines, differing_counts: Some(0) })
}

/// A job array of a Slurm cluster of this machine, and the merge of its outputs.
fn through_slurm(project: &Project, lists: &Lists) -> Result<ClusterRun> {
    let cluster = LocalSlurm::start(project, &lists.output("slurm"))?;
    let parts = lists.output("parts");
    let start = Instant::now();
    let mut submit = cluster.client("sbatch");
    submit.env_remove("ORT_DYLIB_PATH").env("INFER", project.release_program("infer"));
    submit.args(["--wait", &format!("--array=1-{SHARDS}"), "--cpus-per-task=1", "--output"]);
    submit.arg(lists.output("slurm/task-%a.log")).arg("docs/clusters/batch-array.sh").arg(SHARDS.to_string());
    timed(project, submit.arg(&lists.csv).arg(&parts))?;
    let part = |ending: &str| (1..=SHARDS).map(|number| parts.join(format!("{number}.{ending}"))).collect::<Vec<_>>();
    let mut merge = as_users_start_it(project);
    merge.args(["merge", "--shards", &SHARDS.to_string()]).args(part("csv")).arg("-o").arg(lists.output("slurm.csv"));
    merge.arg("--summaries").args(part("json")).arg("--summary").arg(lists.output("slurm.json"));
    timed(project, &mut merge)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(ClusterRun {
        way: "slurm",
        command: run::typed(project, &submit),
        seconds,
        differing_lines: differing_lines(&lists.output("whole.csv"), &lists.output("slurm.csv"))?,
        differing_counts: Some(differing_counts(&lists.output("whole.json"), &lists.output("slurm.json"))?),
    })
}

/// A Spark cluster of two workers on this machine.
fn through_spark(project: &Project, lists: &Lists) -> Result<ClusterRun> {
    let answers = lists.output("spark");
    let mut submit = program(project, setup::spark_submit(project));
    submit.env("PYSPARK_PYTHON", setup::spark_python(project)).env("SPARK_LOCAL_IP", "127.0.0.1");
    submit.env_remove("ORT_DYLIB_PATH");
    submit.args(["--master", &format!("local-cluster[{WORKERS},1,1024]"), "docs/clusters/spark_batch.py"]);
    submit.arg(&lists.json_lines).arg(&answers).args(["--partitions", &PARTITIONS.to_string(), "--infer"]);
    let seconds = timed(project, submit.arg(project.release_program("infer")))?;
    let merged = lists.output("spark.jsonl");
    join_parts(&answers, &merged)?;
    Ok(ClusterRun {
        way: "spark",
        command: run::typed(project, &submit),
        seconds,
        differing_lines: differing_lines(&lists.output("whole.jsonl"), &merged)?,
        differing_counts: None,
    })
}

/// Runs a command to its end and gives its seconds. Exit code 1 says that some pictures could not be used, by one process as by
/// many.
fn timed(project: &Project, command: &mut Command) -> Result<f64> {
    let start = Instant::now();
    let status = run::stream(project, command, run::say)?;
    ensure!(matches!(status.code(), Some(0 | 1)), "{} failed ({status})", run::typed(project, command));
    Ok(start.elapsed().as_secs_f64())
}

/// The versions of Slurm and of Spark.
fn versions(project: &Project) -> Result<[String; 2]> {
    let slurm = run::output(project, program(project, SLURMD).arg("-V"))?;
    let script = "import pyspark; print('Spark', pyspark.__version__)";
    let spark = run::output(project, program(project, setup::spark_python(project)).args(["-c", script]))?;
    Ok([slurm.trim().to_owned(), spark.trim().to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_becomes_json_lines_of_the_same_rows() {
        let csv = "left,right,left_digit,right_digit\n00/00001.png,41/41003.png,0,4\n";
        let wanted = "{\"left\":\"00/00001.png\",\"right\":\"41/41003.png\",\"left_digit\":0,\"right_digit\":4}\n";
        assert_eq!(as_json_lines(csv).unwrap(), wanted);
        assert!(as_json_lines("left,right\na.png,b.png\n").is_err());
    }
}
