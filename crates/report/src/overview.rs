//! The page with all studies.

use std::path::PathBuf;

use super::document::{self, Block, Blocks, Line, Span};
use super::figure::{Forest, NARROW, Scatter, WIDE};
use super::html::{self, anchor};
use super::study_page::{self, judged_claims, text};
use super::{Page, reproduction, value_table};
use study::declaration::{ClaimKind, ProtocolName, Report};
use study::judge::{Judged, Judgement, LEVEL, MARGIN, Place, StudyResults};

/// What the page over all studies is called.
pub(super) const TITLE: &str = "Every experiment of both reports, judged";
/// The file of the picture of every value, and of the one of architectures.
const FILES: [&str; 2] = ["values.svg", "architectures.svg"];
/// The study with the many architectures.
const ARCHITECTURES: &str = "a1-search";

/// Both reports and their code, for readers who look for them.
const REPORTS: [&str; 2] = [
    "A: Chenkai Wang, Siran Li, Shijian Xu, \"Deep Learning Project1 Report\", EPFL. Code: `github.com/Siran-Li/deep-learning`.",
    "B: Samuel Dubuis, Yann Gabbud, Vincent Gürtler, \"Classification, weight sharing, auxiliary losses\", project 1 of the course \
     EE-559 Deep Learning, EPFL. Code: `github.com/samdubuis/ee559-deeplearning`.",
];

/// Link targets of a study: its own page, or an anchor in the HTML page.
#[derive(Clone, Copy)]
enum Links {
    Pages,
    Anchors,
}

/// The overview as Markdown, the HTML page with every study, and the pictures that Markdown shows.
pub(super) fn pages(judged: &Judged) -> Vec<Page> {
    let mut html = page(judged, Links::Anchors);
    for study in trained(judged) {
        html.extend(study_page::blocks(judged, study, 2));
    }
    let file = |name: &str, contents| Page { path: PathBuf::from(name), contents };
    let mut pages = vec![
        file("README.md", document::markdown(&page(judged, Links::Pages))),
        file("index.html", html::page(TITLE, &html)),
    ];
    pages.extend(forest(judged).map(|forest| file(FILES[0], forest.file())));
    pages.extend(scatter(judged).map(|scatter| file(FILES[1], scatter.file())));
    pages
}

fn page(judged: &Judged, links: Links) -> Blocks {
    let mut page = vec![
        Block::Heading(1, TITLE.to_owned()),
        Block::Paragraph(text(
            "Two course reports train small networks on 1,000 pairs of MNIST digits to say whether the first is less than \
             or equal to the second. This page repeats every experiment of both and judges every published value \
             and every claim.",
        )),
        Block::Paragraph(reproduction::in_short(judged)),
    ];
    page.extend(forest(judged).map(|forest| picture(FILES[0], &forest)));
    page.extend(reproduction::blocks(judged, 2));
    page.push(Block::Heading(2, "How verdicts are given".to_owned()));
    page.push(Block::List(rules()));
    page.push(Block::Heading(2, "Published values".to_owned()));
    page.extend(value_table::blocks(judged, &|place: &Place| link(&place.study.name, &place.study.title, links)));
    page.extend(architectures(judged));
    for report in [Report::A, Report::B] {
        let title = format!("Claims of report {report:?}");
        page.extend(section(judged, links, &title, |judgement| {
            judgement.claim.kind == ClaimKind::Claim && of_report(judged, judgement) == Some(report)
        }));
    }
    for (title, kind) in [
        ("Claims tried in ways of our own", ClaimKind::Variant),
        ("Questions that the reports leave open", ClaimKind::Question),
    ] {
        page.extend(section(judged, links, title, |judgement| judgement.claim.kind == kind));
    }
    page.push(Block::Heading(2, "Studies".to_owned()));
    page.push(Block::List(trained(judged).map(|study| entry(study, links)).collect()));
    page.extend(not_run(judged));
    page.push(Block::Heading(2, "The reports".to_owned()));
    page.push(Block::List(REPORTS.map(document::prose).to_vec()));
    page
}

