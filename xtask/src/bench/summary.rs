//! From runs to flat rows.

use anyhow::Result;
use metrics::{Median, standard_deviation};
use serde::Serialize;
use serde_json::json;
use setup::Project;
use setup::run::say;

use super::benchmark::TrainBenchmark;
use super::measurement::{Kind, MeasuredRun, Measurements};
use super::plan::{OURS, TrainPlan};

/// A row of `summary.json`.
#[derive(Clone, Debug, Serialize)]
pub struct BenchRow {
    /// What it tells, as `speedup/ws_aux`.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// Number of samples, of the side that has fewer.
    pub n: usize,
    /// Standard deviation: of a ratio from repetition to repetition, else of the samples.
    #[serde(rename = "deviation")]
    pub standard_deviation: f64,
    /// 95 % interval of the median from ranks; the range where there are too few samples.
    pub interval: [f64; 2],
    /// The variant that was measured or compared with.
    pub peer: String,
    /// What measures it again.
    pub command: &'static str,
    /// Whether other work ran beside any measurement.
    pub load: &'static str,
}

impl BenchRow {
    /// A median that `command` measured.
    pub fn new(
        what: String,
        unit: &'static str,
        peer: &str,
        median: Median,
        command: &'static str,
        is_disturbed: bool,
    ) -> Self {
        let Median { value, n, standard_deviation, interval } = median;
        let load = if is_disturbed { "beside other load" } else { "idle" };
        Self { what, value, unit, n, standard_deviation, interval, peer: peer.to_owned(), command, load }
    }
}

/// Writes a benchmark's figures and their page, the samples behind them if they are kept, and shows the page.
///
/// # Errors
/// When a file cannot be written.
pub fn publish(project: &Project, folder: &str, rows: &[impl Serialize], page: &str, raw: Option<&str>) -> Result<()> {
    let path = |name: &str| project.root.join(folder).join(name);
    if let Some(raw) = raw {
        files::write_with_folders(&path("raw.json"), raw)?;
    }
    files::write_with_folders(&path("summary.json"), &(serde_json::to_string_pretty(rows)? + "\n"))?;
    files::write_with_folders(&path("README.md"), page)?;
    say(&format!("\n{page}\nwritten to {folder}"));
    Ok(())
}

/// All rows; what could not be measured has none.
pub fn rows(benchmark: &TrainBenchmark) -> Vec<BenchRow> {
    let plan = benchmark.plan;
    let rows = Rows { benchmark, measurements: &benchmark.measurements };
    let mut all = Vec::new();
    for network in plan.networks {
        all.extend(rows.speedup("speedup", network, "cpu_ms"));
        all.extend(rows.speedup("speedup_wall", network, "wall_ms"));
        all.extend(rows.lower_bound(network));
    }
    all.extend(rows.study());
    for (experiment, _) in plan.trainings {
        let runs = benchmark.measurements.of(Kind::Training, experiment, OURS);
        let seconds: Vec<f64> = runs.map(|run| run.seconds).collect();
        all.extend(rows.row(format!("train_s/{experiment}"), "s", OURS, Median::of(&seconds)));
    }
    all.extend(rows.memory("memory_ratio", theirs_in_all));
    all.extend(rows.memory("memory_ratio_without_import", theirs_without_import));
    for network in plan.networks {
        for stretch in STRETCHES {
            let shares = pooled(&rows.numbers(network, OURS, |run| stretch.share(run)));
            all.extend(rows.row(format!("{}/{network}", stretch.what), "% of a step", OURS, Median::of(&shares)));
        }
    }
    for (network, variant) in
        plan.networks.iter().flat_map(|network| plan.variants().map(move |variant| (network, variant)))
    {
        for (what, field) in [("step_cpu", "cpu_ms"), ("step_wall", "wall_ms")] {
            let samples = pooled(&rows.samples(network, variant, field));
            all.extend(rows.row(format!("{what}/{network}/{variant}"), "ms", variant, Median::of(&samples)));
        }
        let peaks = pooled(&rows.numbers(network, variant, |run| run.number("peak_rss_mb")));
        all.extend(rows.row(format!("peak_memory/{network}/{variant}"), "MB", variant, Median::of(&peaks)));
    }
    for run in benchmark.measurements.runs.iter().filter(|run| run.kind == Kind::Peak) {
        let gflops = Median::of(&run.number("gflops").into_iter().collect::<Vec<_>>());
        all.extend(rows.row(format!("peak/{}", run.network), "GFLOP/s", &run.variant, gflops));
    }
    all
}

