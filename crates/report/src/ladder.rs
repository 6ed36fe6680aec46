//! Ladders: the gain of each change, and the figures of merit of the result.

use serde_json::Value;

use super::document::{Block, Blocks, Column, Line, Span, Table, prose};
use super::study_page::text;
use study::declaration::{CellRef, ProtocolName, Quoted, Reading, Rung};
use study::judge::{CellSample, Results, StudyResults, signed};

/// Every round draws new pairs.
const PROTOCOL: ProtocolName = ProtocolName::Redrawn;

/// The ladder's tables; empty for a study without rungs.
pub(super) fn blocks(results: &Results, of: &StudyResults, level: usize) -> Blocks {
    let mut blocks = Vec::new();
    if !of.study.rungs.is_empty() {
        blocks.push(Block::Heading(level, "Rung by rung".to_owned()));
        blocks.push(Block::Table(rungs(results, of)));
    }
    if let Some(table) = figures_of_merit(results, of) {
        blocks.push(Block::Heading(level, "Where it leads".to_owned()));
        blocks.push(Block::Table(table));
    }
    blocks
}

/// The quoted results and their targets; `None` if there are none yet.
pub(super) fn figures_of_merit(results: &Results, of: &StudyResults) -> Option<Table> {
    let rows: Vec<Vec<Line>> =
        of.study.quoted.iter().filter_map(|quoted| figure_of_merit(results, of, quoted)).collect();
    let columns = vec![
        Column::words("figure"),
        Column::numbers("ours"),
        Column::numbers("asked for"),
        Column::numbers("standard deviation").spare(),
        Column::numbers("n").spare(),
        Column::words("row").spare(),
    ];
    if rows.is_empty() { None } else { Some(Table { columns, rows }) }
}

/// The gain of each rung.
pub(super) fn rungs(results: &Results, of: &StudyResults) -> Table {
    let columns = vec![
        Column::words("rung"),
        Column::numbers("test pairs, %"),
        Column::numbers("gain (95 % interval)"),
        Column::numbers("disjoint test pairs, %").spare(),
        Column::numbers("gain (95 % interval)").spare(),
        Column::numbers("n"),
    ];
    let mut below: Option<&Rung> = None;
    let mut rows = Vec::new();
    for rung in &of.study.rungs {
        let test = |rung: &Rung| sample(results, of, &rung.cell);
        let disjoint = |rung: &Rung| on_disjoint_pairs(results, of, &rung.cell);
        let rounds = test(rung).map_or(0, |sample| sample.by_seed.len());
        rows.push(vec![
            prose(&rung.words),
            text(mean(test(rung).as_ref())),
            text(gain(test(rung), below.and_then(test))),
            text(mean(disjoint(rung).as_ref())),
            text(gain(disjoint(rung), below.and_then(disjoint))),
            text(rounds.to_string()),
        ]);
        below = Some(rung);
    }
    Table { columns, rows }
}

fn sample<'a>(results: &'a Results, of: &StudyResults, cell: &CellRef) -> Option<CellSample<'a>> {
    results.sample(&of.study.name, cell, PROTOCOL).ok().filter(|sample| !sample.by_seed.is_empty())
}

/// A rung on all test images; `None` if trials do not hold its reading for them.
fn on_disjoint_pairs<'a>(results: &'a Results, of: &StudyResults, cell: &CellRef) -> Option<CellSample<'a>> {
    if cell.reading.is_some() {
        return None;
    }
    sample(results, of, &CellRef { reading: Some(Reading::DisjointPairs), ..cell.clone() })
}

fn mean(sample: Option<&CellSample>) -> String {
    let summary = sample.and_then(CellSample::summary);
    summary.map_or(String::new(), |summary| format!("{:.2} ({:.2})", summary.mean, summary.standard_deviation))
}

fn gain(sample: Option<CellSample>, below: Option<CellSample>) -> String {
    let difference = sample.zip(below).and_then(|(sample, below)| sample.minus(&below));
    difference.map_or(String::new(), |difference| {
        let [low, high] = difference.interval.map(signed);
        format!("{} ({low} to {high})", signed(difference.estimate))
    })
}

fn figure_of_merit(results: &Results, of: &StudyResults, quoted: &Quoted) -> Option<Vec<Line>> {
    let row = row(results, of, quoted)?;
    let number = |key: &str| row.get(key).and_then(Value::as_f64);
    let unit = row.get("unit").and_then(Value::as_str).unwrap_or_default();
    let standard_deviation =
        number("deviation").map_or(String::new(), |standard_deviation| format!("{standard_deviation:.2}"));
    Some(vec![
        prose(&quoted.words),
        text(format!("{} {unit}", figure(number("value")?))),
        text(quoted.wanted.clone().unwrap_or_default()),
        text(standard_deviation),
        text(row.get("n").map_or(String::new(), ToString::to_string)),
        vec![Span::Code(quoted.what.clone())],
    ])
}

/// Two decimals, but none of a large count.
fn figure(value: f64) -> String {
    if value >= 1000.0 && value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}

/// A quoted row under its local name; `None` if it does not exist yet.
pub(super) fn row(results: &Results, of: &StudyResults, quoted: &Quoted) -> Option<Value> {
    let mut row = match (&quoted.cell, &quoted.file, &quoted.row) {
        (Some(cell), ..) => {
            let (study, found) = results.cell(&of.study.name, cell).ok()?;
            super::summary::row(study, found, PROTOCOL, cell.reading.unwrap_or(found.reading))?
        }
        (None, Some(file), Some(name)) => {
            let rows = results.quoted.get(file)?.as_array()?;
            rows.iter().find(|row| row.get("what").and_then(Value::as_str) == Some(name))?.clone()
        }
        _ => return None,
    };
    let fields = row.as_object_mut()?;
    fields.insert("what".to_owned(), Value::from(quoted.what.clone()));
    fields.retain(|_, value| !value.is_null());
    Some(row)
}