/// How values and claims are judged.
fn rules() -> Vec<Line> {
    let rules = [
        "Fixed: one pair set for all rounds, as both reports did. Redrawn: pairs drawn again each round, as the course asked. \
         Values are test accuracies in percent, standard deviations in brackets."
            .to_owned(),
        format!(
            "A value is compared once, however often its report prints it, with all our rounds of its training. It is different if \
             Welch's t-test has p < {LEVEL} with Holm's correction over all values; else equivalent if two one-sided tests show it \
             within {MARGIN} point; else inconclusive. Both means' errors count, and the error of reading a figure. Where no \
             standard deviation was published, ours is used."
        ),
        "Under redrawn, the published value is one draw of a pair set; its error is the standard deviation between our rounds."
            .to_owned(),
        format!(
            "Standard deviations are compared by an F-test. A claim is reproduced, or not, when the difference or its opposite \
             has p < {LEVEL} (Welch's t-test; paired where rounds share their data; Holm's correction inside a family); otherwise \
             it is within noise."
        ),
    ];
    rules.into_iter().map(text).collect()
}

fn forest(judged: &Judged) -> Option<Forest> {
    Forest::of(judged.values(ProtocolName::Fixed))
}

fn scatter(judged: &Judged) -> Option<Scatter> {
    Scatter::of(judged.values(ProtocolName::Fixed), ARCHITECTURES)
}

fn picture(file: &str, forest: &Forest) -> Block {
    let [wide, narrow] = [(WIDE, "wide"), (NARROW, "narrow")].map(|(width, variant)| forest.inline(width, variant));
    Block::Picture { file: file.to_owned(), words: forest.title().to_owned(), wide, narrow }
}

/// Published against our means of many architectures, and how they agree.
fn architectures(judged: &Judged) -> Blocks {
    let Some(scatter) = scatter(judged) else { return Vec::new() };
    let [wide, narrow] = [(WIDE, "wide"), (NARROW, "narrow")].map(|(width, variant)| scatter.inline(width, variant));
    let words = scatter.title().to_owned();
    let sentences = scatter.series().iter().map(|series| {
        format!(
            "{}: {} networks, correlation {:.2}; the report's best, {}, is number {} by our means.",
            series.name,
            series.points.len(),
            series.correlation(),
            series.best,
            series.rank_of_best()
        )
    });
    vec![
        Block::Heading(2, "Architectures: published and ours".to_owned()),
        Block::Picture { file: FILES[1].to_owned(), words, wide, narrow },
        Block::List(sentences.map(text).collect()),
    ]
}

fn trained<'a>(judged: &Judged<'a>) -> impl Iterator<Item = &'a StudyResults> + use<'a> {
    judged.results.studies.iter().filter(|study| study.progress()[0] > 0)
}

/// Names the studies without trials; nothing where every one has some.
fn not_run(judged: &Judged) -> Option<Block> {
    let studies = judged.results.studies.iter().filter(|study| study.progress()[0] == 0);
    let names: Vec<String> = studies.map(|study| format!("`{}`", study.study.name)).collect();
    let sentence = format!("Declared and not run yet: {}.", names.join(", "));
    (!names.is_empty()).then(|| Block::Paragraph(document::prose(&sentence)))
}

fn of_report(judged: &Judged, judgement: &Judgement) -> Option<Report> {
    Some(judged.results.study(judgement.study)?.study.report)
}

fn link(name: &str, title: &str, links: Links) -> Span {
    let target = match links {
        Links::Pages => format!("{name}/README.md"),
        Links::Anchors => format!("#{}", anchor(title)),
    };
    Span::Link { text: name.to_owned(), target }
}

fn entry(study: &StudyResults, links: Links) -> Line {
    let [done, planned] = study.progress();
    let (name, title) = (&study.study.name, &study.study.title);
    let mut line = vec![link(name, title, links), Span::Text(format!(": {title}. "))];
    if done < planned {
        line.push(Span::Strong(format!("Incomplete: {done} of {planned} trainings are done.")));
    } else {
        line.push(Span::Text(format!("{done} trainings.")));
    }
    line
}

fn section(judged: &Judged, links: Links, title: &str, belongs: impl Fn(&Judgement) -> bool) -> Blocks {
    let chosen: Vec<Judgement> = judged.judgements.iter().filter(|judgement| belongs(judgement)).cloned().collect();
    if chosen.is_empty() {
        return Vec::new();
    }
    let link = |judgement: &Judgement| match judged.results.study(judgement.study) {
        Some(study) => link(judgement.study, &study.study.title, links),
        None => Span::Text(judgement.study.to_owned()),
    };
    vec![Block::Heading(2, title.to_owned()), Block::List(judged_claims(&chosen, Some(&link)))]
}
