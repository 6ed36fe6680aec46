//! The table of every distinct published value.

use super::document::{Block, Blocks, Column, Line, Span, Table};
use super::study_page::{difference, text, verdict};
use metrics::Summary;
use study::declaration::{ProtocolName, Statistic};
use study::judge::{AgainstPublished, InPyTorch, Judged, Place, Value};

/// More values of one figure are folded.
const MANY: usize = 25;

/// The table, and the folded tables of figures with many values. `link` links to a study.
pub(super) fn blocks(judged: &Judged, link: &dyn Fn(&Place) -> Span) -> Blocks {
    let mut groups: Vec<Vec<&Value>> = Vec::new();
    for value in judged.values(ProtocolName::Fixed) {
        let same = |group: &&mut Vec<&Value>| group[0].places[0].figure == value.places[0].figure;
        match groups.iter_mut().find(|group| same(group) && group[0].report == value.report) {
            Some(group) => group.push(value),
            None => groups.push(vec![value]),
        }
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.len() > MANY);
    let mut blocks = vec![Block::Table(table(judged, few.into_iter().flatten(), link))];
    for group in many {
        let place = group[0].places[0];
        let summary = format!("All {} values of {}, {}", group.len(), place.study.report.title(), place.figure);
        blocks.push(Block::Details { summary, blocks: vec![Block::Table(table(judged, group.into_iter(), link))] });
    }
    blocks
}

fn table<'a>(judged: &Judged, values: impl Iterator<Item = &'a Value<'a>>, link: &dyn Fn(&Place) -> Span) -> Table {
    let columns = vec![
        Column::words("published in").spare(),
        Column::words("network"),
        Column::numbers("published"),
        Column::numbers("ours, fixed"),
        Column::numbers("n").spare(),
        Column::numbers("difference").spare(),
        Column::words("verdict"),
        Column::numbers("in PyTorch").spare(),
        Column::numbers("ours, redrawn").spare(),
    ];
    Table { columns, rows: values.map(|value| row(judged, value, link)).collect() }
}

fn row(judged: &Judged, value: &Value, link: &dyn Fn(&Place) -> Span) -> Vec<Line> {
    let redrawn = judged.values(ProtocolName::Redrawn).iter().find(|other| {
        let same_place = other.places.first() == value.places.first();
        same_place && other.published == value.published && other.statistic == value.statistic
    });
    vec![
        places(value, link),
        text(&value.title),
        text(published(value)),
        text(ours(value)),
        text(value.rounds.len().to_string()),
        text(value.against.as_ref().map_or(String::new(), difference)),
        verdict(value, value.rounds.len()),
        text(value.pytorch.map_or(String::new(), in_pytorch)),
        text(redrawn.map_or(String::new(), ours)),
    ]
}

/// Every figure with the value, each linked to the study that trains it.
fn places(value: &Value, link: &dyn Fn(&Place) -> Span) -> Line {
    let mut line = Line::new();
    for place in &value.places {
        if !line.is_empty() {
            line.push(Span::Text(", ".to_owned()));
        }
        line.push(Span::Text(format!("{:?}, {} (", value.report, place.figure)));
        line.extend([link(place), Span::Text(")".to_owned())]);
    }
    line
}

fn published(value: &Value) -> String {
    let what = if value.statistic == Statistic::Median { " median" } else { "" };
    let spread = value.published.standard_deviation.map_or(String::new(), |spread| format!(" ({spread:.2})"));
    format!("{:.2}{spread}{what}", value.published.mean)
}

fn in_pytorch(pytorch: InPyTorch) -> String {
    let Summary { mean, standard_deviation, .. } = pytorch.rounds;
    format!("{mean:.2} ({standard_deviation:.2})")
}

fn ours(value: &Value) -> String {
    match (value.against, Summary::of(&value.rounds)) {
        (Some(AgainstPublished { value, ours, .. }), _) => format!("{value:.2} ({:.2})", ours.standard_deviation),
        (None, Some(ours)) => format!("{:.2} ({:.2})", ours.mean, ours.standard_deviation),
        (None, None) => "not trained yet".to_owned(),
    }
}
