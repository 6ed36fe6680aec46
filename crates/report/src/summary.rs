//! `summary.json`: every measurement, in flat rows.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::costs::Costs;
use super::ladder;
use metrics::{Summary, six_decimals};
use study::declaration::{Cell, FigureKind, ProtocolName, Published, Reading};
use study::judge::{Judged, StudyResults};

/// A row of `summary.json`: one reading of one cell under one protocol.
#[derive(Debug, Serialize)]
struct SummaryRow<'a> {
    study: &'a str,
    cell: &'a str,
    what: String,
    value: f64,
    unit: &'static str,
    n: usize,
    planned: u64,
    diverged: usize,
    #[serde(rename = "deviation")]
    standard_deviation: f64,
    interval: [f64; 2],
    protocol: ProtocolName,
    published: Option<Published>,
    difference: Option<f64>,
    standard_error: Option<f64>,
    /// The verdict on the published value, over all rounds of its training.
    verdict: Option<&'static str>,
    command: String,
}

/// A row of this study, or a quoted one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AnyRow<'a> {
    Quoted(Value),
    Measured(Box<SummaryRow<'a>>),
}

/// All rows of a study as JSON, quoted rows first.
///
/// # Errors
/// If a number cannot be written as JSON.
pub(super) fn json(judged: &Judged, of: &StudyResults) -> Result<String> {
    let quoted = of.study.quoted.iter().filter_map(|quoted| ladder::row(judged.results, of, quoted));
    let mut rows: Vec<AnyRow> = quoted.map(AnyRow::Quoted).collect();
    for cell in &of.study.cells {
        for &protocol in &cell.protocols {
            let measured = Reading::ALL.into_iter().filter_map(|reading| {
                let row = typed_row(of, cell, protocol, reading)?;
                let value = judged.value(&of.study.name, cell, protocol).filter(|_| row.published.is_some());
                Some(SummaryRow { verdict: value.map(|value| value.verdict.word()), ..row })
            });
            rows.extend(measured.map(|row| AnyRow::Measured(Box::new(row))));
            if of.study.kind == FigureKind::Front {
                rows.extend(costs(of, cell, protocol).into_iter().map(AnyRow::Quoted));
            }
        }
    }
    Ok(serde_json::to_string_pretty(&rows)? + "\n")
}

/// What a cell's network costs; nothing without trials.
fn costs(of: &StudyResults, cell: &Cell, protocol: ProtocolName) -> Vec<Value> {
    let Some(Costs { millions, kilobytes, seconds }) = Costs::of(of, cell, protocol) else { return Vec::new() };
    let rows = [
        ("multiply-adds for an image", millions, "million"),
        ("model file, weights in 8 bits", kilobytes, "KB"),
        ("training and judging on one core", seconds, "s"),
    ];
    let row = |(what, value, unit): (&str, f64, &str)| {
        json!({
            "study": of.study.name,
            "cell": cell.name,
            "what": what,
            "value": six_decimals(value),
            "unit": unit,
            "n": of.trials(cell, protocol).len(),
            "protocol": protocol.name(),
            "command": super::study_page::command(&of.study.name),
        })
    };
    rows.map(row).into()
}

/// One reading of one cell; `None` without trials.
pub(super) fn row(results: &StudyResults, cell: &Cell, protocol: ProtocolName, reading: Reading) -> Option<Value> {
    serde_json::to_value(typed_row(results, cell, protocol, reading)?).ok()
}

fn typed_row<'a>(
    results: &'a StudyResults,
    cell: &'a Cell,
    protocol: ProtocolName,
    reading: Reading,
) -> Option<SummaryRow<'a>> {
    let sample = results.sample(cell, protocol, reading);
    let Summary { n, mean, standard_deviation, interval } = sample.summary()?;
    let published = cell.published.filter(|_| reading == cell.reading);
    let against = published.and_then(|_| sample.against_published());
    Some(SummaryRow {
        study: &results.study.name,
        cell: &cell.name,
        what: reading.title_in(results.study.scope),
        value: six_decimals(mean),
        unit: "%",
        n,
        planned: cell.rounds,
        diverged: results.diverged(cell, protocol),
        standard_deviation: six_decimals(standard_deviation),
        interval: interval.map(six_decimals),
        protocol,
        published,
        difference: against.map(|against| six_decimals(against.difference.estimate)),
        standard_error: against.map(|against| six_decimals(against.difference.standard_error)),
        verdict: None,
        command: super::study_page::command(&results.study.name),
    })
}
