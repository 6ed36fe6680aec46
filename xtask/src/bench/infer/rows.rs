//! From runs to flat rows.

use super::answers::Agreement;
use super::{BATCHES, COLD, DEFAULT_NETWORK, InferBenchmark, LARGER, NETWORKS, Network, PYTHON, WITHOUT_READERS};
use crate::bench::measurement::{Kind, MeasuredRun};
use crate::bench::plan::OURS;
use crate::bench::summary::BenchRow;
use metrics::{Median, standard_deviation};

/// Pairs at once, as `infer batch` asks a model.
const USUAL_BATCH: usize = 64;

/// All rows; what could not be measured has none.
pub fn rows(benchmark: &InferBenchmark) -> Vec<BenchRow> {
    let rows = Rows { benchmark };
    let mut all = Vec::new();
    all.extend(rows.times_faster("cold_start_speedup/python".to_owned(), Kind::Start, "compare"));
    for variant in [OURS, PYTHON] {
        let starts: Vec<f64> = rows.of(Kind::Start, "compare", variant).map(|run| 1e3 * run.seconds).collect();
        all.extend(rows.row(format!("cold_start_ms/{variant}"), "ms", variant, &starts));
    }
    NETWORKS.iter().enumerate().for_each(|(at, &network)| all.extend(rows.of_network(network, at)));
    all.extend(rows.inference_speedup("inference_speedup/leq".to_owned(), USUAL_BATCH));
    BATCHES.iter().for_each(|&batch| {
        all.extend(rows.inference_speedup(format!("inference_speedup/leq/{batch}"), batch));
    });
    all
}

struct Rows<'a> {
    benchmark: &'a InferBenchmark,
}

