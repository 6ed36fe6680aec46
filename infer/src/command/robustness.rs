//! `infer robustness`: accuracy on test digits transformed to resemble drawings and photos.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use digits::scene::Stage;
use metrics::Accuracy;
use serde::{Deserialize, Serialize};

use super::ModelChoice;
use super::options::MOST_THREADS;
use super::places;
use crate::exit::{self, Exit};
use crate::terminal::note;
use infer::robustness::{measure, transformations};
use infer::test_pairs;

mod scenes;

use scenes::{MeasuredScene, Sheet};

/// What is to be measured.
#[derive(Debug, Args)]
pub struct Robustness {
    /// Read this folder of MNIST's four IDX files, packed or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Pairs per transformation, at most 5,000; fewer for very large pictures
    #[arg(long, value_name = "N", default_value = "5000", value_parser = clap::value_parser!(u16).range(1..=5000))]
    pairs: u16,

    /// Only transformations with this name prefix, for example rotation
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// Pairs of each scene, photographs of paper; 0 leaves them out
    #[arg(long, value_name = "N", default_value = "250", value_parser = clap::value_parser!(u16).range(0..=5000))]
    scenes: u16,

    /// Draw scenes with the parameters for development, from training digits
    #[arg(long)]
    development: bool,

    /// Compare with the raw.json of an earlier run
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,

    /// Write summary.json, raw.json and README.md to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Threads for drawing and preparation [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: Option<u16>,

    #[command(flatten)]
    model: ModelChoice,
}

/// One transformation's figures, as `raw.json` keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TransformationResult {
    name: String,
    /// Right answers.
    pairs: Accuracy,
    /// Right answers for the same pairs untransformed.
    clean: Accuracy,
    /// Digits in which no ink was found.
    unread: u64,
    /// Allowed loss of accuracy in points.
    allowed: f64,
}

impl TransformationResult {
    /// Accuracy in percent.
    fn percent(&self) -> f64 {
        100.0 * self.pairs.value()
    }

    /// Points of accuracy lost.
    fn lost(&self) -> f64 {
        100.0 * self.clean.value() - self.percent()
    }
}

/// A row of `summary.json`.
#[derive(Debug, Serialize)]
struct RobustnessRow {
    what: String,
    value: f64,
    unit: &'static str,
    n: usize,
    #[serde(rename = "deviation")]
    standard_deviation: f64,
    interval: [f64; 2],
    /// Points lost against clean digits.
    drop: f64,
    /// Allowed loss in points.
    allowed: f64,
    /// Earlier accuracy in percent, points lost and number of pairs.
    before: Option<f64>,
    drop_before: Option<f64>,
    n_before: Option<usize>,
    /// Digits in which no ink was found.
    unread: u64,
    protocol: &'static str,
    command: String,
}

const PROTOCOL: &str = "disjoint pairs of MNIST's test split, each digit drawn, prepared and compared";

