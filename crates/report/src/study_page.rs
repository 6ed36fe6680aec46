//! The page of one study.

use std::collections::BTreeSet;

use super::document::{Block, Blocks, Column, Line, Span, Table, Tone, prose};
use super::{Figure, PROTOCOLS, figure_file, front, ladder};
use metrics::Summary;
use study::declaration::{Cell, FigureKind, ProtocolName, Reading};
use study::judge::{
    AgainstPublished, CellSample, ClaimVerdict, Judged, Judgement, StudyResults, TIMES_BETTER, Value, ValueVerdict,
    judge, signed,
};

/// Longer tables are folded, and only their published rows are shown.
const LONG: usize = 30;

/// The page; its title is a heading of level `level`.
pub(super) fn blocks(judged: &Judged, of: &StudyResults, level: usize) -> Blocks {
    let (study, results) = (&of.study, judged.results);
    let mut page = vec![Block::Heading(level, study.title.clone()), Block::Paragraph(prose(&one_line(&study.about)))];
    page.push(Block::Paragraph(facts(of)));
    page.extend(ladder::blocks(results, of, level + 1));
    for protocol in PROTOCOLS {
        page.extend(values(judged, of, protocol, level + 1));
    }
    page.extend(explanations(judged, of, level + 1));
    page.extend(claims(judged, of, level + 1));
    page.extend(readings(of));
    page.extend(other_pairs(of));
    page.push(Block::Heading(level + 1, "Repeat it".to_owned()));
    page.push(Block::Command(command(&study.name)));
    page.push(Block::Paragraph(vec![Span::Text(effort(of))]));
    page
}

