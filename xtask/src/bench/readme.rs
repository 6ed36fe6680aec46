//! Whether the README's tables of speed still show what `results/` holds.

use serde_json::Value;
use setup::Project;

fn text(path: &str) -> String {
    std::fs::read_to_string(Project::here().root.join(path)).unwrap()
}

/// The rows of one benchmark.
struct PublishedRows(Vec<Value>);

impl PublishedRows {
    fn of(benchmark: &str) -> Self {
        Self(serde_json::from_str(&text(&format!("results/{benchmark}/summary.json"))).unwrap())
    }

    fn row(&self, what: &str) -> &Value {
        self.0.iter().find(|row| row["what"] == what).unwrap_or_else(|| panic!("no row {what}"))
    }

    fn value(&self, what: &str) -> f64 {
        self.row(what)["value"].as_f64().unwrap()
    }

    fn interval(&self, what: &str) -> [f64; 2] {
        [0, 1].map(|end| self.row(what)["interval"][end].as_f64().unwrap())
    }

    /// As `5.2 times faster (4.9 to 6.0)`.
    fn times_faster(&self, what: &str) -> String {
        let [low, high] = self.interval(what);
        format!("{:.1} times faster ({low:.1} to {high:.1})", self.value(what))
    }
}

/// As `26,132`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

fn shows(lines: &[String]) {
    let readme = text("README.md");
    for line in lines {
        assert!(readme.contains(line), "README.md does not show {line:?}");
    }
}

#[test]
fn the_readme_shows_what_training_was_measured_to_take() {
    let summary = PublishedRows::of("bench-train");
    let lines = ["ws_aux", "convnet", "mlp", "report_b"].map(|network| {
        let (what, [low, high]) = (format!("speedup/{network}"), summary.interval(&format!("speedup/{network}")));
        let peer = summary.row(&what)["peer"].as_str().unwrap();
        let [cpu, wall] = ["speedup", "speedup_wall"].map(|what| summary.value(&format!("{what}/{network}")));
        format!("| {network} | {peer} | {cpu:.2} | {low:.2} to {high:.2} | {wall:.2} |")
    });
    shows(&lines);
    shows(&[format!("{:.1} times less than PyTorch with one process a core", summary.value("speedup/headline_study"))]);
}

#[test]
fn the_readme_shows_what_inference_was_measured_to_take() {
    let summary = PublishedRows::of("bench-infer");
    let both = |what: &str| ["leq", "python"].map(|side| summary.value(&format!("{what}/{side}")));
    let [ours, theirs] = both("cold_start_ms");
    let mut lines =
        vec![format!("| {ours:.1} ms | {theirs:.1} ms | {} |", summary.times_faster("cold_start_speedup/python"))];
    for network in ["report-a-headline", "leq"] {
        let [ours, theirs] = both(&format!("batch_pairs_per_second/{network}/100000")).map(grouped);
        let faster = summary.times_faster(&format!("batch_speedup/python/{network}"));
        lines.push(format!("| {ours} pairs/s | {theirs} pairs/s | {faster} |"));
    }
    let [ours, theirs] = both("batch_memory_mb/leq/100000");
    lines.push(format!("| {ours:.0} MB | {theirs:.0} MB |"));
    let ratios =
        ["1", "64", "1000"].map(|batch| format!("{:.2}", summary.value(&format!("inference_ratio/{batch}/leq"))));
    lines.push(format!("| {} of its time |", ratios.join(", ")));
    shows(&lines);
}

#[test]
fn the_readme_shows_what_the_page_was_measured_to_take() {
    let summary = PublishedRows::of("bench-web");
    let both = |what: &str| ["leq", "onnxruntime-web"].map(|side| summary.value(&format!("{what}/{side}")));
    let [[our_bytes, their_bytes], [our_first, their_first]] = [both("gzip_bytes"), both("first_answer_ms")];
    let medians: Vec<String> = both("median_ms").into_iter().zip(both("p95_ms")).map(milliseconds).collect();
    shows(&[
        format!("| {} | {} |", grouped(our_bytes), grouped(their_bytes)),
        format!("| {our_first:.0} ms | {their_first:.0} ms |"),
        format!("| {} |", medians.join(" | ")),
    ]);
}

fn milliseconds((median, p95): (f64, f64)) -> String {
    format!("{median:.2}, {p95:.2} ms")
}
