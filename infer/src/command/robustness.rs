//! `infer robustness`: accuracy on test digits transformed to resemble drawings and photos.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use digits::scene::Stage;

use super::ModelChoice;
use super::options::MOST_THREADS;
use super::places;
use crate::exit::{self, Exit};
use crate::terminal::note;
use infer::robustness::{measure, transformations};
use infer::test_pairs;

mod results;
mod scenes;

use results::{TransformationResult, page, read, rows, write};
use scenes::{MeasuredScene, Sheet};

/// What is to be measured.
#[derive(Debug, Args)]
pub struct Robustness {
    /// Folder with MNIST's four IDX files, gzipped or not
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
    let threads = request.threads.map_or_else(files::cores, usize::from);
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
    /// Refuses a name that no transformation starts with, and outputs that are inputs or cannot be written.
    fn check(&self) -> Result<(), Exit> {
        if let Some(only) = self.only.as_deref().filter(|only| !scenes::names().any(|name| name.starts_with(only))) {
            let mut kinds: Vec<String> = transformations().into_iter().map(|known| known.name).collect();
            if !kinds.iter().any(|name| name.starts_with(only)) {
                kinds.iter_mut().for_each(|name| name.truncate(name.find('/').unwrap_or(name.len())));
                kinds.dedup();
                let what = format_args!("no transformation starts with {only:?}; there are {}, scene", kinds.join(", "));
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
