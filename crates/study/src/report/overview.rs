//! The page with all studies.

use super::document::{Block, Blocks, Column, Line, Span, Table};
use super::html::{self, anchor};
use super::study_page::{self, agreement, difference, duration, is_other_reading, judged, ours, published, text};
use crate::declaration::{ClaimKind, ProtocolName, Report};
use crate::judge::{AgainstPublished, Agreement, ClaimVerdict, Judgement, Results, StudyResults, judge};

const TITLE: &str = "Every experiment of both reports, judged";

/// Link targets of a study: its own page, or an anchor in the HTML page.
#[derive(Clone, Copy)]
enum Links {
    Pages,
    Anchors,
}

/// The overview as its own page.
pub(super) fn blocks(results: &Results) -> Blocks {
    page(results, Links::Pages)
}

/// The HTML page with every study.
pub(super) fn html(results: &Results) -> String {
    let mut page = page(results, Links::Anchors);
    for study in trained(results) {
        page.extend(study_page::blocks(results, study, 2));
    }
    html::page(TITLE, &page)
}

fn page(results: &Results, links: Links) -> Blocks {
    let judgements: Vec<Judgement> = trained(results).flat_map(|study| judge(results, study)).collect();
    let mut page = vec![
        Block::Heading(1, TITLE.to_owned()),
        Block::Paragraph(text(
            "Two course reports train small networks on 1,000 pairs of MNIST digits to say whether the first is less than \
             or equal to the second. This page repeats every experiment of both and judges every published value \
             and every claim.",
        )),
    ];
    page.push(Block::List(counts(results, &judgements)));
    page.push(Block::Paragraph(text(
        "Fixed: one pair set for all rounds, as both reports did. Redrawn: pairs drawn again each round, as the course \
         asked. A value is reproduced when it lies within two standard errors of the published one; both means' errors \
         are combined, and where no standard deviation was published, ours is used. About one in twenty \
         differs by chance alone. A claim is reproduced, or not, when the \
         difference or its opposite has p < 0.05 (Welch's t-test; paired where rounds share their data; Holm's correction \
         inside a family); otherwise it is within noise. Values are \
         test accuracies in percent, standard deviations in brackets.",
    )));
    page.push(Block::Heading(2, "Published values".to_owned()));
    page.push(Block::Table(values(results, links)));
    for report in [Report::A, Report::B] {
        let claims = |judgement: &Judgement| {
            judgement.claim.kind == ClaimKind::Claim && of_report(results, judgement) == Some(report)
        };
        page.extend(section(results, links, &format!("Claims of report {report:?}"), &judgements, claims));
    }
    let question = |judgement: &Judgement| judgement.claim.kind == ClaimKind::Question;
    page.extend(section(results, links, "Questions that the reports leave open", &judgements, question));
    page.push(Block::Heading(2, "Studies".to_owned()));
    page.push(Block::List(trained(results).map(|study| entry(study, links)).collect()));
    page
}

fn trained(results: &Results) -> impl Iterator<Item = &StudyResults> {
    results.studies.iter().filter(|study| study.progress()[0] > 0)
}

fn of_report(results: &Results, judgement: &Judgement) -> Option<Report> {
    Some(results.study(judgement.study)?.study.report)
}

