//! The pages of shipped models: a table, and a reliability diagram for each.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Page;
use super::document::{Block, Column, Line, Span, Table, markdown};
use super::figure::reliability;
use super::study_page::text;
use study::model::{ModelFigure, Models};

/// The folder of the models' measurements in the results folder.
pub const FOLDER: &str = "models";
/// The figures that the table shows, and their titles.
const COLUMNS: [(&str, &str); 9] = [
    ("pairs_1000", "test pairs, %"),
    ("pairs_5000", "disjoint test pairs, mean of permutations, %"),
    ("all_pairs", "all ordered pairs of test digits, %"),
    ("digits", "test digits, %"),
    ("ece", "calibration error, points"),
    ("unsure", "not sure, %"),
    ("pairs_5000_sure", "accuracy where sure, %"),
    ("digits_called_no_digit", "test digits called no digit, %"),
    ("non_digits_sure", "non-digits answered at least 95 % sure, %"),
];

/// Reads the measurements below the results folder.
///
/// # Errors
/// If a file cannot be read or holds no rows.
pub(super) fn load(results: &Path) -> Result<Models> {
    let folder = results.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Models::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read the folder {}", folder.display())),
    };
    let mut models = Models::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let bytes =
                files::read(&path, super::MAX_FILE_BYTES).with_context(|| format!("cannot read {}", path.display()))?;
            let rows = serde_json::from_slice(&bytes).with_context(|| format!("{} holds no rows", path.display()))?;
            models.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), rows);
        }
    }
    Ok(models)
}

/// The pages; empty without models.
pub(super) fn pages(models: &Models) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut blocks = vec![
        Block::Heading(1, "The shipped models".to_owned()),
        Block::Paragraph(text(
            "The command that exports a model measures it. The card in models/ shows confidence intervals, results on \
             transformed digits and how to rebuild the model.",
        )),
        Block::Table(table(models)),
    ];
    for (name, rows) in models {
        let Some(row) = rows.iter().find(|row| !row.bins.is_empty()) else { continue };
        let file = format!("{name}-reliability.svg");
        blocks.push(Block::Heading(2, format!("Reliability of {name}")));
        blocks
            .push(Block::Paragraph(vec![Span::Image { words: format!("Reliability of {name}"), file: file.clone() }]));
        pages.push(Page { path: PathBuf::from(FOLDER).join(file), contents: reliability(name, &row.bins) });
    }
    if !models.is_empty() {
        pages.push(Page { path: PathBuf::from(FOLDER).join("README.md"), contents: markdown(&blocks) });
    }
    pages
}

fn table(models: &Models) -> Table {
    let mut columns = vec![Column::words("model")];
    columns.extend(COLUMNS.map(|(_, title)| Column::numbers(title)));
    let figure = |rows: &[ModelFigure], what: &str| {
        let row = rows.iter().find(|row| row.what == what);
        text(row.map_or(String::new(), |row| format!("{:.2}", row.value)))
    };
    let row = |(name, rows): (&String, &Vec<ModelFigure>)| -> Vec<Line> {
        let link = Span::Link { text: name.clone(), target: format!("../../models/{name}.md") };
        std::iter::once(vec![link]).chain(COLUMNS.map(|(what, _)| figure(rows, what))).collect()
    };
    Table { columns, rows: models.iter().map(row).collect() }
}
