//! The results in the repository's README.

use super::document::{Block, Column, Table, markdown};
use super::study_page::{agreement, difference, is_other_reading, ours, published, text};
use super::{PROTOCOLS, ladder, overview};
use crate::declaration::{ProtocolName, Reading};
use crate::judge::{AgainstPublished, Judgement, Results, StudyResults, judge};

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
    let judgements: Vec<Judgement> = results.studies.iter().flat_map(|study| judge(results, study)).collect();
    let blocks = [
        Block::Table(readings(headline)),
        Block::Table(values(headline)),
        Block::List(overview::counts(results, &judgements)),
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
fn values(headline: &StudyResults) -> Table {
    let columns = vec![
        Column::words("test pairs, learned head, %"),
        Column::numbers("published"),
        Column::numbers("ours, fixed"),
        Column::numbers("difference"),
        Column::words("verdict"),
        Column::numbers("ours, redrawn"),
    ];
    let cells =
        headline.study.cells.iter().filter(|cell| cell.published.is_some() && !is_other_reading(headline, cell));
    let rows = cells.map(|cell| {
        let [fixed, redrawn] = PROTOCOLS.map(|protocol| headline.sample(cell, protocol, cell.reading));
        let against = AgainstPublished::of(&fixed);
        vec![
            text(fixed.title()),
            text(published(cell)),
            ours(headline, &fixed),
            text(against.as_ref().map_or(String::new(), difference)),
            against.map_or(Vec::new(), |against| vec![agreement(against.agreement)]),
            if cell.protocols.contains(&ProtocolName::Redrawn) { ours(headline, &redrawn) } else { Vec::new() },
        ]
    });
    Table { columns, rows: rows.collect() }
}
