//! The results in the repository's README.

use super::document::{Block, Column, Table, markdown};
use super::study_page::{difference, ours, published, text, verdict};
use super::{PROTOCOLS, ladder, reproduction};
use study::declaration::{ProtocolName, Reading};
use study::judge::{Judged, Results, StudyResults};

/// The study that the README shows.
const HEADLINE: &str = "headline";
/// Line before the generated part.
const BEGIN: &str = "<!-- begin: written by `trainer study report` -->";
/// Line after the generated part.
const END: &str = "<!-- end: written by `trainer study report` -->";

/// The study whose figures of merit the README shows.
const LADDER: &str = "ladder";
/// Lines before and after the ladder's table.
const BEST: [&str; 2] = [
    "<!-- begin: the best, written by `trainer study report` -->",
    "<!-- end: the best, written by `trainer study report` -->",
];

/// `readme` with the results between its marks; `None` without marks or without trials of the headline study.
pub fn with_results(results: &Results, readme: &str) -> Option<String> {
    let best = with_best(results, readme);
    with_headline(results, best.as_deref().unwrap_or(readme))
}

fn with_best(results: &Results, readme: &str) -> Option<String> {
    let ladder = results.study(LADDER)?;
    let [begin, end] = BEST;
    let (before, rest) = readme.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    let tables = [ladder::figures_of_merit(results, ladder)?, ladder::rungs(results, ladder)].map(Block::Table);
    Some(format!("{before}{begin}\n\n{}\n{end}{after}", markdown(&tables)))
}

fn with_headline(results: &Results, readme: &str) -> Option<String> {
    let headline = results.study(HEADLINE).filter(|study| study.progress()[0] > 0)?;
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let judged = Judged::new(results);
    let blocks = [
        Block::Table(readings(headline)),
        Block::Table(values(&judged, headline)),
        Block::List(reproduction::counts(&judged)),
    ];
    Some(format!("{before}{BEGIN}\n\n{}\n{END}{after}", markdown(&blocks)))
}

/// The study's first network by every reading.
fn readings(headline: &StudyResults) -> Table {
    let columns = vec![
        Column::words("accuracy on"),
        Column::numbers("mean"),
        Column::numbers("standard deviation"),
        Column::numbers("n"),
        Column::numbers("95 % interval"),
        Column::words("protocol"),
    ];
    let mut rows = Vec::new();
    for cell in headline.study.cells.iter().take(1) {
        for protocol in PROTOCOLS {
            for reading in Reading::OF_TEST_PAIRS {
                let Some(summary) = headline.sample(cell, protocol, reading).summary() else { continue };
                let [low, high] = summary.interval;
                rows.push(vec![
                    text(reading.title()),
                    text(format!("{:.2} %", summary.mean)),
                    text(format!("{:.2}", summary.standard_deviation)),
                    text(summary.n.to_string()),
                    text(format!("{low:.2} to {high:.2}")),
                    text(protocol.name()),
                ]);
            }
        }
    }
    Table { columns, rows }
}

/// The study's published values with ours.
fn values(judged: &Judged, headline: &StudyResults) -> Table {
    let columns = vec![
        Column::words("test pairs, learned head, %"),
        Column::numbers("published"),
        Column::numbers("ours, fixed"),
        Column::numbers("difference"),
        Column::words("verdict"),
        Column::numbers("ours, redrawn"),
    ];
    let study = &headline.study;
    let cells = study.cells.iter().filter(|cell| cell.published.is_some() && !study.is_other_reading(cell));
    let rows = cells.map(|cell| {
        let [fixed, redrawn] = PROTOCOLS.map(|protocol| headline.sample(cell, protocol, cell.reading));
        let against = fixed.against_published();
        vec![
            text(fixed.title()),
            text(published(cell)),
            ours(headline, &fixed),
            text(against.as_ref().map_or(String::new(), difference)),
            judged
                .value(&study.name, cell, ProtocolName::Fixed)
                .map_or(Vec::new(), |value| verdict(value, fixed.by_seed.len())),
            if cell.protocols.contains(&ProtocolName::Redrawn) { ours(headline, &redrawn) } else { Vec::new() },
        ]
    });
    Table { columns, rows: rows.collect() }
}
