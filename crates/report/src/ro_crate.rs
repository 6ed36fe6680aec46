//! `ro-crate-metadata.json`: the results as an RO-Crate 1.1, which archives and search engines read.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Page;
use study::judge::Results;
use study::run::JOURNAL_FILE;

/// The file's name, which the form prescribes.
pub(super) const FILE: &str = "ro-crate-metadata.json";
/// The day these results are of; `CITATION.cff` says the same.
const DATE: &str = "2026-11-26";
/// What the results are called.
pub(super) const TITLE: &str =
    "Every experiment of two course reports on weight sharing and auxiliary losses, trained again and judged";
const DESCRIPTION: &str = "\
Journals of every training, verdicts on every published value and claim, figures, and measurements of the shipped networks. \
Task: from two MNIST digits at 14x14 pixels, say whether the first is less than or equal to the second.";
const LICENCES: [[&str; 2]; 2] =
    [["https://spdx.org/licenses/MIT", "MIT"], ["https://spdx.org/licenses/Apache-2.0", "Apache-2.0"]];

/// The metadata of `pages` and of the journals that they come from.
///
/// # Errors
/// If it cannot be written as JSON.
pub(super) fn page(results: &Results, pages: &[Page]) -> Result<Page> {
    let mut files: Vec<Value> = pages.iter().map(|page| file(&page.path, about(&page.path))).collect();
    let studies: Vec<&str> = trained(results).collect();
    for study in &studies {
        files.push(file(&Path::new(study).join(JOURNAL_FILE), "One line of JSON for each training"));
    }
    if results.pytorch.count() > 0 {
        files.push(file(Path::new(super::PYTORCH), "One line of JSON for each round trained in PyTorch"));
    }
    let parts: Vec<Value> = files.iter().map(|file| json!({ "@id": file["@id"] })).collect();
    let mut graph = vec![descriptor(), root(&parts), action(&parts)];
    graph.extend(makers());
    graph.extend(works());
    graph.extend(LICENCES.map(|[id, name]| json!({ "@id": id, "@type": "CreativeWork", "name": name })));
    graph.extend(files);
    let document = json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph });
    Ok(Page { path: FILE.into(), contents: serde_json::to_string_pretty(&document)? + "\n" })
}

fn trained(results: &Results) -> impl Iterator<Item = &str> {
    let trained = results.studies.iter().filter(|study| study.progress()[0] > 0);
    trained.map(|study| study.study.name.as_str())
}

fn descriptor() -> Value {
    json!({
        "@id": FILE,
        "@type": "CreativeWork",
        "conformsTo": { "@id": "https://w3id.org/ro/crate/1.1" },
        "about": { "@id": "./" },
    })
}

fn root(parts: &[Value]) -> Value {
    let licences = LICENCES.map(|[id, _]| json!({ "@id": id }));
    json!({
        "@id": "./",
        "@type": "Dataset",
        "name": TITLE,
        "description": DESCRIPTION,
        "datePublished": DATE,
        "license": licences,
        "creator": { "@id": "#developers" },
        "citation": [{ "@id": "#report-a" }, { "@id": "#report-b" }],
        "isBasedOn": { "@id": "#mnist" },
        "mentions": { "@id": "#training" },
        "hasPart": parts,
    })
}

fn makers() -> [Value; 2] {
    [
        json!({ "@id": "#developers", "@type": "Organization", "name": "The leq developers" }),
        json!({
            "@id": "#trainer",
            "@type": "SoftwareApplication",
            "name": "trainer",
            "softwareVersion": env!("CARGO_PKG_VERSION"),
        }),
    ]
}

/// How the files came about.
fn action(parts: &[Value]) -> Value {
    json!({
        "@id": "#training",
        "@type": "CreateAction",
        "name": "trainer study run all, then trainer study report all",
        "instrument": { "@id": "#trainer" },
        "object": { "@id": "#mnist" },
        "result": parts,
    })
}

/// What the results are about and come from.
fn works() -> [Value; 3] {
    let report = |id: &str, name: &str, author: &str, code: &str| json!({ "@id": id, "@type": "ScholarlyArticle", "name": name, "author": author, "publisher": "EPFL", "isBasedOn": code });
    [
        report(
            "#report-a",
            "Deep Learning Project1 Report",
            "Chenkai Wang, Siran Li, Shijian Xu",
            "https://github.com/Siran-Li/deep-learning",
        ),
        report(
            "#report-b",
            "EE-559 Deep Learning, project 1 report: classification, weight sharing, auxiliary losses",
            "Samuel Dubuis, Yann Gabbud, Vincent Gürtler",
            "https://github.com/samdubuis/ee559-deeplearning",
        ),
        json!({
            "@id": "#mnist",
            "@type": "Dataset",
            "name": "The MNIST database of handwritten digits",
            "author": "Yann LeCun, Corinna Cortes, Christopher J. C. Burges",
        }),
    ]
}

fn file(path: &Path, about: &str) -> Value {
    let form = match path.extension().and_then(|ending| ending.to_str()) {
        Some("md") => "text/markdown",
        Some("html") => "text/html",
        Some("svg") => "image/svg+xml",
        Some("jsonl") => "application/jsonl",
        _ => "application/json",
    };
    json!({ "@id": address(path), "@type": "File", "name": about, "encodingFormat": form })
}

/// A path from the results folder, as part of an address.
fn address(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn about(path: &Path) -> &'static str {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_all = path.parent().is_none_or(|parent| parent.as_os_str().is_empty());
    match (&*name, of_all) {
        ("index.html", _) => "Every study in one page",
        ("judgements.json", _) => "Every test behind a verdict, in numbers",
        ("README.md", true) => "Published values, claims and questions of all studies, each with its verdict",
        ("README.md", false) => "One study, or the shipped networks",
        ("summary.json", _) => "Everything measured in a study, in flat rows",
        ("values.svg", _) => "Every published value against ours",
        ("architectures.svg", _) => "Published against ours, by architecture",
        (name, _) if name.ends_with("-reliability.svg") => "Reliability diagram of a shipped network",
        _ => "A study's figure",
    }
}
