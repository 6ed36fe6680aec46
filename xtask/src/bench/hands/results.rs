//! From counts to flat rows and to a page.

use anyhow::Result;
use metrics::Accuracy;
use serde::Serialize;
use setup::Project;

use super::HandsBenchmark;
use super::figures::{Figures, MOST_NO_DIGIT};
use crate::bench::summary;

/// A row of `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct HandsRow {
    /// What it tells, as `accuracy/pairs`.
    what: &'static str,
    /// Percent.
    value: f64,
    unit: &'static str,
    /// Cases.
    n: usize,
    /// Standard deviation of a single case, in points.
    #[serde(rename = "deviation")]
    standard_deviation: f64,
    /// Wilson's 95 % interval, in percent.
    interval: [f64; 2],
    /// Most that is asked for, in percent.
    allowed: Option<f64>,
    protocol: &'static str,
    /// What measures it again.
    command: String,
}

const PROTOCOL: &str =
    "scikit-learn's UCI digits as 96x96 pictures in disjoint pairs, through infer batch; development, no test figure";

/// What a figure is called in rows and on the page, and which it is.
type Named = (&'static str, &'static str, fn(&Figures) -> Accuracy);

const NAMED: [Named; 6] = [
    ("accuracy/pairs", "pairs right", |figures| figures.pairs),
    ("accuracy/digits", "digits right", |figures| figures.digits),
    ("no_digit/digits", "digits called no digit", |figures| figures.no_digit),
    ("unreadable/digits", "digits unreadable", |figures| figures.unreadable),
    ("sure/pairs", "answers at least 95 % sure", |figures| figures.sure),
    ("accuracy/sure", "of these right", |figures| figures.sure_and_right),
];

/// Writes `summary.json` and the page.
///
/// # Errors
/// When a file cannot be written.
pub fn write(project: &Project, benchmark: &HandsBenchmark) -> Result<()> {
    summary::publish(project, &benchmark.folder, &rows(benchmark), &page(benchmark), None)
}

/// All rows; what a model does not tell has none.
fn rows(benchmark: &HandsBenchmark) -> Vec<HandsRow> {
    let counted = NAMED.iter().map(|(what, _, of)| (*what, of(&benchmark.figures)));
    counted.filter(|(_, count)| count.all > 0).map(|(what, count)| row(what, count, &benchmark.command)).collect()
}

fn row(what: &'static str, count: Accuracy, command: &str) -> HandsRow {
    let value = 100.0 * count.value();
    HandsRow {
        what,
        value,
        unit: "%",
        n: count.all,
        standard_deviation: (value * (100.0 - value)).sqrt(),
        interval: count.interval().map(|end| 100.0 * end),
        allowed: (what == "no_digit/digits").then_some(MOST_NO_DIGIT),
        protocol: PROTOCOL,
        command: command.to_owned(),
    }
}

fn page(benchmark: &HandsBenchmark) -> String {
    let HandsBenchmark { command, machine, model, summary, figures, .. } = benchmark;
    let mut text = format!(
        "# Real hands\n\nWritten by `{command}`. **Networks may be chosen by these pictures: these are no test figures.**\n\n\
         {machine}; model {model}, SHA-256 {}, run by {}.\n\n\
         scikit-learn's UCI digits, 8x8 pixels by 13 writers (the test set of \"Optical Recognition of Handwritten Digits\", \
         E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0), enlarged to grey pictures of 96x96 pixels, \
         dark ink on white paper (`bench/uci_digits.py`), paired with a fixed seed, each in one pair at most, and answered by \
         `infer batch`. A pair that is refused or unreadable is not right; a digit that is called no digit is not right. An \
         answer is as sure as its comparison, times the probabilities that both pictures show digits.\n\n\
         | what | % | 95 % interval | count | n | allowed, % |\n|---|---:|---:|---:|---:|---:|\n",
        summary.model_sha256, summary.engine
    );
    for (what, title, of) in NAMED {
        text += &line(what, title, of(figures));
    }
    text
}

fn line(what: &str, title: &str, count: Accuracy) -> String {
    if count.all == 0 {
        return format!("| {title} | - | | | | |\n");
    }
    let [low, high] = count.interval().map(|end| 100.0 * end);
    let value = 100.0 * count.value();
    let is_allowed = what == "no_digit/digits";
    let mark = if is_allowed && value > MOST_NO_DIGIT { " ✗" } else { "" };
    let allowed = if is_allowed { MOST_NO_DIGIT.to_string() } else { String::new() };
    let Accuracy { right, all } = count;
    format!("| {title} | {value:.2}{mark} | {low:.2} to {high:.2} | {right} | {all} | {allowed} |\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::hands::BatchSummary;
    use crate::bench::machine::Machine;

    fn example(figures: Figures) -> HandsBenchmark {
        HandsBenchmark {
            command: "cargo xtask bench hands".to_owned(),
            folder: "results/hands".to_owned(),
            machine: Machine {
                processor: "P".into(),
                cores: vec![0, 1],
                memory_gb: 8.0,
                kernel: "6".into(),
                rustc: "rustc 1".into(),
                revision: "r".into(),
            },
            model: "leq (built in)".to_owned(),
            summary: BatchSummary { model_sha256: "9062".to_owned(), engine: "ONNX Runtime".to_owned() },
            figures,
        }
    }

    fn figures(called_no_digit: usize) -> Figures {
        Figures {
            pairs: Accuracy { right: 890, all: 898 },
            digits: Accuracy { right: 1780, all: 1796 },
            no_digit: Accuracy { right: called_no_digit, all: 1796 },
            unreadable: Accuracy { right: 0, all: 1796 },
            sure: Accuracy { right: 870, all: 898 },
            sure_and_right: Accuracy { right: 869, all: 870 },
        }
    }

    #[test]
    fn every_figure_has_its_row_with_wilsons_interval() {
        let rows = rows(&example(figures(9)));
        let names: Vec<&str> = rows.iter().map(|row| row.what).collect();
        assert_eq!(names, NAMED.map(|(what, _, _)| what));
        assert_eq!((rows[0].n, rows[5].n), (898, 870));
        let [low, high] = rows[0].interval;
        assert!((rows[0].value - 99.109).abs() < 1e-3 && (low - 98.251).abs() < 1e-3 && (high - 99.548).abs() < 1e-3);
        assert_eq!((rows[2].allowed, rows[3].allowed), (Some(MOST_NO_DIGIT), None));
    }

    #[test]
    fn what_a_model_does_not_tell_has_no_row_and_a_dash() {
        let benchmark = example(Figures { no_digit: Accuracy::default(), ..figures(0) });
        assert!(!rows(&benchmark).iter().any(|row| row.what == "no_digit/digits"));
        assert!(page(&benchmark).contains("| digits called no digit | - | | | | |"));
    }

    #[test]
    fn the_page_marks_more_refusals_than_allowed_and_says_what_it_is_for() {
        let good = page(&example(figures(9)));
        assert!(good.contains("| digits called no digit | 0.50 | 0.26 to 0.95 | 9 | 1796 | 1.5 |"), "{good}");
        assert!(good.contains("**Networks may be chosen by these pictures: these are no test figures.**"));
        let bad = page(&example(figures(40)));
        assert!(bad.contains("| digits called no digit | 2.23 ✗ |"), "{bad}");
    }
}
