//! Every sentence of both reports that makes an empirical claim is judged by a study, or says why none can.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use study::declaration::{COVERAGE, Report, Study};

/// What judges the sentences of one report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    sentences: usize,
    checksum: String,
    others: Vec<(usize, String)>,
    claims: Vec<Sentence>,
}

/// A sentence that makes an empirical claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    number: usize,
    checksum: String,
    #[serde(default)]
    judged_by: Vec<String>,
    reason: Option<String>,
}

fn experiments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments")
}

fn coverage() -> BTreeMap<String, Sentences> {
    let text = std::fs::read_to_string(experiments().join(COVERAGE).with_extension("toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn studies() -> Vec<Study> {
    study::declaration::read_all(&experiments()).unwrap()
}

#[test]
fn every_sentence_of_both_reports_stands_there_once() {
    for (report, of) in coverage() {
        let claims = of.claims.iter().map(|sentence| (sentence.number, &sentence.checksum));
        let all: Vec<(usize, &String)> = claims.chain(of.others.iter().map(|(number, sum)| (*number, sum))).collect();
        let by_number: BTreeMap<usize, &String> = all.iter().copied().collect();
        let numbers: Vec<usize> = by_number.keys().copied().collect();
        assert_eq!((all.len(), &numbers), (of.sentences, &(1..=of.sentences).collect()), "report {report}");
        let lines: Vec<&str> = by_number.values().map(|sum| sum.as_str()).collect();
        assert_eq!(files::sha256(lines.join("\n").as_bytes()), of.checksum, "report {report}");
    }
}

#[test]
fn every_claim_is_judged_by_a_study_or_says_why_not() {
    let studies = studies();
    let claims: BTreeSet<&str> =
        studies.iter().flat_map(|study| &study.claims).map(|claim| claim.id.as_str()).collect();
    for (report, of) in coverage() {
        let figures = figures(&studies, &report);
        for Sentence { number, judged_by, reason, .. } in &of.claims {
            assert_eq!(reason.is_some(), judged_by.is_empty(), "report {report}, sentence {number}");
            for judge in judged_by {
                let known = match judge.strip_prefix("values ") {
                    Some(figure) => figures.contains(figure),
                    None => claims.contains(judge.as_str()),
                };
                assert!(known, "report {report}, sentence {number}: there is no {judge}");
            }
        }
    }
}

#[test]
fn every_claim_of_a_study_stands_in_a_sentence_and_so_does_every_figure() {
    let (studies, coverage) = (studies(), coverage());
    for (report, of) in &coverage {
        let judges: BTreeSet<&str> =
            of.claims.iter().flat_map(|sentence| &sentence.judged_by).map(String::as_str).collect();
        for study in studies.iter().filter(|study| format!("{:?}", study.report) == *report) {
            for claim in study.claims.iter().filter(|claim| claim.kind == study::declaration::ClaimKind::Claim) {
                let said = claim.repeats.is_some() || judges.contains(claim.id.as_str());
                assert!(said, "no sentence of report {report} says {}", claim.id);
            }
        }
        for figure in figures(&studies, report) {
            assert!(
                judges.contains(format!("values {figure}").as_str()),
                "report {report}: no sentence about {figure}"
            );
        }
    }
}

/// The figures and tables whose values are judged.
fn figures(studies: &[Study], report: &str) -> BTreeSet<String> {
    let of = studies.iter().filter(|study| study.report != Report::Own && format!("{:?}", study.report) == report);
    let published = |study: &&Study| study.cells.iter().any(|cell| cell.published.is_some());
    of.filter(published)
        .flat_map(|study| {
            let further = study.also_published.iter().map(|further| further.place.clone());
            study.figure.clone().into_iter().chain(further)
        })
        .collect()
}
