//! The table of a front: what each network costs and gets right.

use super::costs::{Costs, front};
use super::document::{Block, Blocks, Column, Line, Span, Table};
use metrics::Summary;
use study::declaration::{Cell, ProtocolName, Reading};
use study::judge::StudyResults;

/// A cell with trials.
struct Entry<'a> {
    cell: &'a Cell,
    costs: Costs,
    /// Accuracy by the cell's reading.
    accuracy: Summary,
}

/// The cells of the front, then all of them, folded.
pub(super) fn blocks(of: &StudyResults, protocol: ProtocolName) -> Blocks {
    let entries = of.study.cells.iter().filter_map(|cell| {
        let accuracy = of.sample(cell, protocol, cell.reading).summary()?;
        Some(Entry { cell, costs: Costs::of(of, cell, protocol)?, accuracy })
    });
    let entries: Vec<Entry> = entries.collect();
    let points: Vec<[f64; 2]> = entries.iter().map(|entry| [entry.costs.millions, entry.accuracy.mean]).collect();
    let best = front(&points).into_iter().map(|position| &entries[position]);
    let about = "Networks that no network of as few multiply-adds is as accurate as, with 95 % intervals over seeds:";
    let summary = format!("All {} networks", entries.len());
    let all = Block::Table(table(of, protocol, entries.iter()));
    vec![
        Block::Paragraph(text(about)),
        Block::Table(table(of, protocol, best)),
        Block::Details { summary, blocks: vec![all] },
    ]
}

fn table<'a>(of: &StudyResults, protocol: ProtocolName, entries: impl Iterator<Item = &'a Entry<'a>>) -> Table {
    let columns = vec![
        Column::words("network"),
        Column::words("layers").spare(),
        Column::numbers("million multiply-adds"),
        Column::numbers("KB in 8 bits"),
        Column::numbers("training and judging, s"),
        Column::numbers("all pairs, %"),
        Column::numbers("interval").spare(),
        Column::numbers("digits, %"),
        Column::numbers("distorted digits, %"),
        Column::numbers("n").spare(),
    ];
    Table { columns, rows: entries.map(|entry| row(of, protocol, entry)).collect() }
}

fn row(of: &StudyResults, protocol: ProtocolName, entry: &Entry) -> Vec<Line> {
    let Entry { cell, costs, accuracy } = entry;
    let [low, high] = accuracy.interval;
    let percent = |reading| {
        let summary = of.sample(cell, protocol, reading).summary();
        text(summary.map_or(String::new(), |summary| format!("{:.2}", summary.mean)))
    };
    vec![
        vec![Span::Code(cell.name.clone())],
        text(format!("{}: {}", cell.series, cell.label)),
        text(format!("{:.2}", costs.millions)),
        text(format!("{:.0}", costs.kilobytes)),
        text(format!("{:.0}", costs.seconds)),
        text(format!("{:.3}", accuracy.mean)),
        text(if accuracy.n > 1 { format!("{low:.3} to {high:.3}") } else { String::new() }),
        percent(Reading::Digits),
        percent(Reading::DistortedDigits),
        text(accuracy.n.to_string()),
    ]
}

fn text(text: impl Into<String>) -> Line {
    vec![Span::Text(text.into())]
}