/// A stretch of our step.
struct Stretch {
    what: &'static str,
    /// What measures it; for the rest, what is taken from the step.
    fields: &'static [&'static str],
}

const STRETCHES: [Stretch; 4] = [
    Stretch { what: "batch_share", fields: &["batch_ms"] },
    Stretch { what: "forward_share", fields: &["forward_ms"] },
    Stretch { what: "backward_share", fields: &["backward_ms"] },
    Stretch { what: "rest_share", fields: &["batch_ms", "forward_ms", "backward_ms"] },
];

impl Stretch {
    /// Percent of a step.
    fn share(&self, run: &MeasuredRun) -> Option<f64> {
        let fields = self.fields.iter().map(|field| run.number(field));
        let share = 100.0 * fields.sum::<Option<f64>>()? / run.number("step_ms")?;
        Some(if self.fields.len() == 1 { share } else { 100.0 - share })
    }
}

/// The `allowed` variant of PyTorch with the smallest median of `field`, and its median.
pub fn fastest_peer(
    plan: &TrainPlan,
    measurements: &Measurements,
    network: &str,
    field: &str,
    allowed: &dyn Fn(&str) -> bool,
) -> Option<(&'static str, f64)> {
    let median = |peer: &'static str| {
        let samples: Vec<f64> = measurements.of(Kind::Step, network, peer).flat_map(|run| run.samples(field)).collect();
        Some((peer, Median::of(&samples)?.value))
    };
    plan.peers.iter().copied().filter(|peer| allowed(peer)).filter_map(median).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// The most operations a second that one core was seen to do, in GFLOP/s.
pub fn peak(measurements: &Measurements) -> Option<(&MeasuredRun, f64)> {
    let peaks = measurements.runs.iter().filter(|run| run.kind == Kind::Peak);
    peaks.filter_map(|run| Some((run, run.number("gflops")?))).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The variants that ran the study, ours first.
pub fn studied(measurements: &Measurements) -> Vec<&str> {
    let mut variants = Vec::new();
    for run in measurements.runs.iter().filter(|run| run.kind == Kind::Study) {
        if !variants.contains(&run.variant.as_str()) {
            variants.push(&run.variant);
        }
    }
    variants
}

/// Everything measured, one run a line.
///
/// # Errors
/// Never fails for measured values.
pub fn raw(benchmark: &TrainBenchmark) -> Result<String> {
    benchmark.measurements.raw(&[
        ("command", json!(benchmark.plan.command)),
        ("machine", json!(benchmark.machine)),
        ("load", json!({ "before": benchmark.before, "disturbed": benchmark.is_disturbed() })),
        ("core", json!(benchmark.machine.core())),
        ("failures", json!(benchmark.measurements.failures)),
    ])
}

struct Rows<'a> {
    benchmark: &'a TrainBenchmark,
    measurements: &'a Measurements,
}

