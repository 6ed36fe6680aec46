//! From rows to Markdown.

use super::{BATCHES, Benchmark, PYTHON};
use crate::bench::plan::OURS;
use crate::bench::summary::Row;

/// The page of a benchmark.
pub fn page(benchmark: &Benchmark, rows: &[Row]) -> String {
    let page = Page { benchmark, rows };
    [page.head(), page.batch(), page.start(), page.inference()].join("\n")
}

struct Page<'a> {
    benchmark: &'a Benchmark,
    rows: &'a [Row],
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
        let Benchmark { plan, machine, measurements, .. } = self.benchmark;
        let load = match self.benchmark.is_disturbed() {
            true => "**Measured beside other load**: these figures support no claim.",
            false => "Measured on an idle machine.",
        };
        let mut text = format!(
            "# Inference beside Python\n\nWritten by `{}` from `raw.json`, which holds every sample and command.\n\n\
             {}, {} cores, {:.1} GB of memory, Linux {}; {}; revision {}; the same ONNX Runtime on both sides.\n\n{load}\n",
            plan.command,
            machine.processor,
            machine.cores.len(),
            machine.memory_gb,
            machine.kernel,
            machine.rustc,
            machine.revision,
        );
        for failure in &measurements.failures {
            text += &format!("\n**{} failed** and is missing below: {}\n", failure.what, failure.reason);
        }
        text
    }

    fn batch(&self) -> String {
        let mut text = format!(
            "## Many pairs\n\nPNG files of MNIST's digits, read, prepared, answered 64 at once and written as CSV, on all \
             cores. Python's side is Pillow, NumPy with the same preparation, onnxruntime and one process a core \
             (`bench/batch_peer.py`); by the wall clock, start included.\n\n`infer batch` is {} times faster.\n\n\
             | pairs | leq, pairs/s | Python, pairs/s | leq, peak MB | Python, peak MB |\n|---:|---:|---:|---:|---:|\n",
            self.with_interval("batch_speedup/python")
        );
        for size in self.benchmark.plan.sizes {
            let speed = |variant: &str| self.value(&format!("batch_pairs_per_second/{size}/{variant}"), 0);
            let memory = |variant: &str| self.value(&format!("batch_memory_mb/{size}/{variant}"), 1);
            let cells = [speed(OURS), speed(PYTHON), memory(OURS), memory(PYTHON)];
            text += &format!("| {size} | {} |\n", cells.join(" | "));
        }
        if let Some([differ, pairs]) = self.benchmark.differences {
            text += &format!("\nOf {pairs} pairs, both sides answer {differ} differently.\n");
        }
        text
    }

    fn start(&self) -> String {
        format!(
            "## Cold start\n\nTwo PNG files compared by a new process: {} ms, Python's script {} ms; {} times faster.\n",
            self.value("cold_start_ms/leq", 1),
            self.value("cold_start_ms/python", 1),
            self.with_interval("cold_start_speedup/python")
        )
    }

    fn inference(&self) -> String {
        let mut text = "## Inference alone\n\nOne thread, the same model and pairs, medians.\n\n\
                        | pairs at once | leq, ms | Python, ms | ours over theirs |\n|---:|---:|---:|---:|\n"
            .to_owned();
        for batch in BATCHES {
            let ms = |variant: &str| self.value(&format!("inference_ms/{batch}/{variant}"), 4);
            let ratio = self.with_interval(&format!("inference_ratio/{batch}"));
            text += &format!("| {batch} | {} | {} | {ratio} |\n", ms(OURS), ms(PYTHON));
        }
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
            "`infer batch` is 10.00 (95 %: 10.00 to 10.00) times faster.",
            "| 100000 | 50000 | 5000 | 120.5 | 400.0 |",
            "Of 100000 pairs, both sides answer 0 differently.",
            "100.0 ms, Python's script 900.0 ms; 9.00",
            "| 64 | 1.0200 | 1.0000 | 1.02 (95 %: 1.02 to 1.02) |",
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
