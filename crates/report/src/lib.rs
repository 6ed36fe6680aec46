#![doc = include_str!("../README.md")]
//!
//! # Contents
//! | file | holds |
//! |---|---|
//! | `README.md` | published values, claims and questions of all studies, each with its verdict |
//! | `values-*.svg` | every published value against ours |
//! | `judgements.json` | every test behind those verdicts, in numbers |
//! | `ro-crate-metadata.json` | the results described as an RO-Crate |
//! | `index.html` | the same and every study, in one self-contained page |
//! | `STUDY/README.md` | one study |
//! | `STUDY/figure-PROTOCOL.svg` | its figure |
//! | `STUDY/summary.json` | everything measured, in flat rows |
//! | `models/README.md`, `models/MODEL-reliability.svg` | the shipped models |
//!
//! A study without trials has no page. The same journals always give the same bytes.

mod costs;
mod document;
mod figure;
mod foreign;
mod front;
mod html;
mod judgements;
mod ladder;
mod models;
mod overview;
mod readme;
mod reproduction;
mod ro_crate;
mod study_page;
mod summary;
mod value_table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use metrics::Accuracy;

pub use figure::Figure;
pub use foreign::foreign;
pub use models::FOLDER as MODELS_FOLDER;
pub use readme::with_results;
pub use study_page::duration;

use study::declaration::{ProtocolName, Study};
use study::judge::{Judged, PyTorchRound, PyTorchRounds, Results, StudyResults, ValueVerdict};
use study::run::read;

/// The journal of the rounds trained in PyTorch, in the results folder.
const PYTORCH: &str = "pytorch/journal.jsonl";
/// Largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// The protocols in page order.
const PROTOCOLS: [ProtocolName; 2] = [ProtocolName::Fixed, ProtocolName::Redrawn];

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Path relative to the results folder.
    pub path: PathBuf,
    /// The file's contents.
    pub contents: String,
}

/// Reads the journals of `studies` below `folder` and the result files that they quote.
///
/// # Errors
/// If a journal or file cannot be read.
pub fn load(studies: Vec<Study>, folder: &Path) -> Result<Results> {
    let load = |study: Study| {
        let trials = read(&folder.join(&study.name))?;
        Ok(StudyResults::new(study, trials))
    };
    let mut quoted = BTreeMap::new();
    for file in studies.iter().flat_map(|study| &study.quoted).filter_map(|quoted| quoted.file.clone()) {
        if let Some(rows) = rows_of(&folder.join(&file))? {
            quoted.insert(file, rows);
        }
    }
    let (models, pytorch) = (models::load(folder)?, pytorch_rounds(&folder.join(PYTORCH))?);
    Ok(Results { studies: studies.into_iter().map(load).collect::<Result<_>>()?, quoted, pytorch, models })
}

/// The rounds that `bench/reproduction.py` trained; none without its journal.
fn pytorch_rounds(path: &Path) -> Result<PyTorchRounds> {
    let line = |(number, line): (usize, &str)| -> Result<PyTorchRound> {
        let context = || format!("{}, line {}, is no round", path.display(), number + 1);
        let round: PyTorchRound = serde_json::from_str(line).with_context(context)?;
        let Accuracy { right, all } = round.learned_head;
        if !round.learned_head.is_possible() {
            return Err(anyhow!("it has {right} right answers of {all}")).with_context(context);
        }
        Ok(round)
    };
    text_of(path)?.unwrap_or_default().lines().enumerate().map(line).collect()
}

/// The rows of a result file; `None` if the file does not exist yet.
fn rows_of(path: &Path) -> Result<Option<serde_json::Value>> {
    let rows = |text: String| serde_json::from_str(&text).with_context(|| format!("{} holds no rows", path.display()));
    text_of(path)?.map(rows).transpose()
}

/// A file's text; `None` if the file does not exist.
fn text_of(path: &Path) -> Result<Option<String>> {
    match files::read_text(path, MAX_FILE_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Every generated file; empty without any trials.
///
/// # Errors
/// If a number cannot be written as JSON.
pub fn pages(results: &Results) -> Result<Vec<Page>> {
    let judged = Judged::new(results);
    let mut pages = Vec::new();
    for study in results.studies.iter().filter(|study| study.progress()[0] > 0) {
        let folder = PathBuf::from(&study.study.name);
        let mut add = |name: &str, contents| pages.push(Page { path: folder.join(name), contents });
        for protocol in PROTOCOLS {
            if let Some(figure) = Figure::of_study(results, study, protocol) {
                add(&figure_file(protocol), figure.file());
            }
        }
        add("README.md", document::markdown(&study_page::blocks(&judged, study, 1)));
        add("summary.json", summary::json(&judged, study)?);
    }
    pages.extend(models::pages(&results.models));
    if !pages.is_empty() {
        pages.extend(overview::pages(&judged));
        pages.push(Page { path: judgements::FILE.into(), contents: judgements::json(&judged)? });
        let metadata = ro_crate::page(results, &pages)?;
        pages.push(metadata);
    }
    Ok(pages)
}

/// Writes the pages that changed below `folder`.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(pages: &[Page], folder: &Path) -> Result<()> {
    for page in pages.iter().filter(|page| is_stale(page, folder)) {
        files::write_derived(&folder.join(&page.path), &page.contents)?;
    }
    for path in leftovers(pages, folder) {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// The files below `folder` that differ from `pages`: changed, missing, or left over from an earlier report.
pub fn stale(pages: &[Page], folder: &Path) -> Vec<PathBuf> {
    let changed = pages.iter().filter(|page| is_stale(page, folder)).map(|page| folder.join(&page.path));
    changed.chain(leftovers(pages, folder)).collect()
}

fn is_stale(page: &Page, folder: &Path) -> bool {
    let found = files::read(&folder.join(&page.path), page.contents.len() as u64);
    !found.is_ok_and(|found| found == page.contents.as_bytes())
}

/// Figures in folders with pages that no page shows.
fn leftovers(pages: &[Page], folder: &Path) -> Vec<PathBuf> {
    let mut figures = Vec::new();
    for page in pages.iter().filter(|page| page.path.ends_with("summary.json")) {
        let study = page.path.parent().unwrap_or(Path::new(""));
        let known = PROTOCOLS.map(|protocol| study.join(figure_file(protocol)));
        let generated = |path: &PathBuf| pages.iter().any(|page| page.path == *path);
        figures.extend(known.into_iter().filter(|path| !generated(path)).map(|path| folder.join(path)));
    }
    figures.retain(|path| foreign::is_figure(path));
    figures
}

/// The published values that ours differ from and no other reading is tested for: their study and cell.
pub fn unexplained<'a>(judged: &Judged<'a>) -> Vec<[&'a str; 2]> {
    let values = judged.values(ProtocolName::Fixed).iter();
    let untested = values.filter(|value| value.verdict == ValueVerdict::Different && judged.tested(value).is_empty());
    untested.map(|value| [value.places[0].study.name.as_str(), value.places[0].cell]).collect()
}

fn figure_file(protocol: ProtocolName) -> String {
    format!("figure-{protocol}.svg")
}
