//! `cargo xtask demo`: from MNIST to a trained network, and two of its test images compared with it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use setup::run::{self, cargo, program, say};
use setup::{Need, Project};

use crate::Outcome;

/// Where the demo leaves what it makes; a new demo begins by emptying it.
const RUN: &str = "runs/demo";
const MODEL: &str = "runs/demo/report-a-headline.onnx";

/// Sets up, builds, trains, exports and compares, showing each command.
pub fn command(project: &Project) -> Result<Outcome> {
    setup::ensure(project, &[Need::CCompiler, Need::OnnxRuntime])?;
    let building = Instant::now();
    run::run(project, &mut cargo(project, &["build", "--release", "--locked", "-p", "trainer", "-p", "infer"]))?;
    let building = building.elapsed();
    let working = Instant::now();
    train(project)?;
    compare(project, &cut_samples(project)?)?;
    say(&format!("\nbuilt in {}, trained and compared in {}", seconds(building), seconds(working.elapsed())));
    say(&format!("the network is {MODEL}, and its card lies beside it"));
    Ok(Outcome::Done)
}

fn train(project: &Project) -> Result<()> {
    let folder = project.root.join(RUN);
    if folder.exists() {
        say(&format!("removing the last demo's {RUN}"));
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let trainer = project.release_program("trainer");
    run::run(project, program(project, &trainer).args(["train", "report-a-headline", "--seed", "0", "--out", RUN]))?;
    let checkpoint = format!("{RUN}/checkpoint.safetensors");
    run::run(project, program(project, &trainer).args(["export", &checkpoint, "--out", MODEL]))
}

/// Cuts two images out of MNIST's test split, and returns the paths that the trainer printed.
fn cut_samples(project: &Project) -> Result<[String; 2]> {
    let mut command = program(project, project.release_program("trainer"));
    command.args(["samples", "--out", RUN, "--count", "2"]);
    let mut paths = Vec::new();
    let status = run::stream(project, &mut command, |line| {
        say(line);
        paths.push(line.to_owned());
    })?;
    match <[String; 2]>::try_from(paths) {
        Ok(paths) if status.success() => Ok(paths),
        Ok(_) => bail!("trainer samples failed ({status})"),
        Err(paths) => bail!("trainer samples printed {} paths where two were asked for ({status})", paths.len()),
    }
}

fn compare(project: &Project, [first, second]: &[String; 2]) -> Result<()> {
    let infer = project.release_program("infer");
    let mut command = program(project, &infer);
    command.args(["compare", first, second, "--model", MODEL]);
    if !finds_library_by_itself(project, &infer) {
        command.env("ORT_DYLIB_PATH", setup::onnxruntime_library(project)?);
    }
    run::run(project, &mut command)
}

/// Whether `infer` finds the library that set-up made: it looks for `.setup` in the folders above itself.
fn finds_library_by_itself(project: &Project, infer: &Path) -> bool {
    infer.starts_with(&project.root) && !setup::onnxruntime_is_the_users()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