/// Numbers of values and claims by verdict, and the total training time.
pub(super) fn counts(results: &Results, judgements: &[Judgement]) -> Vec<Line> {
    let agreements: Vec<Agreement> = agreements(results, ProtocolName::Fixed);
    let reproduced = agreements.iter().filter(|agreement| **agreement == Agreement::Reproduced).count();
    let claims: Vec<&Judgement> =
        judgements.iter().filter(|judgement| judgement.claim.kind == ClaimKind::Claim).collect();
    let of = |wanted: fn(&ClaimVerdict) -> bool| claims.iter().filter(|judgement| wanted(&judgement.verdict)).count();
    let seconds: f64 = trained(results).flat_map(StudyResults::all_trials).map(|trial| trial.seconds).sum();
    let trainings: usize = trained(results).map(|study| study.progress()[0]).sum();
    vec![
        text(format!(
            "{reproduced} of {} comparisons with a published value, under the published protocol, reproduce it.",
            agreements.len()
        )),
        text(format!(
            "Of {} verdicts on claims, {} are reproduced, {} within noise, {} not reproduced, {} untestable.",
            claims.len(),
            of(|verdict| *verdict == ClaimVerdict::Reproduced),
            of(|verdict| *verdict == ClaimVerdict::WithinNoise),
            of(|verdict| *verdict == ClaimVerdict::NotReproduced),
            of(|verdict| matches!(verdict, ClaimVerdict::Untestable { .. })),
        )),
        text(format!("{trainings} trainings, {} of single-core time in total.", duration(seconds))),
    ]
}

/// Verdicts on every published value under a protocol, without alternative readings.
fn agreements(results: &Results, protocol: ProtocolName) -> Vec<Agreement> {
    let mut agreements = Vec::new();
    for study in trained(results) {
        let cells = study.study.cells.iter().filter(|cell| !is_other_reading(study, cell));
        let compared = cells.filter_map(|cell| AgainstPublished::of(&study.sample(cell, protocol, cell.reading)));
        agreements.extend(compared.map(|against| against.agreement));
    }
    agreements
}

/// Every published value with ours.
fn values(results: &Results, links: Links) -> Table {
    let columns = vec![
        Column::words("study").spare(),
        Column::words("network"),
        Column::numbers("published"),
        Column::numbers("ours, fixed"),
        Column::numbers("difference").spare(),
        Column::words("verdict"),
        Column::numbers("ours, redrawn").spare(),
    ];
    let mut rows = Vec::new();
    for study in trained(results) {
        let mut link = vec![link(study, links)];
        for cell in study.study.cells.iter().filter(|cell| cell.published.is_some() && !is_other_reading(study, cell)) {
            let [fixed, redrawn] = super::PROTOCOLS.map(|protocol| study.sample(cell, protocol, cell.reading));
            let against = AgainstPublished::of(&fixed);
            rows.push(vec![
                std::mem::take(&mut link),
                text(fixed.title()),
                text(published(cell)),
                ours(study, &fixed),
                text(against.as_ref().map_or(String::new(), difference)),
                against.map_or(Vec::new(), |against| vec![agreement(against.agreement)]),
                if cell.protocols.contains(&ProtocolName::Redrawn) { ours(study, &redrawn) } else { Vec::new() },
            ]);
        }
    }
    Table { columns, rows }
}

fn link(study: &StudyResults, links: Links) -> Span {
    let target = match links {
        Links::Pages => format!("{}/README.md", study.study.name),
        Links::Anchors => format!("#{}", anchor(&study.study.title)),
    };
    Span::Link { text: study.study.name.clone(), target }
}

fn entry(study: &StudyResults, links: Links) -> Line {
    let [done, planned] = study.progress();
    let mut line = vec![link(study, links), Span::Text(format!(": {}. ", study.study.title))];
    if done < planned {
        line.push(Span::Strong(format!("Incomplete: {done} of {planned} trainings are done.")));
    } else {
        line.push(Span::Text(format!("{done} trainings.")));
    }
    line
}

fn section(
    results: &Results,
    links: Links,
    title: &str,
    judgements: &[Judgement],
    belongs: impl Fn(&Judgement) -> bool,
) -> Blocks {
    let chosen: Vec<Judgement> = judgements.iter().filter(|judgement| belongs(judgement)).cloned().collect();
    if chosen.is_empty() {
        return Vec::new();
    }
    let link = |judgement: &Judgement| match results.study(judgement.study) {
        Some(study) => link(study, links),
        None => Span::Text(judgement.study.to_owned()),
    };
    vec![Block::Heading(2, title.to_owned()), Block::List(judged(&chosen, Some(&link)))]
}
