//! From rows to Markdown.

use super::answers::Agreement;
use super::{BATCHES, COLD, InferBenchmark, LARGER, NETWORKS, PYTHON, WITHOUT_READERS};
use crate::bench::plan::OURS;
use crate::bench::summary::BenchRow;

/// The page of a benchmark.
pub fn page(benchmark: &InferBenchmark, rows: &[BenchRow]) -> String {
    let page = Page { benchmark, rows };
    [page.head(), page.batch(), page.cold(), page.start(), page.inference()].join("\n")
}

struct Page<'a> {
    benchmark: &'a InferBenchmark,
    rows: &'a [BenchRow],
}

impl Page<'_> {
    /// A row's value, `-` where there is none.
    fn value(&self, what: &str, decimals: usize) -> String {
        let row = self.rows.iter().find(|row| row.what == what);
        row.map_or("-".into(), |row| format!("{:.decimals$}", row.value))
    }

    /// A row's value with its interval.
    fn with_interval(&self, what: &str) -> String {
        let row = self.rows.iter().find(|row| row.what == what);
        row.map_or("-".into(), |row| {
            let [low, high] = row.interval;
            format!("{:.2} (95 %: {low:.2} to {high:.2})", row.value)
        })
    }

    fn head(&self) -> String {
        let InferBenchmark { plan, machine, measurements, .. } = self.benchmark;
        let load = match self.benchmark.is_disturbed() {
            true => "**Measured beside other load**: these figures support no claim.",
            false => "Measured on an idle machine.",
        };
        format!(
            "# Inference beside Python\n\nWritten by `{}` from `raw.json`, which holds every sample and command.\n\n\
             {machine}.\n\n{load}\n{}",
            plan.command,
            measurements.failures_in_words(),
        )
    }

    fn batch(&self) -> String {
        let mut text = "## Many pairs\n\nPNG files of MNIST's digits, read from the system's cache, prepared, answered \
             and written as CSV, on all cores. Python's side is Pillow, NumPy with the same preparation, onnxruntime, 64 \
             pairs at once, and one process a core (`bench/batch_peer.py`); by the wall clock, start included. A picture that leq calls no digit has no \
             answer, and neither has it in Python. Ours runs leq in its own engine, as the default is, and the other network in the \
             ONNX Runtime that Python has. Times faster are of the longest list.\n\n\
             | network | pairs | leq, pairs/s | Python, pairs/s | times faster | leq, peak MB | Python, peak MB |\n\
             |---|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
        for network in NETWORKS {
            for &size in self.benchmark.plan.sizes {
                let runs = network.over(size);
                let speed = |variant: &str| self.value(&format!("batch_pairs_per_second/{runs}/{variant}"), 0);
                let memory = |variant: &str| self.value(&format!("batch_memory_mb/{runs}/{variant}"), 1);
                let faster = match self.benchmark.plan.sizes.last() == Some(&size) {
                    true => self.with_interval(&format!("batch_speedup/python/{}", network.name)),
                    false => String::new(),
                };
                let cells = [speed(OURS), speed(PYTHON), faster, memory(OURS), memory(PYTHON)];
                text += &format!("| {} | {size} | {} |\n", network.name, cells.join(" | "));
            }
        }
        for (network, Agreement { pairs, differ, only_ours }) in NETWORKS.iter().zip(&self.benchmark.agreements) {
            text += &format!("\n{}: of {pairs} pairs, both sides answer {differ} differently", network.name);
            text += &match only_ours {
                0 => ".\n".to_owned(),
                _ => format!("; {only_ours} more only ours answers, which looks again at what the network refuses.\n"),
            };
        }
        text
    }

    fn cold(&self) -> String {
        let mut text = format!(
            "## Pictures that are not in the cache\n\n{COLD} pairs; before every run the pages of the list and of all pictures \
             are taken out of the system's cache (`posix_fadvise`), their names stay in it. `infer batch` reads pictures ahead \
             with 32 threads; without them (`--readers 0`) its workers wait for the disk, as Python's processes do.\n\n\
             | network | leq, pairs/s | without readers | Python | times faster than Python | MB from the disk: leq, without, Python |\n\
             |---|---:|---:|---:|---:|---:|\n"
        );
        for network in NETWORKS.map(|network| network.name) {
            let of = |what: &str, variant: &str, decimals| self.value(&format!("{what}/{network}/{variant}"), decimals);
            let ours = self.value(&format!("batch_cold_pairs_per_s/{network}"), 0);
            let [without, theirs] = [WITHOUT_READERS, PYTHON].map(|variant| of("batch_cold_pairs_per_s", variant, 0));
            let faster = self.with_interval(&format!("batch_cold_speedup/python/{network}"));
            let read = [OURS, WITHOUT_READERS, PYTHON].map(|variant| of("batch_cold_mb_from_disk", variant, 1));
            text += &format!("| {network} | {ours} | {without} | {theirs} | {faster} | {} |\n", read.join(", "));
        }
        text
    }

    fn start(&self) -> String {
        format!(
            "## Cold start\n\nTwo PNG files compared by a new process with the shipped network, ours in leq's own \
             engine: {} ms, Python's script {} ms; {} times faster.\n",
            self.value("cold_start_ms/leq", 1),
            self.value("cold_start_ms/python", 1),
            self.with_interval("cold_start_speedup/python")
        )
    }

    fn inference(&self) -> String {
        let mut text = "## Inference alone\n\nOne thread, the same model and pairs, medians; leq in its own engine, \
                        the other network in ONNX Runtime on both sides.\n\n\
                        | network | pairs at once | leq, ms | Python, ms | ours over theirs |\n|---|---:|---:|---:|---:|\n"
            .to_owned();
        for network in NETWORKS {
            for batch in BATCHES {
                let ms = |variant: &str| self.value(&format!("inference_ms/{}/{variant}", network.over(batch)), 4);
                let ratio = self.with_interval(&format!("inference_ratio/{batch}{}", network.suffix));
                text += &format!("| {} | {batch} | {} | {} | {ratio} |\n", network.name, ms(OURS), ms(PYTHON));
            }
        }
        let speedups = BATCHES.map(|batch| self.with_interval(&format!("inference_speedup/leq/{batch}")));
        text += &format!(
            "\nleq is {} times faster than a tower of 11.7 million multiply-adds (`{}`) in ONNX Runtime, with {} pairs at once.\n",
            speedups.join(", "),
            LARGER.name,
            BATCHES.map(|batch| batch.to_string()).join(", "),
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{rows, tests::example};
    use super::*;

    fn text(other_cores: f64) -> String {
        let benchmark = example(other_cores);
        page(&benchmark, &rows(&benchmark))
    }

    #[test]
    fn the_tables_hold_what_was_measured() {
        let text = text(0.0);
        for line in [
            "| report-a-headline | 10000 | 5000 | 500 |  | 120.5 | 400.0 |",
            "| leq | 100000 | 50000 | 5000 | 10.00 (95 %: 10.00 to 10.00) | 120.5 | 400.0 |",
            "leq: of 100000 pairs, both sides answer 0 differently; 90 more only ours answers,",
            "report-a-headline: of 100000 pairs, both sides answer 0 differently.",
            "| leq | 2500 | 1250 | 833 | 3.00 (95 %: 3.00 to 3.00) | 80.0, 80.0, 80.0 |",
            "100.0 ms, Python's script 900.0 ms; 9.00",
            "| leq | 64 | 1.0200 | 1.0000 | 1.02 (95 %: 1.02 to 1.02) |",
            "Measured on an idle machine.",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_measurement_beside_other_load_says_so() {
        assert!(text(1.5).contains("**Measured beside other load**"));
    }
}