impl Rows<'_> {
    fn of<'b>(&'b self, kind: Kind, network: &'b str, variant: &'b str) -> impl Iterator<Item = &'b MeasuredRun> {
        self.benchmark.measurements.of(kind, network, variant)
    }

    fn of_network(&self, network: Network, at: usize) -> Vec<BenchRow> {
        let (plan, suffix) = (self.benchmark.plan, network.suffix);
        let mut all = Vec::new();
        if let Some(&largest) = plan.sizes.last() {
            let runs = network.over(largest);
            all.extend(named("batch_speedup/python", network, |what| self.times_faster(what, Kind::Batch, &runs)));
            let speed = self.speed(Kind::Batch, &runs, largest, OURS);
            all.extend(self.row(format!("pairs_per_s/{}", network.name), "pairs/s", OURS, &speed));
            all.extend(self.memory(format!("batch_memory_mb{suffix}"), &runs, OURS));
        }
        all.extend(self.cold(network));
        for batch in BATCHES {
            all.extend(self.inference_ratio(format!("inference_ratio/{batch}{suffix}"), &network.over(batch)));
        }
        for variant in [OURS, PYTHON] {
            for &size in plan.sizes {
                let runs = network.over(size);
                let speed = self.speed(Kind::Batch, &runs, size, variant);
                let what = format!("batch_pairs_per_second/{runs}/{variant}");
                all.extend(self.row(what, "pairs/s", variant, &speed));
                all.extend(self.memory(format!("batch_memory_mb/{runs}/{variant}"), &runs, variant));
            }
            for batch in BATCHES {
                let runs = network.over(batch);
                let samples = self.inference(&runs, variant).concat();
                all.extend(self.row(format!("inference_ms/{runs}/{variant}"), "ms", variant, &samples));
            }
        }
        if let Some(&Agreement { pairs, differ, only_ours }) = self.benchmark.agreements.get(at) {
            for (what, count) in [("batch_answers_that_differ", differ), ("batch_answers_of_ours_alone", only_ours)] {
                let row = self.row(format!("{what}{suffix}"), "pairs", PYTHON, &[count as f64]);
                all.extend(row.map(|row| BenchRow { n: pairs, ..row }));
            }
        }
        all
    }

    /// Pairs a second of every run.
    fn speed(&self, kind: Kind, runs: &str, size: usize, variant: &str) -> Vec<f64> {
        self.of(kind, runs, variant).map(|run| size as f64 / run.seconds).collect()
    }

    /// Pictures that are not in the system's cache.
    fn cold(&self, network: Network) -> Vec<BenchRow> {
        let runs = network.over(COLD);
        let speed = |variant: &str| self.speed(Kind::Cold, &runs, COLD, variant);
        let ours = |what| self.row(what, "pairs/s", OURS, &speed(OURS));
        let mut all = named("batch_cold_pairs_per_s", network, ours);
        all.extend(named("batch_cold_speedup/python", network, |what| self.times_faster(what, Kind::Cold, &runs)));
        for variant in [WITHOUT_READERS, PYTHON] {
            let what = format!("batch_cold_pairs_per_s/{}/{variant}", network.name);
            all.extend(self.row(what, "pairs/s", variant, &speed(variant)));
        }
        for variant in [OURS, WITHOUT_READERS, PYTHON] {
            let read = self.of(Kind::Cold, &runs, variant).filter_map(|run| run.number("mb_from_disk"));
            let what = format!("batch_cold_mb_from_disk/{}/{variant}", network.name);
            all.extend(self.row(what, "MB", variant, &read.collect::<Vec<_>>()));
        }
        all
    }

    fn row(&self, what: String, unit: &'static str, peer: &str, samples: &[f64]) -> Option<BenchRow> {
        self.median_row(what, unit, peer, Median::of(samples)?)
    }

    fn median_row(&self, what: String, unit: &'static str, peer: &str, median: Median) -> Option<BenchRow> {
        Some(BenchRow::new(what, unit, peer, median, self.benchmark.plan.command, self.benchmark.is_disturbed()))
    }

    /// Theirs over ours.
    fn times_faster(&self, what: String, kind: Kind, runs: &str) -> Option<BenchRow> {
        let seconds = |variant: &str| -> Vec<f64> { self.of(kind, runs, variant).map(|run| run.seconds).collect() };
        let (theirs, ours) = (seconds(PYTHON), seconds(OURS));
        let ratios: Vec<f64> = theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
        let ratio = Median::of(&theirs)?.over(&Median::of(&ours)?, standard_deviation(&ratios));
        self.median_row(what, "times faster", PYTHON, ratio)
    }

    /// Samples of inference alone, by repetition.
    fn inference(&self, runs: &str, variant: &str) -> Vec<Vec<f64>> {
        let samples = |run: &MeasuredRun| match variant {
            OURS => run.output["cases"][0]["samples_ms"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| it.as_f64())
                .collect(),
            _ => run.samples("samples_ms"),
        };
        self.of(Kind::Inference, runs, variant).map(samples).collect()
    }

    /// Ours over theirs.
    fn inference_ratio(&self, what: String, runs: &str) -> Option<BenchRow> {
        let (ours, theirs) = (self.inference(runs, OURS), self.inference(runs, PYTHON));
        let median = |samples: &Vec<f64>| Median::of(samples).map(|median| median.value);
        let ratios: Vec<f64> =
            ours.iter().zip(&theirs).filter_map(|(ours, theirs)| Some(median(ours)? / median(theirs)?)).collect();
        let ratio = Median::of(&ours.concat())?.over(&Median::of(&theirs.concat())?, standard_deviation(&ratios));
        self.median_row(what, "times their time", PYTHON, ratio)
    }

    /// The larger tower's time in ONNX Runtime over the built-in network's, both run by us.
    fn inference_speedup(&self, what: String, batch: usize) -> Option<BenchRow> {
        let [larger, leq] = [LARGER.name, DEFAULT_NETWORK].map(|name| self.inference(&format!("{name}/{batch}"), OURS));
        let median = |samples: &Vec<f64>| Median::of(samples).map(|median| median.value);
        let ratios: Vec<f64> =
            larger.iter().zip(&leq).filter_map(|(larger, leq)| Some(median(larger)? / median(leq)?)).collect();
        let ratio = Median::of(&larger.concat())?.over(&Median::of(&leq.concat())?, standard_deviation(&ratios));
        self.median_row(what, "times faster", LARGER.name, ratio)
    }

    fn memory(&self, what: String, runs: &str, variant: &str) -> Option<BenchRow> {
        let field = if variant == OURS { "peak_memory_mb" } else { "peak_rss_mb" };
        let peaks: Vec<f64> = self.of(Kind::Batch, runs, variant).filter_map(|run| run.number(field)).collect();
        self.row(what, "MB", variant, &peaks)
    }
}