/// Measures and reports; exit code 1 if a transformation loses more than allowed.
pub fn command(request: &Robustness) -> Exit {
    let fault = |error: &dyn std::fmt::Display| exit::complain(Exit::CannotWork, error);
    if let Err(exit) = request.check() {
        return exit;
    }
    let mnist = match test_pairs::load(request.data.as_deref()) {
        Ok(mnist) => mnist,
        Err(error) => return fault(&error),
    };
    if request.development && mnist.training.images.is_empty() {
        return fault(&"--development draws training digits, and the training split is missing");
    }
    let before = match request.before.as_deref().map(read).transpose() {
        Ok(before) => before.unwrap_or_default(),
        Err(error) => return fault(&error),
    };
    let (model, mut engine) = match request.model.open_one(1) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let threads = request.threads.map_or_else(super::cores, usize::from);
    let mut measured = Vec::new();
    let mut clean = None;
    let chosen =
        |name: &str| name == "clean" || request.only.as_ref().is_none_or(|only| name.starts_with(only.as_str()));
    for transformation in transformations().iter().filter(|transformation| chosen(&transformation.name)) {
        match measure(&mnist.test, transformation, request.pairs.into(), threads, engine.as_mut()) {
            Ok(answers) => {
                let count = answers.right.len();
                let clean = clean.get_or_insert_with(|| answers.clone());
                let result = TransformationResult {
                    name: transformation.name.clone(),
                    pairs: answers.accuracy(count),
                    clean: clean.accuracy(count),
                    unread: answers.unread,
                    allowed: transformation.allowed,
                };
                note(&format_args!("{}: {}, {:.2} points lost", result.name, result.pairs, result.lost()));
                measured.push(result);
            }
            Err(error) => return fault(&error),
        }
    }
    let (stage, split) = match request.development {
        true => (Stage::Development, &mnist.training),
        false => (Stage::Test, &mnist.test),
    };
    let only = request.only.as_deref();
    let scenes = match request.scenes {
        0 => Ok((Vec::new(), Sheet::default())),
        pairs => scenes::measure(split, stage, (pairs.into(), threads), only, engine.as_mut()),
    };
    let (scenes, sheet) = match scenes {
        Ok(measured) => measured,
        Err(error) => return fault(&error),
    };
    let rows = rows(&measured, &before, &command_line(request));
    let mut page = page(&rows, &model.name, request.before.is_some());
    page += &scenes::table(&scenes, &sheet, if request.development { "development" } else { "test" });
    if let Some(folder) = &request.out
        && let Err(error) = write(folder, &rows, &measured, &page).and_then(|()| write_scenes(folder, &scenes, &sheet))
    {
        return fault(&format_args!("{}: cannot be written: {error}", folder.display()));
    }
    let printed = exit::print(&page);
    let mut beyond: Vec<&str> = rows.iter().filter(|row| row.drop > row.allowed).map(|row| row.what.as_str()).collect();
    beyond.extend(scenes.iter().filter(|scene| scene.is_short()).map(|scene| scene.name.as_str()));
    match beyond.as_slice() {
        [] => printed,
        beyond => {
            let what = format_args!("more accuracy lost than allowed by {}", beyond.join(", "));
            exit::complain(Exit::SomeInputsFailed, &what)
        }
    }
}

impl Robustness {
    /// Refuses a name that begins nothing, and outputs that are inputs or cannot be written.
    fn check(&self) -> Result<(), Exit> {
        if let Some(only) = self.only.as_deref().filter(|only| !scenes::names().any(|name| name.starts_with(only))) {
            let mut kinds: Vec<String> = transformations().into_iter().map(|known| known.name).collect();
            if !kinds.iter().any(|name| name.starts_with(only)) {
                kinds.iter_mut().for_each(|name| name.truncate(name.find('/').unwrap_or(name.len())));
                kinds.dedup();
                let what =
                    format_args!("--only {only:?} begins no transformation; there are {}, scene", kinds.join(", "));
                return Err(exit::complain(Exit::WrongUsage, &what));
            }
        }
        let mut places = files::Places::default();
        self.model.add_to(&mut places);
        if let Some(before) = &self.before {
            places.reads("the earlier run, --before", before);
        }
        for name in ["raw.json", "summary.json", "README.md", "scenes.json", "worst.png"] {
            if let Some(folder) = &self.out {
                places.writes_with_folders("--out", &folder.join(name));
            }
        }
        places::check(&places)
    }
}

fn write_scenes(folder: &Path, scenes: &[MeasuredScene], sheet: &Sheet) -> io::Result<()> {
    let write =
        |name: &str, bytes: Vec<u8>| files::write_with_folders(&folder.join(name), bytes).map_err(|error| error.source);
    if scenes.is_empty() {
        return Ok(());
    }
    write("scenes.json", serde_json::to_vec_pretty(scenes)?)?;
    match sheet.png()? {
        Some(png) => write("worst.png", png),
        None => Ok(()),
    }
}

fn command_line(request: &Robustness) -> String {
    let option = |name: &str, path: &Option<PathBuf>| {
        path.as_ref().map_or(String::new(), |path| format!(" --{name} {}", path.display()))
    };
    let files = option("model", &request.model.model) + &option("before", &request.before);
    let stage = if request.development { " --development" } else { "" };
    format!(
        "infer robustness --pairs {} --scenes {}{stage}{files}{}",
        request.pairs,
        request.scenes,
        option("out", &request.out)
    )
}

fn read(path: &Path) -> io::Result<Vec<TransformationResult>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(named)?;
    serde_json::from_slice(&bytes).map_err(|error| named(error.into()))
}

