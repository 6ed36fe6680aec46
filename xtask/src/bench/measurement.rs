//! Runs of ours and of theirs, each with what it printed and what else the machine did meanwhile.

use std::ffi::OsStr;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;
use setup::Project;
use setup::run::{self, program};

use super::load::{Load, Meter};
use super::machine::Machine;
use super::plan::{OURS, TrainPlan};

/// What a run measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Training steps of one network.
    Step,
    /// A whole study.
    Study,
    /// A whole training of ours.
    Training,
    /// A core's floating-point operations a second.
    Peak,
    /// Many pairs of pictures, from the system's cache.
    Batch,
    /// Many pairs of pictures, from the disk.
    Cold,
    /// Inference alone.
    Inference,
    /// One comparison by a new process.
    Start,
    /// Preparation of one picture.
    Prepare,
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredRun {
    /// What it measured.
    pub kind: Kind,
    /// The network; for a peak the way of measuring it, for preparation the picture.
    pub network: String,
    /// Ours or one of theirs.
    pub variant: String,
    /// Number of the repetition, from 0.
    pub repetition: usize,
    /// The command as typed in the project's root.
    pub command: String,
    /// Seconds by the wall clock, the program's start included.
    pub seconds: f64,
    /// What else the machine did.
    pub load: Load,
    /// The object that the program printed; null if it prints none.
    pub output: Value,
}

impl MeasuredRun {
    /// The list of numbers called `field`, empty where there is none.
    pub fn samples(&self, field: &str) -> Vec<f64> {
        self.output[field].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    }

    /// The number called `field`.
    pub fn number(&self, field: &str) -> Option<f64> {
        self.output[field].as_f64()
    }
}

/// A run that failed.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// What, as `network/variant`.
    pub what: String,
    /// How.
    pub reason: String,
}

/// What a run measures.
pub struct Subject<'a> {
    /// What is measured.
    pub kind: Kind,
    /// The network.
    pub network: &'a str,
    /// Ours or one of theirs.
    pub variant: &'a str,
    /// Number of the repetition.
    pub repetition: usize,
}

/// Everything measured so far.
#[derive(Debug, Default)]
pub struct Measurements {
    /// What succeeded.
    pub runs: Vec<MeasuredRun>,
    /// What did not.
    pub failures: Vec<Failure>,
}

impl Measurements {
    /// Runs `command` and notes how it went. A program that fails is noted too; the others are still worth measuring.
    ///
    /// # Errors
    /// When the load cannot be measured.
    pub fn take(&mut self, project: &Project, subject: &Subject, command: &mut Command) -> Result<()> {
        let meter = Meter::start()?;
        let start = Instant::now();
        let result = run::output_of(project, command, is_answered_in_part(subject));
        let seconds = start.elapsed().as_secs_f64();
        let load = meter.stop()?;
        let Subject { kind, network, variant, repetition } = *subject;
        match result.and_then(|text| printed_object(kind, variant, &text)) {
            Ok(output) => self.runs.push(MeasuredRun {
                kind,
                network: network.into(),
                variant: variant.into(),
                repetition,
                command: run::typed(project, command),
                seconds,
                load,
                output,
            }),
            Err(fault) => {
                run::say(&format!("{fault:#}"));
                let what = format!("{network}/{variant}");
                self.failures.push(Failure { what, reason: format!("{fault:#}") });
            }
        }
        Ok(())
    }

    /// Whether other work ran beside any of it, or `before` it. Runs from the disk do not tell: their own disk's interrupts look
    /// like the work of others. They stand among runs that do.
    pub fn is_disturbed(&self, before: &Load) -> bool {
        before.disturbs() || self.runs.iter().any(|run| run.kind != Kind::Cold && run.load.disturbs())
    }

    /// What failed, a paragraph each.
    pub fn failures_in_words(&self) -> String {
        let told = |Failure { what, reason }: &Failure| format!("\n**{what} failed** and is missing below: {reason}\n");
        self.failures.iter().map(told).collect()
    }

    /// `raw.json`: `head`, then every run on a line of its own.
    ///
    /// # Errors
    /// Never fails for measured values.
    pub fn raw(&self, head: &[(&str, Value)]) -> Result<String> {
        let head: String = head.iter().map(|(name, value)| format!("\"{name}\": {value},\n")).collect();
        let runs: Vec<String> = self.runs.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        Ok(format!("{{\n{head}\"runs\": [\n{}\n]\n}}\n", runs.join(",\n")))
    }

    /// The runs of one kind, network and variant, in order.
    pub fn of<'a>(&'a self, kind: Kind, network: &'a str, variant: &'a str) -> impl Iterator<Item = &'a MeasuredRun> {
        self.runs.iter().filter(move |run| run.kind == kind && run.network == network && run.variant == variant)
    }
}

/// Whether exit code 1 is an answer: our batch calls some pictures no digit.
fn is_answered_in_part(subject: &Subject) -> bool {
    matches!(subject.kind, Kind::Batch | Kind::Cold) && subject.variant.starts_with(OURS)
}

/// The output or its last line as JSON. Our study prints a table, our training its progress, our batch nothing, and a comparison
/// is its time. Variants of ours are called after us.
fn printed_object(kind: Kind, variant: &str, text: &str) -> Result<Value> {
    if kind == Kind::Start
        || (matches!(kind, Kind::Study | Kind::Training | Kind::Batch | Kind::Cold) && variant.starts_with(OURS))
    {
        return Ok(Value::Null);
    }
    if let Ok(object) = serde_json::from_str(text) {
        return Ok(object);
    }
    let line = text.lines().last().context("the program printed nothing")?;
    serde_json::from_str(line).with_context(|| format!("the program did not print a JSON object but: {line}"))
}

/// The program that measures our training step.
pub fn training_step(project: &Project) -> Command {
    program(project, project.release_program("training-step"))
}

/// Our program.
pub fn trainer(project: &Project) -> Command {
    program(project, project.release_program("trainer"))
}

/// A script of `bench/` under PyTorch. It compiles on one core without helpers, whose time would count as other load.
pub fn torch(project: &Project, plan: &TrainPlan, script: &str) -> Command {
    let mut command = program(project, setup::torch_python(project));
    command
        .arg(script)
        .env("TORCHINDUCTOR_CACHE_DIR", project.setup_dir().join(plan.compiled))
        .env("TORCHINDUCTOR_COMPILE_THREADS", "1");
    command
}

/// The same command on one core and one thread.
pub fn pinned(project: &Project, machine: &Machine, command: &Command) -> Command {
    let mut pinned = program(project, "taskset");
    pinned.args(["-c", &machine.core().to_string()]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        pinned.env(name, value.unwrap_or(OsStr::new("")));
    }
    one_thread(&mut pinned);
    pinned
}

/// Forbids the libraries behind both sides any threads of their own.
pub fn one_thread(command: &mut Command) {
    command.env("OMP_NUM_THREADS", "1");
}