/// A row that is called after its network; that of the default network is there without that name too.
fn named(what: &str, network: Network, row: impl Fn(String) -> Option<BenchRow>) -> Vec<BenchRow> {
    let short = (network.name == DEFAULT_NETWORK).then(|| what.to_owned());
    let long = format!("{what}/{}", network.name);
    short.into_iter().chain([long]).filter_map(row).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::bench::infer::{InferPlan, SIZES};
    use crate::bench::load::Load;
    use crate::bench::machine::Machine;
    use crate::bench::measurement::Measurements;

    /// Ours takes 2 s for a batch, theirs 20; 0.1 s and 0.9 s for a start; 1.02 and 1 ms for inference.
    pub fn example(other_cores: f64) -> InferBenchmark {
        let load = Load { loadavg_before: "0.00".into(), other_cores, stolen_cores: 0.0, seconds: 1.0 };
        let run = |kind, network: &str, variant: &str, seconds: f64, output: Value| MeasuredRun {
            kind,
            network: network.into(),
            variant: variant.into(),
            repetition: 0,
            command: "x".into(),
            seconds,
            load: load.clone(),
            output,
        };
        let mut runs = vec![
            run(Kind::Start, "compare", OURS, 0.1, Value::Null),
            run(Kind::Start, "compare", PYTHON, 0.9, Value::Null),
        ];
        for name in NETWORKS.iter().flat_map(|network| BATCHES.map(|batch| network.over(batch))) {
            runs.push(run(Kind::Inference, &name, OURS, 1.0, json!({ "cases": [{ "samples_ms": [1.02, 1.02] }] })));
            runs.push(run(Kind::Inference, &name, PYTHON, 1.0, json!({ "samples_ms": [1.0, 1.0] })));
        }
        for batch in BATCHES {
            let samples = json!({ "cases": [{ "samples_ms": [6.12, 6.12] }] });
            runs.push(run(Kind::Inference, &LARGER.over(batch), OURS, 1.0, samples));
        }
        for name in NETWORKS.iter().flat_map(|network| SIZES.map(|size| network.over(size))) {
            runs.push(run(Kind::Batch, &name, OURS, 2.0, json!({ "peak_memory_mb": 120.5 })));
            runs.push(run(Kind::Batch, &name, PYTHON, 20.0, json!({ "peak_rss_mb": 400.0 })));
        }
        for network in NETWORKS {
            for (variant, seconds) in [(OURS, 4.0), (WITHOUT_READERS, 8.0), (PYTHON, 12.0)] {
                let read = json!({ "mb_from_disk": 80.0 });
                runs.push(run(Kind::Cold, &network.over(COLD), variant, seconds, read));
            }
        }
        let machine = Machine {
            processor: "P".into(),
            cores: vec![0, 1],
            memory_gb: 8.0,
            kernel: "6".into(),
            rustc: "rustc 1".into(),
            revision: "r".into(),
        };
        InferBenchmark {
            plan: &InferPlan::FULL,
            machine,
            before: load.clone(),
            measurements: Measurements { runs, failures: Vec::new() },
            agreements: [0, 90].map(|only_ours| Agreement { pairs: 100_000, differ: 0, only_ours }).to_vec(),
        }
    }

    #[test]
    fn every_figure_that_was_promised_has_its_row() {
        let rows = rows(&example(0.0));
        let value = |what: &str| rows.iter().find(|row| row.what == what).map(|row| row.value);
        for network in ["", "/leq", "/report-a-headline"] {
            assert_eq!(value(&format!("batch_speedup/python{network}")), Some(10.0));
            assert_eq!(value(&format!("batch_cold_pairs_per_s{network}")), Some(2_500.0));
            assert_eq!(value(&format!("batch_cold_speedup/python{network}")), Some(3.0));
        }
        assert_eq!(value("pairs_per_s/leq"), Some(50_000.0));
        assert_eq!(value("batch_cold_pairs_per_s/leq/leq-without-readers"), Some(1_250.0));
        assert_eq!(value("batch_cold_mb_from_disk/leq/python"), Some(80.0));
        for suffix in ["", "/leq"] {
            assert_eq!(value(&format!("batch_memory_mb{suffix}")), Some(120.5));
            assert_eq!(value(&format!("batch_answers_that_differ{suffix}")), Some(0.0));
            let alone = if suffix.is_empty() { 0.0 } else { 90.0 };
            assert_eq!(value(&format!("batch_answers_of_ours_alone{suffix}")), Some(alone));
            for batch in BATCHES {
                assert_eq!(value(&format!("inference_ratio/{batch}{suffix}")), Some(1.02));
            }
        }
        for what in ["inference_speedup/leq", "inference_speedup/leq/1", "inference_speedup/leq/1000"] {
            assert!((value(what).unwrap() - 6.0).abs() < 1e-9, "{what}");
        }
        assert_eq!(value("batch_memory_mb/leq/10000/python"), Some(400.0));
        assert_eq!(value("batch_pairs_per_second/report-a-headline/100000/leq"), Some(50_000.0));
        assert!((value("cold_start_speedup/python").unwrap() - 9.0).abs() < 1e-9);
        assert!(rows.iter().all(|row| row.load == "idle"));
    }
}
