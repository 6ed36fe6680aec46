//! `cargo xtask bench web`: the page beside onnxruntime-web, with the same model and pairs in the same Chromium.

mod frames;
mod report;
mod visits;

use std::path::Path;

use anyhow::{Context, Result};
use metrics::Median;
use page::Models;
use setup::run::say;
use setup::{Need, Project};

use super::load::{Load, wait_for_calm};
use super::machine::Machine;
use super::summary::{self, BenchRow};
use crate::Outcome;
use visits::Stage;

/// Ours, and the peer, by the names that rows carry.
pub const OURS: &str = "leq";
const PEER: &str = "onnxruntime-web";
/// An earlier build of ours, where one is measured.
const BEFORE: &str = "leq-before";
/// A page without anything on it, whose first frame stands for the first answer.
const EMPTY: &str = "empty";
const BEFORE_COMMAND: &str = "cargo xtask bench web --before FOLDER";

/// How much is measured.
pub struct WebPlan {
    /// As typed.
    pub command: &'static str,
    /// Where the results are written.
    pub folder: &'static str,
    /// Visits with a new browser each, of either page.
    pub visits: usize,
}

impl WebPlan {
    /// The benchmark.
    pub const FULL: Self = Self { command: "cargo xtask bench web", folder: "results/bench-web", visits: 15 };
    /// Smoke run: every path, too few samples to publish.
    pub const QUICK: Self =
        Self { command: "cargo xtask bench web --quick", folder: "runs/bench-web/quick", visits: 2 };
}

/// Measurements of one of the pages.
#[derive(Debug, Default)]
pub struct Visits {
    /// Bytes of a first visit with gzip, by file; not known of an earlier build.
    pub files: Vec<(String, usize)>,
    /// Milliseconds from navigation to the first answer, one a visit.
    pub first_answers: Vec<f64>,
    /// Milliseconds of each comparison, of all visits.
    pub comparisons: Vec<f64>,
    /// Milliseconds of the main thread in each frame of drawing with the network at work on the screen, of all visits.
    pub frames: Vec<f64>,
    /// The browser's own answers, for a check that both compute the same.
    pub answers: Vec<f64>,
}

/// Everything measured.
pub struct WebBenchmark {
    pub plan: &'static WebPlan,
    pub machine: Machine,
    pub browser: String,
    pub model: String,
    /// The load before and after; while the browser works its own processes cannot be told from others.
    pub loads: [Load; 2],
    pub ours: Visits,
    pub theirs: Visits,
    pub before: Option<Visits>,
    /// Milliseconds from navigation to the first frame of an empty page, one a visit.
    pub empty: Vec<f64>,
}

impl WebBenchmark {
    /// Whether other work ran beside the measurement.
    pub fn is_disturbed(&self) -> bool {
        self.loads.iter().any(Load::disturbs)
    }

    fn sides(&self) -> Vec<(&'static str, &Visits)> {
        let both = [(OURS, &self.ours), (PEER, &self.theirs)];
        both.into_iter().chain(self.before.as_ref().map(|before| (BEFORE, before))).collect()
    }
}

/// Measures and writes the results; with the page that lies in the folder `earlier`, if one is given.
pub fn command(project: &Project, plan: &'static WebPlan, earlier: Option<&Path>) -> Result<Outcome> {
    let wasm = Need::RustTarget(setup::WASM);
    setup::ensure(project, &[Need::CCompiler, wasm, Need::Rollup, Need::Browser, Need::OnnxRuntimeWeb])?;
    let stage = Stage::set_up(project, earlier)?;
    let load = wait_for_calm()?;
    let (mut ours, mut theirs) = (stage.files_of_ours(), stage.files_of_theirs());
    let mut before = stage.has_before().then(Visits::default);
    let mut empty = Vec::new();
    for visit in 1..=plan.visits {
        say(&format!("visit {visit} of {}", plan.visits));
        stage.visit_ours(&mut ours)?;
        stage.visit_theirs(&mut theirs)?;
        empty.push(stage.visit_empty()?);
        if let Some(before) = &mut before {
            stage.visit_before(before)?;
        }
    }
    visits::agree(&ours.answers, &theirs.answers)?;
    let browser = stage.browser_version()?;
    drop(stage);
    let benchmark = WebBenchmark {
        plan,
        machine: Machine::here(project)?,
        browser,
        model: Models::of(project)?.default,
        loads: [load, wait_for_calm()?],
        ours,
        theirs,
        before,
        empty,
    };
    let rows = rows(&benchmark).context("something was not measured")?;
    let page = report::page(&benchmark, &rows);
    summary::publish(project, plan.folder, &rows, &page, None)?;
    Ok(Outcome::Done)
}

/// A row for each figure of each side.
fn rows(benchmark: &WebBenchmark) -> Option<Vec<BenchRow>> {
    let mut rows = Vec::new();
    for (side, measured) in benchmark.sides() {
        let bytes: f64 = measured.files.iter().map(|(_, bytes)| *bytes as f64).sum();
        let of = |what: &str, unit, median: Median| {
            let command = if side == BEFORE { BEFORE_COMMAND } else { benchmark.plan.command };
            BenchRow::new(format!("{what}/{side}"), unit, side, median, command, benchmark.is_disturbed())
        };
        if !measured.files.is_empty() {
            let exact = Median { value: bytes, n: 1, standard_deviation: 0.0, interval: [bytes; 2] };
            rows.push(of("gzip_bytes", "bytes", exact));
        }
        rows.push(of("first_answer_ms", "ms", Median::of(&measured.first_answers)?));
        rows.push(of("median_ms", "ms", Median::of(&measured.comparisons)?));
        rows.push(of("p95_ms", "ms", percentile_95(&measured.comparisons)?));
    }
    let (ours, disturbed) = (&benchmark.ours.frames, benchmark.is_disturbed());
    let (what, first_frame) = (format!("first_frame_ms/{EMPTY}"), Median::of(&benchmark.empty)?);
    rows.push(BenchRow::new(what, "ms", EMPTY, first_frame, benchmark.plan.command, disturbed));
    for (what, median) in [("frame_ms", Median::of(ours)?), ("frame_p95_ms", percentile_95(ours)?)] {
        let what = format!("{what}/{OURS}");
        rows.push(BenchRow::new(what, "ms", OURS, median, benchmark.plan.command, disturbed));
    }
    Some(rows)
}

/// The 95th percentile by nearest rank, with the ranks that bound it with 95 % confidence as its interval.
fn percentile_95(samples: &[f64]) -> Option<Median> {
    let all = Median::of(samples)?;
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let at = |rank: f64| sorted[(rank.ceil().clamp(1.0, n) as usize) - 1];
    let margin = 1.96 * (n * 0.95 * 0.05).sqrt();
    Some(Median { value: at(0.95 * n), interval: [at(0.95 * n - margin), at(0.95 * n + margin)], ..all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_95th_percentile_is_the_nearest_rank_between_its_bounds() {
        let samples: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        let found = percentile_95(&samples).unwrap();
        assert_eq!((found.value, found.n, found.interval), (950.0, 1000, [937.0, 964.0]));
        assert_eq!(percentile_95(&[]), None);
    }
}
