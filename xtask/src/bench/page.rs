//! From rows to Markdown.

use serde_json::Value;

use super::benchmark::TrainBenchmark;
use super::measurement::Kind;
use super::plan::OURS;
use super::summary::{BenchRow, studied};

/// The page of a benchmark.
pub fn page(benchmark: &TrainBenchmark, rows: &[BenchRow]) -> String {
    let page = Page { benchmark, rows };
    let sections = [
        page.head(),
        page.comparison(),
        page.steps("CPU time of a step, ms", "step_cpu"),
        page.steps("Wall-clock time of a step, ms", "step_wall"),
        page.memory(),
        page.study(),
        page.trainings(),
        page.stretches(),
    ];
    sections.join("\n")
}

struct Page<'a> {
    benchmark: &'a TrainBenchmark,
    rows: &'a [BenchRow],
}

impl Page<'_> {
    fn row(&self, what: &str) -> Option<&BenchRow> {
        self.rows.iter().find(|row| row.what == what)
    }

    /// A row's value, `-` where there is none.
    fn value(&self, what: &str, decimals: usize) -> String {
        self.row(what).map_or("-".into(), |row| format!("{:.decimals$}", row.value))
    }

    fn head(&self) -> String {
        let TrainBenchmark { plan, machine, measurements, .. } = self.benchmark;
        let versions = |variant: &str| {
            let run = measurements.runs.iter().find(|run| run.kind == Kind::Step && run.variant == variant);
            run.map_or("not measured".into(), |run| version_list(&run.output["versions"]))
        };
        format!(
            "# Training beside PyTorch\n\nWritten by `{}` from `raw.json`, which holds every sample and command.\n\n\
             {machine}; {}; {}.\n\n{}\n{}",
            plan.command,
            versions(OURS),
            versions("eager"),
            self.load(),
            measurements.failures_in_words(),
        )
    }

    fn load(&self) -> String {
        let TrainBenchmark { before, measurements, .. } = self.benchmark;
        let most = |cores: fn(&super::load::Load) -> f64| {
            measurements.runs.iter().map(|run| cores(&run.load)).fold(cores(before), f64::max)
        };
        let (others, stolen) = (most(|load| load.other_cores), most(|load| load.stolen_cores));
        let loadavg = &before.loadavg_before;
        if self.benchmark.is_disturbed() {
            return format!(
                "**Measured beside other load**: other processes took up to {others:.2} cores and the hypervisor up to \
                 {stolen:.2} during a run (load average before: {loadavg}). These figures support no claim."
            );
        }
        format!(
            "Measured on an idle machine: during no run did other processes take more than {others:.2} cores or the \
             hypervisor more than {stolen:.2} (load average before: {loadavg})."
        )
    }

    fn comparison(&self) -> String {
        let peaks: Vec<String> = [("fma", "multiply-adds in registers"), ("sgemm", "PyTorch's best matrix product")]
            .map(|(way, name)| format!("{} GFLOP/s by {name}", self.value(&format!("peak/{way}"), 1)))
            .into();
        let mut text = format!(
            "## Ratios\n\nOne training on one core, batch 100, the fetch of each batch included; medians. The peer is \
             the fastest of PyTorch's variants for that network. The lower bound is the time that the step's dense \
             floating-point operations (forward, weight gradients, input gradients but the first layer's; without \
             positions that pooling drops) take at the core's measured peak: {}, the greater counts. Our kernels skip \
             gradients that are zero, so that a step may fall below it.\n\n\
             | network | peer | times faster, CPU time | 95 % | times faster, wall clock | MFLOP a step | our step over its \
             lower bound |\n|---|---|---|---|---|---|---|\n",
            peaks.join(", ")
        );
        for network in self.benchmark.plan.networks {
            let Some(row) = self.row(&format!("speedup/{network}")) else { continue };
            let [low, high] = row.interval;
            let flops = self.benchmark.measurements.of(Kind::Step, network, OURS).find_map(|run| run.number("flops"));
            text += &format!(
                "| {network} | {} | {:.2} | {low:.2} to {high:.2} | {} | {:.1} | {} |\n",
                row.peer,
                row.value,
                self.value(&format!("speedup_wall/{network}"), 2),
                flops.unwrap_or(f64::NAN) / 1e6,
                self.value(&format!("lower_bound/{network}"), 2),
            );
        }
        text
    }

    fn steps(&self, title: &str, what: &str) -> String {
        let n = self.rows.iter().filter(|row| row.what.starts_with(what)).map(|row| row.n).min().unwrap_or(0);
        let mut text = format!("## {title}\n\nMedians of at least {n} steps.\n\n| network |");
        text += &self.benchmark.plan.variants().map(|variant| format!(" {variant} |")).collect::<String>();
        text += &format!("\n|---|{}\n", self.benchmark.plan.variants().map(|_| "---|").collect::<String>());
        for network in self.benchmark.plan.networks {
            let cells = self
                .benchmark
                .plan
                .variants()
                .map(|variant| format!(" {} |", self.value(&format!("{what}/{network}/{variant}"), 3)));
            text += &format!("| {network} |{}\n", cells.collect::<String>());
        }
        text
    }

    fn memory(&self) -> String {
        let network = self.benchmark.plan.networks[0];
        let mut text = format!(
            "## Peak memory of one training, {network}\n\n| variant | peak, MB | of which loading the program, MB |\n\
             |---|---|---|\n"
        );
        for variant in self.benchmark.plan.variants() {
            let mut runs = self.benchmark.measurements.of(Kind::Step, network, variant);
            let import = runs.find_map(|run| run.number("import_rss_mb")).map_or("-".into(), |mb| format!("{mb:.0}"));
            let peak = self.value(&format!("peak_memory/{network}/{variant}"), 0);
            text += &format!("| {variant} | {peak} | {import} |\n");
        }
        let ratio = |what: &str| {
            let row = self.row(&format!("{what}/{network}"));
            row.map_or("-".into(), |row| format!("{:.2} ({})", row.value, row.peer))
        };
        text + &format!(
            "\nThe leanest of theirs over ours: {}; without what importing PyTorch takes, over the whole of ours: {}.\n",
            ratio("memory_ratio"),
            ratio("memory_ratio_without_import")
        )
    }

    fn trainings(&self) -> String {
        if self.benchmark.plan.trainings.is_empty() {
            return String::new();
        }
        let mut text = "## Whole trainings\n\nFrom the start of `trainer train` to its end on one core: images read and drawn, every \
                        step, checkpoints, and the network judged.\n\n| experiment | median, s | trainings |\n|---|---:|---:|\n"
            .to_owned();
        for (experiment, _) in self.benchmark.plan.trainings {
            let Some(row) = self.row(&format!("train_s/{experiment}")) else { continue };
            text += &format!("| {experiment} | {:.1} | {} |\n", row.value, row.n);
        }
        text
    }

    fn study(&self) -> String {
        let TrainBenchmark { plan, machine, measurements, .. } = self.benchmark;
        if plan.studies == 0 {
            return String::new();
        }
        let network = plan.networks[0];
        let mut text = format!(
            "## The headline study\n\n{} rounds of {network} on {} cores by the wall clock, the program's start \
             included.\n\n| variant | seconds of each study | accuracy of the learned head, % |\n|---|---|---|\n",
            plan.rounds,
            machine.cores.len()
        );
        for variant in studied(measurements) {
            let runs: Vec<_> = measurements.of(Kind::Study, "headline_study", variant).collect();
            let seconds: Vec<String> = runs.iter().map(|run| format!("{:.2}", run.seconds)).collect();
            let accuracy =
                runs.first().and_then(|run| accuracy(&run.output)).map_or("-".into(), |it| format!("{it:.2}"));
            text += &format!("| {variant} | {} | {accuracy} |\n", seconds.join(", "));
        }
        if let Some(row) = self.row("speedup/headline_study") {
            let [low, high] = row.interval;
            text += &format!("\nOurs is {:.2} times faster ({low:.2} to {high:.2}) than {}.\n", row.value, row.peer);
        }
        text
    }

    /// What of a step is the batch's, the network's and the optimiser's.
    fn stretches(&self) -> String {
        let stretches = ["batch", "forward", "backward", "rest"];
        let share = |network: &&str| {
            let shares = stretches.map(|stretch| self.value(&format!("{stretch}_share/{network}"), 1));
            format!("| {network} | {} |\n", shares.join(" | "))
        };
        let shares: String = self.benchmark.plan.networks.iter().map(share).collect();
        format!(
            "## Where our step's time goes\n\nPercent of a step's CPU time that each stretch takes alone; medians. The rest \
             is mostly the optimiser's. `cargo bench -p leq-kernels` measures each kernel.\n\n\
             | network | batch fetched, its images distorted where they are | forward | backward | rest |\n\
             |---|---|---|---|---|\n{shares}"
        )
    }
}

