//! `cargo xtask bench prepare`: a clean picture and a photo prepared, ours beside the same steps in Python with OpenCV.

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
use super::measurement::{Kind, Measurements, Subject, pinned};
use super::plan::OURS;
use super::summary;
use crate::Outcome;

/// Their name among the variants.
pub const OPENCV: &str = "opencv";
/// The same, decoding a photo at a quarter of its size.
pub const REDUCED: &str = "opencv-reduced";
/// How many times faster ours has to be.
pub const ASKED: f64 = 2.0;

/// Where the pictures go.
const WORK: &str = "runs/bench-prepare";
/// Saves a picture as a phone does: libjpeg, colour at half of the size.
const TO_JPEG: &str =
    "import cv2, sys; cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1]), [cv2.IMWRITE_JPEG_QUALITY, 90])";

/// A picture that both sides prepare.
#[derive(Clone, Copy)]
pub struct MeasuredPicture {
    /// Its name in rows.
    pub name: &'static str,
    /// Its file.
    file: &'static str,
    /// In words.
    pub what: &'static str,
    /// Preparations of one sample.
    pub repeats: usize,
    /// Variants of theirs.
    pub peers: &'static [&'static str],
}

/// All of them.
pub const PICTURES: [MeasuredPicture; 2] = [
    MeasuredPicture {
        name: "clean",
        file: "clean.png",
        what: "a clean PNG file of 28x28 in MNIST's form",
        repeats: 100,
        peers: &[OPENCV],
    },
    MeasuredPicture {
        name: "photo",
        file: "photo.jpg",
        what: "a JPEG photo of 4000x3000, a digit on plain paper",
        repeats: 1,
        peers: &[OPENCV, REDUCED],
    },
];

/// How often everything is measured.
pub struct PreparePlan {
    /// Runs of each side in turn.
    pub repetitions: usize,
    /// Samples of a run, at least.
    pub runs: usize,
    /// Seconds of a run's samples, at least.
    pub seconds: &'static str,
    /// Where the results go.
    pub folder: &'static str,
    /// The command that follows this plan.
    pub command: &'static str,
}

impl PreparePlan {
    /// The published benchmark.
    pub const FULL: Self = Self {
        repetitions: 5,
        runs: 20,
        seconds: "1",
        folder: "results/bench-prepare",
        command: "cargo xtask bench prepare",
    };

    /// Smoke run: every path, too few samples to publish.
    pub const QUICK: Self = Self {
        repetitions: 1,
        runs: 2,
        seconds: "0.1",
        folder: "runs/bench-prepare/quick",
        command: "cargo xtask bench prepare --quick",
    };
}

/// Everything that the results are made of.
pub struct PrepareBenchmark {
    /// What was measured how often.
    pub plan: &'static PreparePlan,
    /// On what.
    pub machine: Machine,
    /// What else the machine did just before.
    pub before: Load,
    /// The runs.
    pub measurements: Measurements,
}

impl PrepareBenchmark {
    /// Whether anything was measured beside other load.
    pub fn is_disturbed(&self) -> bool {
        self.measurements.is_disturbed(&self.before)
    }
}

/// Sets up, builds, draws the pictures, measures and writes the results.
pub fn command(project: &Project, plan: &'static PreparePlan) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::OpenCv])?;
    let build = ["build", "--release", "--locked", "-p", "leq-infer", "--example", "draw_photo"];
    run::run(project, cargo(project, &build).args(["--example", "preparation_time"]))?;
    draw(project)?;
    let machine = Machine::here(project)?;
    let before = load::wait_for_calm()?;
    let mut benchmark = PrepareBenchmark { plan, machine, before, measurements: Measurements::default() };
    for repetition in 0..plan.repetitions {
        for picture in PICTURES {
            measure(project, picture, repetition, &mut benchmark)?;
        }
    }
    write(project, &benchmark)?;
    Ok(if benchmark.measurements.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

/// One of the examples of `leq-infer`.
fn example(project: &Project, name: &str) -> Command {
    program(project, project.target_dir().join("release/examples").join(name))
}

fn file(project: &Project, name: &str) -> PathBuf {
    project.root.join(WORK).join(name)
}

fn draw(project: &Project) -> Result<()> {
    run::run(project, example(project, "draw_photo").arg(WORK))?;
    let mut save = program(project, setup::opencv_python(project));
    save.args(["-c", TO_JPEG]).arg(file(project, "photo.ppm")).arg(file(project, "photo.jpg"));
    run::run(project, &mut save)
}

/// One run of each variant over one picture, on one core.
fn measure(
    project: &Project,
    picture: MeasuredPicture,
    repetition: usize,
    benchmark: &mut PrepareBenchmark,
) -> Result<()> {
    let ours = std::iter::once((OURS, our_run(project, picture, benchmark.plan)));
    let theirs = picture.peers.iter().map(|peer| (*peer, their_run(project, picture, peer, benchmark.plan)));
    for (variant, command) in ours.chain(theirs) {
        let subject = Subject { kind: Kind::Prepare, network: picture.name, variant, repetition };
        let mut command = pinned(project, &benchmark.machine, &command);
        benchmark.measurements.take(project, &subject, &mut command)?;
    }
    Ok(())
}

fn our_run(project: &Project, picture: MeasuredPicture, plan: &PreparePlan) -> Command {
    let mut command = example(project, "preparation_time");
    command.arg(file(project, picture.file)).args([picture.repeats.to_string(), plan.runs.to_string()]);
    command.arg(plan.seconds);
    command
}

fn their_run(project: &Project, picture: MeasuredPicture, peer: &str, plan: &PreparePlan) -> Command {
    let mut command = program(project, setup::opencv_python(project));
    command.arg("bench/preparation_peer.py").arg(file(project, picture.file));
    command.args(["--repeats", &picture.repeats.to_string(), "--runs", &plan.runs.to_string()]);
    command.args(["--seconds", plan.seconds]);
    if peer == REDUCED {
        command.arg("--reduced");
    }
    command
}

fn write(project: &Project, benchmark: &PrepareBenchmark) -> Result<()> {
    let rows = rows::rows(benchmark);
    let page = page::page(benchmark, &rows);
    let head = json!({
        "command": benchmark.plan.command,
        "machine": benchmark.machine,
        "core": benchmark.machine.core(),
        "before": benchmark.before,
        "disturbed": benchmark.is_disturbed(),
        "failures": benchmark.measurements.failures,
    });
    let raw = benchmark.measurements.raw(&[("head", head)])?;
    summary::publish(project, benchmark.plan.folder, &rows, &page, Some(&raw))
}
