//! From rows to Markdown.

use super::{ASKED, OPENCV, PICTURES, PrepareBenchmark, REDUCED};
use crate::bench::page::version_list;
use crate::bench::plan::OURS;
use crate::bench::summary::BenchRow;

const TIMES_HEAD: &str = "\
| picture | side | median, ms | quartiles, ms | samples | preparations a sample | mean difference from leq's image, of 255 |
|---|---|---:|---:|---:|---:|---:|
";

/// The page of a benchmark.
pub fn page(benchmark: &PrepareBenchmark, rows: &[BenchRow]) -> String {
    let page = Page { benchmark, rows };
    [page.head(), page.ratios(), page.times()].join("\n")
}

struct Page<'a> {
    benchmark: &'a PrepareBenchmark,
    rows: &'a [BenchRow],
}

impl Page<'_> {
    fn row(&self, what: &str) -> Option<&BenchRow> {
        self.rows.iter().find(|row| row.what == what)
    }

    /// A row's value, `-` where there is none.
    fn value(&self, what: &str) -> String {
        self.row(what).map_or("-".into(), |row| format!("{:.4}", row.value))
    }

    fn head(&self) -> String {
        let PrepareBenchmark { plan, machine, measurements, .. } = self.benchmark;
        let load = match self.benchmark.is_disturbed() {
            true => "**Measured beside other load**: these figures support no claim.",
            false => "Measured on an idle machine.",
        };
        let peer = measurements.runs.iter().find(|run| run.variant == OPENCV);
        let versions = peer.map_or(String::new(), |run| version_list(&run.output["versions"]));
        format!(
            "# Preparation beside OpenCV\n\nWritten by `{}` from `raw.json`, which holds every sample and command.\n\n\
             {machine}; {versions}.\n\n{load}\n{}\n\
             From the bytes of an image file in memory to the 14x14 image, decoding included, each side in a warm process of \
             its own on one thread of one core, in turn. Python's side (`bench/preparation_peer.py`) takes the same steps with \
             OpenCV's functions: decode, grey, shrink, background, threshold, largest component, box of 20 in 28, centre of \
             mass, 2x2 mean. leq also looks at each colour and at what makes a picture doubtful. `{REDUCED}` is the same with a \
             photo decoded at a quarter of its size.\n",
            plan.command,
            measurements.failures_in_words(),
        )
    }

    /// Theirs over ours; the fastest of theirs counts.
    fn ratios(&self) -> String {
        let mut text = format!(
            "| picture | fastest of theirs | times faster (95 %) | asked: at least {ASKED} |\n|---|---|---:|---|\n"
        );
        for picture in PICTURES {
            let Some(row) = self.row(&format!("prepare_speedup/{}", picture.name)) else { continue };
            let [low, high] = row.interval;
            let held = if row.value >= ASKED { "held" } else { "not held ✗" };
            text +=
                &format!("| {} | {} | {:.2} ({low:.2} to {high:.2}) | {held} |\n", picture.what, row.peer, row.value);
        }
        text
    }

    fn times(&self) -> String {
        let mut text = TIMES_HEAD.to_owned();
        for picture in PICTURES {
            for variant in std::iter::once(OURS).chain(picture.peers.iter().copied()) {
                let of = |what: &str| format!("{what}/{}/{variant}", picture.name);
                let quartiles = ["first", "third"].map(|name| self.value(&of(&format!("prepare_ms_{name}_quartile"))));
                let samples = self.row(&of("prepare_ms")).map_or(0, |row| row.n);
                let difference =
                    self.row(&of("mean_difference")).map_or(String::new(), |row| format!("{:.2}", row.value));
                text += &format!(
                    "| {} | {variant} | {} | {} | {samples} | {} | {difference} |\n",
                    picture.name,
                    self.value(&of("prepare_ms")),
                    quartiles.join(" to "),
                    picture.repeats,
                );
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{rows, tests::example};
    use super::*;

    fn text(benchmark: &PrepareBenchmark) -> String {
        page(benchmark, &rows(benchmark))
    }

    #[test]
    fn the_tables_hold_what_was_measured() {
        let text = text(&example(0.0));
        for line in [
            "| a clean PNG file of 28x28 in MNIST's form | opencv | 10.00 (3.33 to 30.00) | held |",
            "| a JPEG photo of 4000x3000, a digit on plain paper | opencv-reduced | 4.00 (4.00 to 4.00) | held |",
            "| clean | leq | 2.0000 | 1.5000 to 2.5000 | 3 | 100 |  |",
            "| photo | opencv | 10.0000 | 10.0000 to 10.0000 | 3 | 1 | 2.00 |",
            "opencv 5.",
            "Measured on an idle machine.",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn too_small_a_ratio_and_other_load_are_said() {
        let mut benchmark = example(1.0);
        for run in benchmark.measurements.runs.iter_mut().filter(|run| run.variant == OURS) {
            run.output["samples_ms"] = serde_json::json!([9.0]);
        }
        let text = text(&benchmark);
        assert!(text.contains("| opencv-reduced | 0.89 (0.89 to 0.89) | not held ✗ |"), "{text}");
        assert!(text.contains("**Measured beside other load**"));
    }
}
