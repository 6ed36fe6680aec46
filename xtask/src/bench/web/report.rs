//! From rows to Markdown.

use setup::ONNXRUNTIME_WEB;

use super::{BEFORE, OURS, PEER, WebBenchmark};
use crate::bench::summary::BenchRow;

/// The page of the benchmark.
pub fn page(benchmark: &WebBenchmark, rows: &[BenchRow]) -> String {
    let WebBenchmark { plan, machine, browser, model, .. } = benchmark;
    let mut text = format!(
        "# The page beside onnxruntime-web\n\nWritten by `{}`.\n\n{}, {} cores, Linux {}; {browser}; {PEER} {}; model \
         {model}; revision {}.\n\n{}\n\nBoth pages lie on the same server on loopback. Ours is the whole page that people open, \
         by a link that holds two digits; theirs is a minimal one that evaluates the model (WebAssembly backend, one \
         thread, SIMD; `bench/web`). Every visit is a new browser with nothing kept, opened a \
         second before: {} of each, in turn. A comparison is \
         from two prepared digits to the probability, {} of each visit after 100 to warm up. All answers agree within \
         0.0001.\n\n",
        plan.command,
        machine.processor,
        machine.cores.len(),
        machine.kernel,
        ONNXRUNTIME_WEB.version(),
        machine.revision,
        load(benchmark),
        plan.visits,
        benchmark.ours.answers.len(),
    );
    text += "| | leq | onnxruntime-web | leq over theirs | target |\n|---|---:|---:|---:|---:|\n";
    for (what, title, target) in [
        ("gzip_bytes", "bytes of a first visit, gzip, model included", "0.25"),
        ("first_answer_ms", "navigation to first answer, ms", "0.5"),
        ("median_ms", "one comparison, median, ms", "1"),
        ("p95_ms", "one comparison, 95th percentile, ms", ""),
    ] {
        let value = |side: &str| value_of(rows, &format!("{what}/{side}"));
        let (ours, theirs) = (value(OURS), value(PEER));
        let decimals = if what == "gzip_bytes" { 0 } else { 2 };
        text += &format!("| {title} | {ours:.decimals$} | {theirs:.decimals$} | {:.2} | {target} |\n", ours / theirs);
    }
    text += &format!(
        "\nThe browser itself takes a part of that: an empty page on the same server has its first frame {:.0} ms after \
         navigation, in as many visits.\n",
        value_of(rows, FIRST_FRAME)
    );
    text + &earlier(benchmark, rows) + &drawing(benchmark, rows) + "\n## Bytes by file\n\n" + &files(benchmark)
}

/// The row of an empty page's first frame.
const FIRST_FRAME: &str = "first_frame_ms/empty";

fn value_of(rows: &[BenchRow], what: &str) -> f64 {
    rows.iter().find(|row| row.what == what).map_or(f64::NAN, |row| row.value)
}

/// The earlier build in the same visits; nothing where none was measured.
fn earlier(benchmark: &WebBenchmark, rows: &[BenchRow]) -> String {
    if benchmark.before.is_none() {
        return String::new();
    }
    let of = |what: &str, side: &str| value_of(rows, &format!("{what}/{side}"));
    let mut text =
        "\n## Beside an earlier build\n\n| | now | before | now over before |\n|---|---:|---:|---:|\n".to_owned();
    for (what, title) in [
        ("first_answer_ms", "navigation to first answer, ms"),
        ("median_ms", "one comparison, median, ms"),
        ("p95_ms", "one comparison, 95th percentile, ms"),
    ] {
        let (now, before) = (of(what, OURS), of(what, BEFORE));
        text += &format!("| {title} | {now:.2} | {before:.2} | {:.2} |\n", now / before);
    }
    let beyond = |side: &str| of("first_answer_ms", side) - value_of(rows, FIRST_FRAME);
    let (now, before) = (beyond(OURS), beyond(BEFORE));
    text + &format!(
        "| of that, beyond an empty page's first frame, ms | {now:.2} | {before:.2} | {:.2} |\n",
        now / before
    )
}

/// What a frame takes while somebody draws.
fn drawing(benchmark: &WebBenchmark, rows: &[BenchRow]) -> String {
    format!(
        "\n## While somebody draws\n\nWith the network at work on the screen, a 3 and a 7 are drawn, a point a frame. The \
         main thread's time of a frame (event, scripts, layout, painting), over {} frames: median {:.2} ms, 95th \
         percentile {:.2} ms. Target: 16 ms.\n",
        benchmark.ours.frames.len(),
        value_of(rows, "frame_ms/leq"),
        value_of(rows, "frame_p95_ms/leq"),
    )
}

fn load(benchmark: &WebBenchmark) -> String {
    let most = benchmark.loads.iter().map(|load| load.other_cores).fold(0.0, f64::max);
    if benchmark.is_disturbed() {
        return format!(
            "**Measured beside other load**: other processes took up to {most:.2} cores. The times support no claim."
        );
    }
    format!("Measured on an idle machine: before and after, other processes took no more than {most:.2} cores.")
}

fn files(benchmark: &WebBenchmark) -> String {
    let mut text = "| page | file | bytes, gzip |\n|---|---|---:|\n".to_owned();
    for (side, measured) in benchmark.sides().into_iter().filter(|(_, measured)| !measured.files.is_empty()) {
        for (file, bytes) in &measured.files {
            text += &format!("| {side} | {file} | {bytes} |\n");
        }
        let all: usize = measured.files.iter().map(|(_, bytes)| bytes).sum();
        text += &format!("| {side} | together | {all} |\n");
    }
    text
}
