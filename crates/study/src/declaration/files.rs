//! Reading `experiments/*.toml`.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::cell::Cell;
use super::claim::CellRef;
use super::protocol::ProtocolName;
use super::published::Published;
use super::study_file::{Declaration, FigureKind, Study};
use crate::experiment::{Experiments, SettingError, explain};
use crate::suggestion::Unknown;

/// Rounds of a cell, at most: all trials of a study are listed before the first is run.
pub const MOST_ROUNDS: u64 = 100_000;
/// Largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 24;

/// The study that stands first in every list; the others follow by name.
const FIRST: &str = "headline";
/// The name of the one file beside the studies that is none: what judges each sentence of both reports.
pub const COVERAGE: &str = "coverage";

/// Every study declared in `folder`, the headline first, then by name.
///
/// # Errors
/// A folder without studies, and the first file that is no study: with its line and, for a misspelt key, the key that was
/// most likely meant.
pub fn read_all(folder: &Path) -> Result<Vec<Study>> {
    let context = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        paths.push(entry.with_context(context)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.retain(|path| path.file_stem().is_some_and(|stem| stem != COVERAGE));
    paths.sort_by_key(|path| (path.file_stem().is_none_or(|stem| stem != FIRST), path.clone()));
    if paths.is_empty() {
        bail!("{} holds no study: no file there ends in .toml", folder.display());
    }
    let studies = paths.iter().map(|path| read_file(path)).collect::<Result<Vec<_>>>()?;
    let mut claims = BTreeSet::new();
    for study in &studies {
        for claim in &study.claims {
            if !claims.insert(&claim.id) {
                bail!("{}: another study has a claim `{}` too; claims need names of their own", study.name, claim.id);
            }
        }
    }
    for study in &studies {
        let context = || format!("{}.toml", study.name);
        study.check_references(&studies).with_context(context)?;
        let mut said_elsewhere = study.claims.iter().filter_map(|claim| claim.repeats.as_ref());
        if let Some(first) = said_elsewhere.find(|first| !claims.contains(first)) {
            return Err(Unknown::new("claim", first, claims.iter().map(|id| id.as_str()))).with_context(context);
        }
    }
    Ok(studies)
}

/// The study declared in one file.
///
/// # Errors
/// As [`read_all`].
pub fn read_file(path: &Path) -> Result<Study> {
    let text = files::read_text(path, MAX_FILE_BYTES).with_context(|| format!("cannot read {}", path.display()))?;
    let in_its_line =
        |refusal: &SettingError| anyhow::anyhow!("{}: line {}: {refusal}", path.display(), refusal.line(&text));
    let declaration: Declaration = toml::from_str(&text).map_err(|error: toml::de::Error| {
        in_its_line(&explain(error.message()).at(error.span().map_or(0, |span| span.start)))
    })?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if declaration.name != stem {
        bail!("{}: its name is `{}`, but it must be that of the file, `{stem}`", path.display(), declaration.name);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let study = declaration.resolve(&Experiments::in_folder(folder), folder).map_err(|error| {
        let refusal = error.downcast_ref::<SettingError>().map(in_its_line);
        refusal.unwrap_or_else(|| error.context(path.display().to_string()))
    })?;
    study.check().with_context(|| path.display().to_string())?;
    Ok(study)
}

/// The study called `name`.
///
/// # Errors
/// When there is none, with the name that was most likely meant.
pub fn named<'a>(studies: &'a [Study], name: &str) -> Result<&'a Study, Unknown> {
    let known = studies.iter().map(|study| study.name.as_str());
    studies.iter().find(|study| study.name == name).ok_or_else(|| Unknown::new("study", name, known))
}

impl Study {
    /// Checks what the file's form does not tell.
    fn check(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        for cell in &self.cells {
            if !names.insert(cell.name.as_str()) {
                bail!("there are two cells called `{}`", cell.name);
            }
            self.check_cell(cell).with_context(|| format!("cell `{}`", cell.name))?;
        }
        if names.is_empty() {
            bail!("it has no cells");
        }
        self.check_effects()?;
        self.check_numbers()?;
        let is_fixed = self.cells.iter().any(|cell| cell.protocols.contains(&ProtocolName::Fixed));
        match (is_fixed, self.data_seed) {
            (true, None) => bail!("it has no data_seed, which the protocol `fixed` draws its pairs with"),
            (false, Some(_)) => bail!("data_seed is for the protocol `fixed`, which no cell has"),
            _ => Ok(()),
        }
    }