fn rows(measured: &[TransformationResult], before: &[TransformationResult], command: &str) -> Vec<RobustnessRow> {
    let row = |result: &TransformationResult| {
        let (value, share) = (result.percent(), result.pairs);
        let earlier = before.iter().find(|earlier| earlier.name == result.name);
        RobustnessRow {
            what: format!("accuracy/{}", result.name),
            value,
            unit: "%",
            n: share.all,
            // Standard deviation of one answer, right or wrong.
            standard_deviation: (value * (100.0 - value)).sqrt(),
            interval: share.interval().map(|share| 100.0 * share),
            drop: result.lost(),
            allowed: result.allowed,
            before: earlier.map(TransformationResult::percent),
            drop_before: earlier.map(TransformationResult::lost),
            n_before: earlier.map(|earlier| earlier.pairs.all),
            unread: result.unread,
            protocol: PROTOCOL,
            command: command.to_owned(),
        }
    };
    measured.iter().map(row).collect()
}

fn page(rows: &[RobustnessRow], model: &str, has_before: bool) -> String {
    let mut text = format!(
        "# Robustness of preparation\n\nPairs of MNIST's test split, every digit drawn, prepared and compared by {model}. \
         Points lost are against clean digits. Written by `{}`.\n\n",
        rows.first().map_or("", |row| row.command.as_str())
    );
    let (head, line) = if has_before { (" before, % | lost before | n before |", "---:|---:|---:|") } else { ("", "") };
    text += &format!("| drawn | accuracy, % | 95 % interval | n | lost | allowed | unread |{head}\n");
    text += &format!("|---|---:|---:|---:|---:|---:|---:|{line}\n");
    for row in rows {
        let RobustnessRow { what, value, n, interval: [low, high], drop, allowed, unread, n_before, .. } = row;
        let name = what.trim_start_matches("accuracy/");
        let mark = if drop > allowed { " ✗" } else { "" };
        text += &format!(
            "| {name} | {value:.2} | {low:.2} to {high:.2} | {n} | {drop:.2}{mark} | {allowed:.0} | {unread} |"
        );
        if has_before {
            let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            let n_before = n_before.map_or("-".to_owned(), |n| n.to_string());
            text += &format!(" {} | {} | {n_before} |", shown(row.before), shown(row.drop_before));
        }
        text.push('\n');
    }
    text
}

fn write(folder: &Path, rows: &[RobustnessRow], measured: &[TransformationResult], page: &str) -> io::Result<()> {
    let write =
        |name: &str, text: String| files::write_with_folders(&folder.join(name), text).map_err(|error| error.source);
    write("raw.json", serde_json::to_string_pretty(measured)? + "\n")?;
    write("summary.json", serde_json::to_string_pretty(rows)? + "\n")?;
    write("README.md", page.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    fn measured(name: &str, right: usize, clean: usize) -> TransformationResult {
        let [pairs, clean] = [right, clean].map(|right| Accuracy { right, all: 100 });
        TransformationResult { name: name.to_owned(), pairs, clean, unread: 1, allowed: 2.0 }
    }

    #[test]
    fn points_are_lost_against_clean_digits_now_and_before() {
        let before = [measured("clean", 92, 92), measured("blur/3", 85, 92)];
        let rows = rows(&[measured("clean", 95, 95), measured("blur/3", 90, 95)], &before, "infer robustness");
        assert_eq!((rows[1].what.as_str(), rows[1].drop, rows[1].drop_before), ("accuracy/blur/3", 5.0, Some(7.0)));
        let page = page(&rows, "m", true);
        assert!(
            page.contains("| blur/3 | 90.00 | 82.56 to 94.48 | 100 | 5.00 ✗ | 2 | 1 | 85.00 | 7.00 | 100 |"),
            "{page}"
        );
    }

    #[test]
    fn what_is_written_is_read_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let results = [measured("clean", 95, 95)];
        write(folder.path(), &rows(&results, &[], "c"), &results, "page").unwrap();
        assert_eq!(read(&folder.path().join("raw.json")).unwrap(), results);
        assert!(read(&folder.path().join("absent.json")).unwrap_err().to_string().contains("absent.json"));
    }
}