/// Names and versions in a row.
pub fn version_list(versions: &Value) -> String {
    let versions = versions.as_object().into_iter().flatten();
    let versions = versions.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or("unknown")));
    versions.collect::<Vec<_>>().join(", ")
}

/// Percent of test pairs that the learned head answers rightly.
fn accuracy(output: &Value) -> Option<f64> {
    Some(100.0 * output["learned_head"]["mean"].as_f64()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::summary::rows;
    use crate::bench::summary::tests::{example, with_trainings};

    fn text(other_cores: f64) -> String {
        let benchmark = example(other_cores);
        page(&benchmark, &rows(&benchmark))
    }

    #[test]
    fn the_tables_hold_what_was_measured_and_a_dash_for_what_was_not() {
        let text = text(0.0);
        for line in [
            "| ws_aux | tuned | 4.00 | 4.00 to 4.00 | 4.00 | 400.0 | 1.50 |",
            "| ws_aux | 3.000 | 21.000 | - | 12.000 | - | - |",
            "| eager | 400 | 100 |",
            "| leq | 2.00, 2.00 | 85.00 |",
            "| tuned | 7.00, 7.00 | 86.00 |",
            "| ws_aux | 5.0 | 40.0 | 50.0 | 5.0 |",
            "| mlp | - | - | - | - |",
            "**ws_aux/compile failed** and is missing below: no compiler",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn whole_trainings_are_told_where_there_are_any() {
        let benchmark = with_trainings();
        let told = page(&benchmark, &rows(&benchmark));
        assert!(told.contains("| leq-1000 | 2.0 | 3 |\n| leq | 2.0 | 1 |"), "{told}");
        assert!(!text(0.0).contains("Whole trainings"));
    }

    #[test]
    fn versions_are_named_one_after_the_other() {
        let versions = serde_json::json!({ "python": "3.13.1", "torch": "2.15.0" });
        assert_eq!(version_list(&versions), "python 3.13.1, torch 2.15.0");
    }

    #[test]
    fn a_measurement_beside_other_load_says_so_and_claims_nothing() {
        assert!(text(0.0).contains("Measured on an idle machine"));
        let text = text(1.5);
        assert!(text.contains("**Measured beside other load**: other processes took up to 1.50 cores"), "{text}");
        assert!(text.contains("support no claim"));
    }
}