/// The command that repeats a study.
pub(super) fn command(study: &str) -> String {
    format!("cargo run --release -p trainer -- study run {study}")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The source of the published values, the number of rounds, and the protocols.
fn facts(of: &StudyResults) -> Line {
    let study = &of.study;
    let figure = study.figure.as_ref().map_or(String::new(), |figure| format!(", {figure}"));
    let protocols: Vec<String> = study.protocols.iter().map(|protocol| describe(*protocol, study.data_seed)).collect();
    let rounds = if study.rounds == 1 { "round" } else { "rounds" };
    let mut line = prose(&format!(
        "{}{figure}. {} {rounds}, {}. ",
        capitalised(study.report.title()),
        study.rounds,
        protocols.join("; ")
    ));
    if study.is_held_out() {
        line.push(Span::Text("Judged by training images that each round holds out, never by test images. ".to_owned()));
    }
    let [done, planned] = of.progress();
    if done < planned {
        line.push(Span::Strong(format!("Incomplete: {done} of {planned} trainings are done.")));
    }
    line
}

fn capitalised(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

fn describe(protocol: ProtocolName, data_seed: Option<u32>) -> String {
    match protocol {
        ProtocolName::Fixed => {
            let seed = data_seed.unwrap_or_default();
            format!("`fixed`: one pair set (seed {seed}) for all rounds, as published")
        }
        ProtocolName::Redrawn => "`redrawn`: pairs drawn again each round, as the course asked".to_owned(),
    }
}

/// Figure and table of one protocol.
fn values(judged: &Judged, of: &StudyResults, protocol: ProtocolName, level: usize) -> Blocks {
    let Some(figure) = Figure::of_study(judged.results, of, protocol) else { return Vec::new() };
    let mut blocks = vec![Block::Heading(level, format!("Protocol {protocol}"))];
    blocks.push(Block::Figure { file: figure_file(protocol), figure });
    if of.study.kind == FigureKind::Front {
        blocks.extend(front::blocks(of, protocol));
        return blocks;
    }
    let cells: Vec<&Cell> = of.study.cells.iter().filter(|cell| !of.trials(cell, protocol).is_empty()).collect();
    let published: Vec<&Cell> = cells.iter().copied().filter(|cell| cell.published.is_some()).collect();
    if cells.len() <= LONG {
        blocks.push(Block::Table(table(judged, of, &cells, protocol)));
        return blocks;
    }
    if !published.is_empty() {
        blocks.push(Block::Table(table(judged, of, &published, protocol)));
    }
    let summary = format!("All {} networks, protocol {protocol}", cells.len());
    blocks.push(Block::Details { summary, blocks: vec![Block::Table(table(judged, of, &cells, protocol))] });
    blocks
}

/// What the columns of accuracies are of.
fn accuracy(of: &StudyResults) -> &'static str {
    if of.study.is_held_out() { "held-out accuracy, %" } else { "test accuracy, %" }
}

fn table(judged: &Judged, of: &StudyResults, cells: &[&Cell], protocol: ProtocolName) -> Table {
    let columns = vec![
        Column::words(accuracy(of)),
        Column::numbers("published"),
        Column::numbers("ours"),
        Column::numbers("n").spare(),
        Column::numbers("95 % interval").spare(),
        Column::numbers("difference").spare(),
        Column::words("verdict"),
    ];
    Table { columns, rows: cells.iter().filter_map(|cell| row(judged, of, cell, protocol)).collect() }
}

fn row(judged: &Judged, of: &StudyResults, cell: &Cell, protocol: ProtocolName) -> Option<Vec<Line>> {
    let sample = of.sample(cell, protocol, cell.reading);
    let summary = sample.summary()?;
    let [low, high] = summary.interval;
    let against = sample.against_published();
    Some(vec![
        text(sample.title()),
        text(published(cell)),
        ours(of, &sample),
        text(summary.n.to_string()),
        text(format!("{low:.2} to {high:.2}")),
        text(against.as_ref().map_or(String::new(), difference)),
        judged.value(&of.study.name, cell, protocol).map_or(Vec::new(), |value| verdict(value, summary.n)),
    ])
}

pub(super) fn text(text: impl Into<String>) -> Line {
    vec![Span::Text(text.into())]
}

/// A cell's published mean and standard deviation.
pub(super) fn published(cell: &Cell) -> String {
    cell.published.map_or(String::new(), |published| match published.standard_deviation {
        Some(standard_deviation) => format!("{:.2} ({standard_deviation:.2})", published.mean),
        None => format!("{:.2}", published.mean),
    })
}

/// A cell's mean and standard deviation, with the number of rounds if some are missing and of diverged trainings if
/// any.
pub(super) fn ours(of: &StudyResults, sample: &CellSample) -> Line {
    let Some(Summary { n, mean, standard_deviation, .. }) = sample.summary() else { return text("not trained yet") };
    let mut line = text(format!("{mean:.2} ({standard_deviation:.2})"));
    if !sample.is_complete() {
        line.push(Span::Strong(format!(" {n} of {} rounds", sample.cell.rounds)));
    }
    match of.diverged(sample.cell, sample.protocol) {
        0 => {}
        diverged => line.push(Span::Strong(format!(" {diverged} diverged"))),
    }
    line
}

/// Ours minus published, with its standard error.
pub(super) fn difference(against: &AgainstPublished) -> String {
    format!("{} ± {:.2}", signed(against.difference.estimate), against.difference.standard_error)
}

/// The verdict on a published value, with the number of rounds behind it if that is another than `n`.
pub(super) fn verdict(value: &Value, n: usize) -> Line {
    let tone = match value.verdict {
        ValueVerdict::Equivalent => Tone::Good,
        ValueVerdict::Different => Tone::Bad,
        ValueVerdict::Inconclusive => Tone::Open,
        ValueVerdict::NotJudged => Tone::None,
    };
    let mut line = vec![Span::Verdict(value.verdict.word().to_owned(), tone)];
    if value.rounds.len() != n {
        line.push(Span::Text(format!(", n = {}", value.rounds.len())));
    }
    line
}

/// Alternative readings of published values that ours are not equivalent to.
fn explanations(judged: &Judged, of: &StudyResults, level: usize) -> Blocks {
    let is_here = |value: &&Value| value.places[0].study.name == of.study.name;
    let mut lines = Vec::new();
    for value in judged.values(ProtocolName::Fixed).iter().filter(is_here) {
        let (tried, Some(against)) = (judged.tested(value), value.against) else { continue };
        if value.verdict == ValueVerdict::Equivalent {
            continue;
        }
        let mut line = vec![Span::Strong(value.title.clone())];
        line.push(Span::Text(format!(
            ", {:.2} in {}, ours {} from it, ",
            value.published.mean,
            value.places[0].figure,
            difference(&against)
        )));
        line.extend(verdict(value, value.rounds.len()));
        line.push(Span::Text(". ".to_owned()));
        if tried.is_empty() {
            line.push(Span::Strong("No other reading has been tested.".to_owned()));
        }
        let sentences: Vec<String> = tried.iter().map(|tried| tried.sentence()).collect();
        line.extend(prose(&sentences.join(" ")));
        lines.push(line);
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let about = format!(
        "Another reading explains a value if it predicts it at least {TIMES_BETTER} times better than the first one does and does \
         not differ from it."
    );
    let heading = Block::Heading(level, "Other readings, where ours is not equivalent".to_owned());
    vec![heading, Block::Paragraph(text(about)), Block::List(lines)]
}

fn claims(judged: &Judged, of: &StudyResults, level: usize) -> Blocks {
    let judgements = judge(judged.results, of);
    if judgements.is_empty() {
        return Vec::new();
    }
    let heading = Block::Heading(level, "Claims and questions".to_owned());
    vec![heading, Block::List(judged_claims(&judgements, None))]
}

/// Claims, each with its verdict and numbers under every protocol, and optionally a link to its study.
pub(super) fn judged_claims(judgements: &[Judgement], link: Option<&dyn Fn(&Judgement) -> Span>) -> Vec<Line> {
    let of_one_claim = judgements.chunk_by(|a, b| a.claim.id == b.claim.id);
    let lines = of_one_claim.map(|judgements| {
        let mut line = vec![Span::Strong(one_line(&judgements[0].claim.words))];
        if let Some(link) = link {
            line.extend([Span::Text(" (".to_owned()), link(&judgements[0]), Span::Text(")".to_owned())]);
        }
        for judgement in judgements {
            let word = judgement.verdict.word(judgement.claim).to_owned();
            let protocol = judgement.protocol.map_or(String::new(), |protocol| format!(", {protocol}"));
            line.extend([Span::Break, Span::Verdict(word, tone(&judgement.verdict))]);
            line.push(Span::Text(format!("{protocol}. ")));
            line.extend(prose(&judgement.sentence));
        }
        line
    });
    lines.collect()
}

pub(super) fn tone(verdict: &ClaimVerdict) -> Tone {
    match verdict {
        ClaimVerdict::Reproduced => Tone::Good,
        ClaimVerdict::NotReproduced => Tone::Bad,
        ClaimVerdict::WithinNoise => Tone::Open,
        ClaimVerdict::Untestable { .. } => Tone::None,
    }
}

/// Every way of reading the networks that learn digits.
fn readings(of: &StudyResults) -> Blocks {
    let mut rows = Vec::new();
    for protocol in PROTOCOLS {
        for cell in &of.study.cells {
            if of.sample(cell, protocol, Reading::Digits).by_seed.is_empty() {
                continue;
            }
            let own = of.sample(cell, protocol, cell.reading);
            let mut row = vec![text(own.title()), text(protocol.name())];
            row.extend(Reading::OF_TEST_PAIRS.map(|reading| ours(of, &of.sample(cell, protocol, reading))));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        Column::words(accuracy(of)),
        Column::words("protocol"),
        Column::numbers("learned head"),
        Column::numbers("most likely digits"),
        Column::numbers("digit posteriors").spare(),
        Column::numbers("digits").spare(),
    ];
    let summary = "The same networks by every reading: the learned comparison, and comparisons of the predicted digits";
    vec![Block::Details { summary: summary.to_owned(), blocks: vec![Block::Table(Table { columns, rows })] }]
}

/// The same networks on all test images, and on training images that they did not see.
fn other_pairs(of: &StudyResults) -> Blocks {
    let mut rows = Vec::new();
    for protocol in PROTOCOLS {
        for cell in &of.study.cells {
            if of.sample(cell, protocol, Reading::DisjointPairs).by_seed.is_empty() {
                continue;
            }
            let mut row = vec![text(format!("{}, {}", cell.series, cell.label)), text(protocol.name())];
            row.extend(Reading::OF_OTHER_PAIRS.map(|reading| ours(of, &of.sample(cell, protocol, reading))));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        Column::words("accuracy, %"),
        Column::words("protocol"),
        Column::numbers("disjoint test pairs"),
        Column::numbers("all test digits"),
        Column::numbers("outside pairs").spare(),
        Column::numbers("outside digits").spare(),
    ];
    let about = "All test images in disjoint pairs, and training images outside a round's own pairs (outside), which were used to \
                 select recipes:";
    vec![Block::Paragraph(text(about)), Block::Table(Table { columns, rows })]
}

/// How long the trainings took, and where.
fn effort(of: &StudyResults) -> String {
    let seconds: f64 = of.all_trials().map(|trial| trial.seconds).sum();
    let machines: BTreeSet<&str> = of.all_trials().map(|trial| trial.host.processor.as_str()).collect();
    let versions: BTreeSet<String> = of
        .all_trials()
        .map(|trial| {
            format!("Candle {}, rustc {}, {}", trial.versions.candle, trial.versions.rustc, trial.versions.instructions)
        })
        .collect();
    let of_other_data = match of.all_trials().filter(|trial| trial.data.is_some()).count() {
        0 => String::new(),
        count => format!(" {count} of them were trained and tested on other data than MNIST's."),
    };
    format!(
        "{} trainings took {} in total on one core each; {}; {}.{of_other_data}",
        of.progress()[0],
        duration(seconds),
        machines.into_iter().collect::<Vec<_>>().join(", "),
        versions.into_iter().collect::<Vec<_>>().join("; ")
    )
}

/// Seconds as hours and minutes, or minutes and seconds: `3 h 5 min`, `1 min 30 s`, `45 s`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        3600.. => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        60.. => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{seconds} s"),
    }
}