    fn check_cell(&self, cell: &Cell) -> Result<()> {
        if !(1..=MOST_ROUNDS).contains(&cell.rounds) {
            bail!("rounds is {}, but it must be 1 to {MOST_ROUNDS}", cell.rounds);
        }
        if cell.protocols.is_empty() {
            bail!("protocols is empty; name `fixed`, `redrawn`, or both");
        }
        match (self.kind, cell.x) {
            (FigureKind::Box, Some(_)) => {
                bail!("it has an x, but its study's figure is of the kind `box`, which puts cells side by side")
            }
            (FigureKind::Front, Some(_)) => {
                bail!(
                    "it has an x, but its study's figure is of the kind `front`, which puts cells where their costs are"
                )
            }
            (FigureKind::Curve, None) => bail!("it has no x, which a curve needs"),
            (_, Some(x)) if !x.is_finite() => bail!("x is {x}, but it must be a finite number"),
            _ => {}
        }
        if !cell.reading.is_judged_in(self.scope) {
            let reading = cell.reading.name();
            bail!("the networks of this study are not judged by the reading `{reading}`, see `scope`");
        }
        cell.check_seeds()?;
        for &protocol in &cell.protocols {
            cell.config(protocol, cell.seeds_from).check()?;
        }
        cell.published.map_or(Ok(()), |published| published.check("mean")).context("published")
    }

    /// Checks the numbers of claims and of further published values.
    fn check_numbers(&self) -> Result<()> {
        for claim in &self.claims {
            if let Some((key, number)) = claim.test.number().filter(|(_, number)| !number.is_finite()) {
                bail!("claim `{}`: {key} is {number}, but it must be a finite number", claim.id);
            }
        }
        for further in &self.also_published {
            further.published().check("value").with_context(|| format!("also published in {}", further.place))?;
        }
        Ok(())
    }

    /// Refuses keys that would have no effect.
    fn check_effects(&self) -> Result<()> {
        let has_numeric_label = self.cells.iter().any(|cell| cell.label.parse::<f64>().is_ok());
        if self.kind == FigureKind::Box && self.x_label.is_some() && !has_numeric_label {
            bail!("x_label has no effect: the figure is of the kind `box`, and no label is a number");
        }
        if self.kind == FigureKind::Front && self.x_label.is_some() {
            bail!("x_label has no effect: the figure is of the kind `front`, which shows costs");
        }
        for cell in &self.cells {
            let is_contradicted = |published: &Published| {
                published.rounds_unknown && (published.rounds.is_some() || published.standard_deviation.is_some())
            };
            if cell.published.as_ref().is_some_and(is_contradicted) {
                bail!(
                    "cell `{}`: published.rounds_unknown contradicts published.rounds and published.standard_deviation",
                    cell.name
                );
            }
        }
        Ok(())
    }

    /// Checks that the cells and series that claims and explanations name exist.
    fn check_references(&self, studies: &[Self]) -> Result<()> {
        for claim in &self.claims {
            let context = || format!("claim `{}`", claim.id);
            for reference in claim.test.cells() {
                self.check_reference(reference, studies).with_context(context)?;
            }
            for series in claim.test.series() {
                let known: BTreeSet<&str> = self.cells.iter().map(|cell| cell.series.as_str()).collect();
                if !known.contains(series) {
                    return Err(Unknown::new("series", series, known)).with_context(context);
                }
            }
        }
        for rung in &self.rungs {
            self.check_reference(&rung.cell, studies).with_context(|| format!("rung `{}`", rung.words))?;
        }
        for quoted in &self.quoted {
            let context = || format!("quoted `{}`", quoted.what);
            match (&quoted.cell, &quoted.file, &quoted.row) {
                (Some(cell), None, None) => self.check_reference(cell, studies).with_context(context)?,
                (None, Some(_), Some(_)) => {}
                _ => return Err(anyhow::anyhow!("it needs either a cell, or a file and a row")).with_context(context),
            }
        }
        for further in &self.also_published {
            let context = || format!("also published in {}", further.place);
            self.check_reference(&further.cell, studies).with_context(context)?;
        }
        for explanation in &self.explanations {
            let context = || format!("explanation of `{}`", explanation.of);
            self.cell(&explanation.of).with_context(context)?;
            self.check_reference(&explanation.by, studies).with_context(context)?;
        }
        Ok(())
    }

    fn check_reference(&self, reference: &CellRef, studies: &[Self]) -> Result<(), Unknown> {
        let study = match &reference.study {
            Some(name) => named(studies, name)?,
            None => self,
        };
        study.cell(&reference.cell).map(|_| ())
    }

    /// The cell called `name`.
    ///
    /// # Errors
    /// When there is none, with the name that was most likely meant.
    pub fn cell(&self, name: &str) -> Result<&Cell, Unknown> {
        let known = self.cells.iter().map(|cell| cell.name.as_str());
        self.cells.iter().find(|cell| cell.name == name).ok_or_else(|| Unknown::new("cell", name, known))
    }
}