impl Rows<'_> {
    fn row(&self, what: String, unit: &'static str, peer: &str, median: Option<Median>) -> Option<BenchRow> {
        Some(BenchRow::new(what, unit, peer, median?, self.benchmark.plan.command, self.benchmark.is_disturbed()))
    }

    /// Samples by repetition.
    fn samples(&self, network: &str, variant: &str, field: &str) -> Vec<Vec<f64>> {
        self.measurements.of(Kind::Step, network, variant).map(|run| run.samples(field)).collect()
    }

    /// One number a repetition.
    fn numbers(&self, network: &str, variant: &str, number: impl Fn(&MeasuredRun) -> Option<f64>) -> Vec<Vec<f64>> {
        let runs = self.measurements.of(Kind::Step, network, variant);
        runs.map(|run| number(run).into_iter().collect()).collect()
    }

    fn speedup(&self, what: &str, network: &str, field: &str) -> Option<BenchRow> {
        let (peer, _) = fastest_peer(self.benchmark.plan, self.measurements, network, field, &|_| true)?;
        let (theirs, ours) = (self.samples(network, peer, field), self.samples(network, OURS, field));
        self.row(format!("{what}/{network}"), "times faster", peer, ratio(&theirs, &ours))
    }

    /// Our step time divided by its lower bound: the time of its dense operations at the measured peak.
    fn lower_bound(&self, network: &str) -> Option<BenchRow> {
        let (peak_run, gflops) = peak(self.measurements)?;
        let flops = self.measurements.of(Kind::Step, network, OURS).find_map(|run| run.number("flops"))?;
        let bound_ms = flops / (gflops * 1e6);
        let times: Vec<Vec<f64>> = self.samples(network, OURS, "cpu_ms");
        let times: Vec<Vec<f64>> =
            times.into_iter().map(|samples| samples.into_iter().map(|ms| ms / bound_ms).collect()).collect();
        let median =
            Median { standard_deviation: standard_deviation(&medians(&times)), ..Median::of(&pooled(&times))? };
        self.row(format!("lower_bound/{network}"), "times the lower bound", &peak_run.network, Some(median))
    }

    /// The fastest of theirs over ours, by the wall clock.
    fn study(&self) -> Option<BenchRow> {
        let seconds = |variant: &str| -> Vec<Vec<f64>> {
            let runs = self.measurements.of(Kind::Study, "headline_study", variant);
            runs.map(|run| vec![run.seconds]).collect()
        };
        let theirs = studied(self.measurements).into_iter().filter(|variant| *variant != OURS);
        let median = |variant: &str| Median::of(&pooled(&seconds(variant))).map_or(f64::INFINITY, |it| it.value);
        let peer = theirs.min_by(|a, b| median(a).total_cmp(&median(b)))?;
        let ratio = ratio(&seconds(peer), &seconds(OURS));
        self.row("speedup/headline_study".into(), "times faster", peer, ratio)
    }

    /// The leanest of theirs over the whole of ours.
    fn memory(&self, what: &str, number: fn(&MeasuredRun) -> Option<f64>) -> Option<BenchRow> {
        let (network, peers) = (self.benchmark.plan.networks[0], self.benchmark.plan.peers);
        let theirs = |peer: &str| self.numbers(network, peer, number);
        let median = |peer: &str| Some(Median::of(&pooled(&theirs(peer)))?.value);
        let (peer, _) =
            peers.iter().copied().filter_map(|peer| Some((peer, median(peer)?))).min_by(|a, b| a.1.total_cmp(&b.1))?;
        let ours = self.numbers(network, OURS, theirs_in_all);
        self.row(format!("{what}/{network}"), "times less", peer, ratio(&theirs(peer), &ours))
    }
}

fn theirs_in_all(run: &MeasuredRun) -> Option<f64> {
    run.number("peak_rss_mb")
}

fn theirs_without_import(run: &MeasuredRun) -> Option<f64> {
    Some(run.number("peak_rss_mb")? - run.number("import_rss_mb")?)
}

/// The median of theirs over that of ours, repetitions pooled.
fn ratio(theirs: &[Vec<f64>], ours: &[Vec<f64>]) -> Option<Median> {
    let by_repetition: Vec<f64> = medians(theirs).iter().zip(medians(ours)).map(|(their, our)| their / our).collect();
    Some(Median::of(&pooled(theirs))?.over(&Median::of(&pooled(ours))?, standard_deviation(&by_repetition)))
}

fn medians(repetitions: &[Vec<f64>]) -> Vec<f64> {
    repetitions.iter().filter_map(|samples| Median::of(samples)).map(|median| median.value).collect()
}

fn pooled(repetitions: &[Vec<f64>]) -> Vec<f64> {
    repetitions.concat()
}

#[cfg(test)]
pub mod tests {
    use serde_json::Value;

    use super::*;
    use crate::bench::load::Load;
    use crate::bench::machine::Machine;
    use crate::bench::measurement::Failure;
    use crate::bench::plan::TrainPlan;

    fn load(other_cores: f64) -> Load {
        Load { loadavg_before: "0.00 0.00 0.00 1/99 7".into(), other_cores, stolen_cores: 0.0, seconds: 1.0 }
    }

    fn run(kind: Kind, network: &str, variant: &str, repetition: usize, output: Value) -> MeasuredRun {
        let (network, variant, command) = (network.into(), variant.into(), "some command".into());
        let seconds = if variant == OURS { 2.0 } else { 7.0 };
        MeasuredRun { kind, network, variant, repetition, command, seconds, load: load(0.0), output }
    }

    fn step(variant: &str, repetition: usize, ms: [f64; 3], memory: f64) -> MeasuredRun {
        let output = json!({
            "cpu_ms": ms, "wall_ms": ms.map(|it| 2.0 * it), "peak_rss_mb": memory, "import_rss_mb": 100.0, "flops": 4e8,
            "batch_ms": 0.15, "forward_ms": 1.2, "backward_ms": 1.5, "step_ms": 3.0,
        });
        run(Kind::Step, "ws_aux", variant, repetition, output)
    }

