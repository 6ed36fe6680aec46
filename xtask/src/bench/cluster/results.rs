//! From runs to flat rows and to a page.

use anyhow::Result;
use metrics::Median;
use serde_json::json;
use setup::Project;

use super::{ClusterBenchmark, ClusterRun, PARTITIONS, SHARDS, WORKERS};
use crate::bench::summary::{self, BenchRow};

/// Writes `summary.json`, `raw.json` and the page.
///
/// # Errors
/// When a file cannot be written.
pub fn write(project: &Project, benchmark: &ClusterBenchmark) -> Result<()> {
    let raw = json!({
        "command": benchmark.plan.command,
        "machine": benchmark.machine,
        "before": benchmark.before,
        "versions": benchmark.versions,
        "failures": benchmark.failures,
        "runs": benchmark.runs,
    });
    let raw = serde_json::to_string_pretty(&raw)? + "\n";
    summary::publish(project, benchmark.plan.folder, &rows(benchmark), &page(benchmark), Some(&raw))
}

fn rows(benchmark: &ClusterBenchmark) -> Vec<BenchRow> {
    let row = |what: String, unit: &'static str, value: f64| {
        let median = Median::of(&[value])?;
        Some(BenchRow::new(what, unit, "single", median, benchmark.plan.command, benchmark.before.disturbs()))
    };
    let mut all = Vec::new();
    for ClusterRun { way, seconds, differing_lines: [differing, lines], differing_counts, .. } in &benchmark.runs {
        let differ = row(format!("lines_that_differ/{way}"), "lines", *differing as f64);
        all.extend(differ.map(|row| BenchRow { n: *lines, ..row }));
        all.extend(differing_counts.and_then(|count| row(format!("counts_that_differ/{way}"), "counts", count as f64)));
        all.extend(row(format!("pairs_per_s/{way}"), "pairs/s", benchmark.plan.pairs as f64 / seconds));
    }
    all
}

fn page(benchmark: &ClusterBenchmark) -> String {
    let ClusterBenchmark { plan, machine, versions: [slurm, spark], .. } = benchmark;
    let (pairs, cores) = (plan.pairs, machine.cores.len());
    let failures: String = benchmark.failures.iter().map(|failure| format!("\n**Failed**: {failure}\n")).collect();
    let mut text = format!(
        "# One list on a cluster\n\nWritten by `{}`; `raw.json` holds every command.\n\n{machine}\n{failures}\n\
         {pairs} pairs of PNG files, answered by one process, by a job array of {SHARDS} tasks (`docs/clusters/batch-array.sh`, \
         {slurm}, one node of {cores} cores, outputs and summaries merged by `infer merge`), and by {PARTITIONS} partitions \
         of an RDD (`docs/clusters/spark_batch.py`, {spark}, a local cluster of {WORKERS} workers). All share the cores of one \
         machine: what counts is that the answers are the same, byte for byte. Seconds include the start of jobs, not that of \
         Slurm's daemons.\n\n\
         | way | lines that differ from one process | counts of the summary that differ | seconds | pairs/s |\n\
         |---|---:|---:|---:|---:|\n",
        plan.command
    );
    for ClusterRun { way, seconds, differing_lines: [differing, lines], differing_counts, .. } in &benchmark.runs {
        let counts = differing_counts.map_or("-".to_owned(), |count| count.to_string());
        let speed = pairs as f64 / seconds;
        text += &format!("| {way} | {differing} of {lines} | {counts} | {seconds:.1} | {speed:.0} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::cluster::ClusterPlan;
    use crate::bench::load::Load;
    use crate::bench::machine::Machine;

    fn example(differing: usize) -> ClusterBenchmark {
        let run = |way, seconds, differing, differing_counts| ClusterRun {
            way,
            command: "x".into(),
            seconds,
            differing_lines: [differing, 100_001],
            differing_counts,
        };
        ClusterBenchmark {
            plan: &ClusterPlan::FULL,
            machine: Machine {
                processor: "P".into(),
                cores: vec![0, 1],
                memory_gb: 8.0,
                kernel: "6".into(),
                rustc: "rustc 1".into(),
                revision: "r".into(),
            },
            before: Load { loadavg_before: "0.00".into(), other_cores: 0.0, stolen_cores: 0.0, seconds: 1.0 },
            runs: vec![
                run("single", 10.0, 0, Some(0)),
                run("slurm", 20.0, differing, Some(0)),
                run("spark", 25.0, 0, None),
            ],
            failures: Vec::new(),
            versions: ["slurm 22.05.8".into(), "Spark 4".into()],
        }
    }

    #[test]
    fn every_way_has_its_rows() {
        let rows = rows(&example(0));
        let found: Vec<(&str, f64)> = rows.iter().map(|row| (row.what.as_str(), row.value)).collect();
        let wanted = [
            ("lines_that_differ/single", 0.0),
            ("counts_that_differ/single", 0.0),
            ("pairs_per_s/single", 10_000.0),
            ("lines_that_differ/slurm", 0.0),
            ("counts_that_differ/slurm", 0.0),
            ("pairs_per_s/slurm", 5_000.0),
            ("lines_that_differ/spark", 0.0),
            ("pairs_per_s/spark", 4_000.0),
        ];
        assert_eq!(found, wanted);
        assert_eq!(rows[0].n, 100_001);
    }

    #[test]
    fn answers_that_differ_are_counted_and_no_success() {
        assert!(example(0).is_good() && !example(3).is_good());
        assert!(page(&example(3)).contains("| slurm | 3 of 100001 | 0 | 20.0 | 5000 |"));
        let failed = ClusterBenchmark { failures: vec!["spark: no Java".into()], ..example(0) };
        assert!(!failed.is_good() && page(&failed).contains("**Failed**: spark: no Java"));
    }
}
