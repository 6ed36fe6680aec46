//! `trainer study report`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use report::Page;
use study::declaration::ClaimKind;
use study::judge::{Judged, Results as AllResults};

use super::super::{Stale, Usage};
use super::{Declared, Results};
use crate::say::say;

/// Largest README that is read, in bytes.
const MAX_README_BYTES: u64 = 1 << 24;

/// Arguments of `trainer study report`.
#[derive(Debug, Args)]
pub struct ReportCommand {
    /// Names of studies, or `all`; the pages over all studies are always written
    #[arg(default_value = "all", value_name = "NAME")]
    names: Vec<String>,
    /// Write nothing; list files that differ from the journals and fail with exit code 1
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    results: Results,
}

impl ReportCommand {
    /// Writes or checks the pages, and prints a summary.
    pub fn run(self) -> Result<()> {
        let folder = &self.results.out;
        let results = report::load(self.declared.read()?, folder)?;
        let mut pages = self.selected(report::pages(&results)?)?;
        pages.extend(readme(&results, folder)?);
        if self.check {
            return match report::stale(&pages, folder).as_slice() {
                [] => Ok(()),
                stale => Err(Stale(stale.iter().map(|path| path.display().to_string()).collect()).into()),
            };
        }
        if let Some(path) = report::foreign(&pages, folder) {
            let what = "is no page of this command, and reporting would replace it; move it, or name another --out";
            return Err(Usage(format!("{} {what}", path.display())).into());
        }
        report::write(&pages, folder)?;
        say!("{} files below {} match the journals", pages.len(), folder.display());
        say_unjudged(&results);
        Ok(())
    }

    /// The pages of the studies asked for, and those over all studies.
    fn selected(&self, mut pages: Vec<Page>) -> Result<Vec<Page>> {
        let studies = self.declared.select(&self.names)?;
        let of = |page: &Page| page.path.parent().map(Path::to_path_buf).unwrap_or_default();
        pages.retain(|page| {
            let folder = of(page);
            let over_all_studies = [PathBuf::new(), PathBuf::from(report::MODELS_FOLDER)].contains(&folder);
            over_all_studies || studies.iter().any(|study| folder == Path::new(&study.name))
        });
        Ok(pages)
    }
}

/// The README beside the results folder with the results between its marks, if it has marks.
fn readme(results: &AllResults, folder: &Path) -> Result<Option<Page>> {
    let path = PathBuf::from("../README.md");
    let file = folder.join(&path);
    let current = match files::read_text(&file, MAX_README_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    Ok(report::with_results(results, &current).map(|contents| Page { path, contents }))
}

/// Lists claims without a verdict and differences without a tested explanation.
fn say_unjudged(results: &AllResults) {
    let judged = Judged::new(results);
    for [study, cell] in report::unexplained(&judged) {
        say!("{study}: {cell} differs from the published value, and no other reading is tested");
    }
    for judgement in &judged.judgements {
        if judgement.claim.kind != ClaimKind::Question && judgement.needs_trials() {
            say!("{}: {} cannot be judged yet: {}", judgement.study, judgement.claim.id, judgement.sentence);
        }
    }
}