    /// A benchmark of one network with round figures.
    pub fn example(other_cores: f64) -> TrainBenchmark {
        let machine = Machine {
            processor: "A processor".into(),
            cores: vec![0, 1],
            memory_gb: 8.0,
            kernel: "6.1.0".into(),
            rustc: "rustc 1.95.0".into(),
            revision: "abc".into(),
        };
        let mut runs = vec![
            run(Kind::Peak, "fma", OURS, 0, json!({ "gflops": 200.0 })),
            run(Kind::Peak, "sgemm", "torch", 0, json!({ "gflops": 190.0 })),
        ];
        for repetition in 0..2 {
            runs.push(step(OURS, repetition, [3.0, 3.0, 3.0], 100.0));
            runs.push(step("eager", repetition, [20.0, 21.0, 22.0], 400.0));
            runs.push(step("tuned", repetition, [12.0, 12.0, 12.0], 500.0));
            let ours = json!({ "learned_head": { "mean": 0.85 } });
            runs.push(run(Kind::Study, "headline_study", OURS, repetition, ours));
            runs.push(run(
                Kind::Study,
                "headline_study",
                "tuned",
                repetition,
                json!({ "learned_head": { "mean": 0.86 } }),
            ));
        }
        let failures = vec![Failure { what: "ws_aux/compile".into(), reason: "no compiler".into() }];
        let measurements = Measurements { runs, failures };
        TrainBenchmark { plan: &TrainPlan::FULL, machine, before: load(other_cores), measurements }
    }

    /// The same with whole trainings.
    pub fn with_trainings() -> TrainBenchmark {
        let mut benchmark = TrainBenchmark { plan: &TrainPlan::LEQ_1000, ..example(0.0) };
        for (experiment, repetitions) in TrainPlan::LEQ_1000.trainings {
            let runs =
                (0..*repetitions).map(|repetition| run(Kind::Training, experiment, OURS, repetition, Value::Null));
            benchmark.measurements.runs.extend(runs);
        }
        benchmark
    }

    fn row(what: &str) -> BenchRow {
        rows(&example(0.0)).into_iter().find(|row| row.what == what).unwrap()
    }

    #[test]
    fn a_speedup_is_against_the_fastest_of_theirs() {
        let speedup = row("speedup/ws_aux");
        assert_eq!((speedup.value, speedup.peer.as_str(), speedup.n), (4.0, "tuned", 6));
        assert_eq!((speedup.interval, speedup.standard_deviation, speedup.load), ([4.0, 4.0], 0.0, "idle"));
        assert_eq!(row("speedup/headline_study").value, 3.5);
    }

    #[test]
    fn the_lower_bound_uses_the_greater_peak() {
        let bound = row("lower_bound/ws_aux");
        assert_eq!((bound.value, bound.peer.as_str()), (1.5, "fma"));
    }

    #[test]
    fn memory_is_against_the_leanest_of_theirs_and_once_without_their_import() {
        let whole = row("memory_ratio/ws_aux");
        assert_eq!((whole.value, whole.peer.as_str()), (4.0, "eager"));
        assert_eq!(row("memory_ratio_without_import/ws_aux").value, 3.0);
    }

    #[test]
    fn a_whole_training_takes_what_its_program_took() {
        let rows = rows(&with_trainings());
        let row = |what: &str| rows.iter().find(|row| row.what == what).map(|row| (row.value, row.n, row.unit));
        assert_eq!([row("train_s/leq-1000"), row("train_s/leq")], [Some((2.0, 3, "s")), Some((2.0, 1, "s"))]);
    }

    #[test]
    fn what_was_not_measured_has_no_row_and_other_load_is_told_in_every_row() {
        assert!(!rows(&example(0.0)).iter().any(|row| row.what == "speedup/mlp"));
        assert!(rows(&example(1.0)).iter().all(|row| row.load == "beside other load"));
    }

    #[test]
    fn the_raw_file_is_json_with_every_run() {
        let benchmark = example(0.0);
        let raw: Value = serde_json::from_str(&raw(&benchmark).unwrap()).unwrap();
        assert_eq!(raw["runs"].as_array().unwrap().len(), benchmark.measurements.runs.len());
        assert_eq!(raw["failures"][0]["what"], "ws_aux/compile");
        assert_eq!(raw["machine"]["processor"], "A processor");
    }
}
