//! `infer robustness`: accuracy on test digits transformed to resemble drawings and photos.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use digits::drawn::{DEVELOPMENT_SEED, TEST_SEED};
use digits::scene::Stage;

use super::ModelChoice;
use super::options::{MOST_THREADS, folder};
use super::places;
use crate::exit::{self, Exit};
use crate::terminal::{note, quoted, shown};
use infer::engine::{EngineError, Session};
use infer::robustness::{measure, transformations};
use infer::test_pairs;
use mnist::{Mnist, Split};

mod non_digits;
mod results;
mod scenes;

use non_digits::MeasuredKind;
use results::{FILES, Origin, RobustnessRow, TransformationResult, foreign, page, read, rows, write};
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

    /// Pairs of a digit and a picture of each kind that shows none; 0 leaves them out
    #[arg(long, value_name = "N", default_value = "24", value_parser = clap::value_parser!(u16).range(0..=5000))]
    non_digits: u16,

    /// Draw scenes with the parameters for development, from training digits, and other pictures of no digit
    #[arg(long)]
    development: bool,

    /// Compare with the raw.json of an earlier run
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,

    /// Write summary.json, raw.json and README.md to this folder
    #[arg(long, value_name = "DIR", value_parser = folder())]
    out: Option<PathBuf>,

    /// Threads for drawing and preparation [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: Option<u16>,

    #[command(flatten)]
    model: ModelChoice,
}

/// Measures and reports; exit code 1 if a transformation loses more than allowed.
pub fn command(request: &Robustness) -> Exit {
    match request.check().and_then(|()| request.run()) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn fault(error: impl Display) -> Exit {
    exit::complain(Exit::CannotWork, &error)
}

impl Robustness {
    /// Measures, prints and writes.
    fn run(&self) -> Result<Exit, Exit> {
        let mnist = test_pairs::load(self.data.as_deref()).map_err(fault)?;
        if self.development && mnist.training.images.is_empty() {
            return Err(fault("--development draws training digits, and the training split is missing"));
        }
        let before = self.before.as_deref().map(read).transpose().map_err(fault)?.unwrap_or_default();
        let (model, mut engine) = self.model.open_one(1)?;
        let measured = self.measure(&mnist.test, engine.as_mut()).map_err(fault)?;
        let (scenes, sheet) = self.measure_scenes(&mnist, engine.as_mut()).map_err(fault)?;
        let non_digits = self.measure_non_digits(&mnist, engine.as_mut()).map_err(fault)?;
        let origin = Origin { model: model.name, data: test_split(&mnist), command: self.command_line() };
        let rows = rows(&measured, &before, &origin);
        let mut page = page(&rows, &origin, self.before.is_some());
        let stage = if self.development { "development" } else { "test" };
        page += &scenes::table(&scenes, &sheet, stage);
        page += &non_digits::table(&non_digits, stage);
        // What was measured is shown even where it cannot be written.
        let printed = exit::print(&page);
        let written = self.out.as_deref().map_or(Ok(()), |folder| {
            write(folder, &rows, &measured, &page)
                .and_then(|()| write_scenes(folder, &scenes, &sheet))
                .and_then(|()| write_non_digits(folder, &non_digits))
                .map_err(|error| fault(format_args!("{}: cannot be written: {error}", shown(folder))))
        });
        Ok(printed.max(written.err().unwrap_or(Exit::Done)).max(judge(&rows, &scenes, &non_digits)))
    }

    /// Measures all transformations that were asked for, and clean digits beside them.
    fn measure(&self, test: &Split, engine: &mut dyn Session) -> Result<Vec<TransformationResult>, EngineError> {
        let mut measured = Vec::new();
        let mut clean = None;
        for transformation in transformations() {
            if transformation.name != "clean" && !self.is_chosen(&transformation.name) {
                continue;
            }
            let answers = measure(test, &transformation, self.pairs.into(), self.threads(), engine)?;
            let count = answers.right.len();
            let clean = clean.get_or_insert_with(|| answers.clone());
            let result = TransformationResult {
                pairs: answers.accuracy(count),
                clean: clean.accuracy(count),
                unread: answers.unread,
                allowed: transformation.allowed,
                name: transformation.name,
            };
            note(&format_args!("{}: {}, {:.2} points lost", result.name, result.pairs, result.lost()));
            measured.push(result);
        }
        Ok(measured)
    }

    fn measure_scenes(
        &self,
        mnist: &Mnist,
        engine: &mut dyn Session,
    ) -> Result<(Vec<MeasuredScene>, Sheet), EngineError> {
        if self.scenes == 0 {
            return Ok((Vec::new(), Sheet::default()));
        }
        let (stage, split) = self.stage(mnist);
        scenes::measure(split, stage, (self.scenes.into(), self.threads()), self.only.as_deref(), engine)
    }

    fn measure_non_digits(&self, mnist: &Mnist, engine: &mut dyn Session) -> Result<Vec<MeasuredKind>, EngineError> {
        if self.non_digits == 0 {
            return Ok(Vec::new());
        }
        let (_, split) = self.stage(mnist);
        let first_seed = if self.development { DEVELOPMENT_SEED } else { TEST_SEED };
        non_digits::measure(split, first_seed, (self.non_digits.into(), self.threads()), self.only.as_deref(), engine)
    }

    /// What pictures are drawn for, and the digits that they are drawn of.
    fn stage<'a>(&self, mnist: &'a Mnist) -> (Stage, &'a Split) {
        match self.development {
            true => (Stage::Development, &mnist.training),
            false => (Stage::Test, &mnist.test),
        }
    }

    fn threads(&self) -> usize {
        self.threads.map_or_else(files::cores, usize::from)
    }

    fn is_chosen(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.starts_with(only))
    }

    /// Refuses options that would do nothing, and outputs that are inputs, not ours, or cannot be written.
    fn check(&self) -> Result<(), Exit> {
        if let Some(what) = self.contradiction() {
            return Err(exit::complain(Exit::WrongUsage, &what));
        }
        self.model.check()?;
        let mut places = files::Places::default();
        self.model.add_to(&mut places);
        places::add_data(&mut places, self.data.as_deref());
        if let Some(before) = &self.before {
            places.reads("the earlier run, --before", before);
        }
        let Some(folder) = &self.out else { return Ok(()) };
        FILES.iter().for_each(|name| places.writes_derived("--out", &folder.join(name)));
        places::check(&places)?;
        let Some(name) = foreign(folder) else { return Ok(()) };
        let what = format_args!(
            "{}: holds a {name} that `infer robustness` did not write and would replace; name another --out",
            shown(folder)
        );
        Err(exit::complain(Exit::WrongUsage, &what))
    }

    /// What of the options does not fit together or would do nothing.
    fn contradiction(&self) -> Option<String> {
        let mut kinds: Vec<String> = transformations().into_iter().map(|known| known.name).collect();
        let transforms = kinds.iter().any(|name| self.is_chosen(name));
        let photographs = scenes::names().any(|name| self.is_chosen(&name));
        let no_digits = non_digits::names().any(|name| self.is_chosen(&name));
        let only = self.only.as_deref().unwrap_or_default();
        if !transforms && !photographs && !no_digits {
            kinds.iter_mut().for_each(|name| name.truncate(name.find('/').unwrap_or(name.len())));
            kinds.dedup();
            return Some(format!(
                "no transformation starts with {only:?}; there are {}, scene, non-digit",
                kinds.join(", ")
            ));
        }
        let are_drawn = (photographs && self.scenes > 0) || (no_digits && self.non_digits > 0);
        if !transforms && !are_drawn {
            return Some(format!("--only {only:?} names what --scenes 0 or --non-digits 0 leaves out"));
        }
        if self.development && !are_drawn {
            return Some("--development is about scenes and non-digits, and none is measured; leave it out".to_owned());
        }
        None
    }

    fn command_line(&self) -> String {
        let Self { data, pairs, only, scenes, non_digits, development, before, out, model, .. } = self;
        let option = |name: &str, path: &Option<PathBuf>| {
            path.as_deref().map_or(String::new(), |path| format!(" --{name} {}", quoted(path)))
        };
        let only = option("only", &only.as_ref().map(PathBuf::from));
        let development = if *development { " --development" } else { "" };
        format!(
            "infer robustness{} --pairs {pairs}{only} --scenes {scenes} --non-digits {non_digits}{development}{}{}{}",
            option("data", data),
            model.arguments(),
            option("before", before),
            option("out", out)
        )
    }
}

/// The split that pairs are of, in words.
fn test_split(mnist: &Mnist) -> String {
    match mnist.sums.test_is_mnist() {
        true => "MNIST's test split".to_owned(),
        false => format!("a test split that is not MNIST's (SHA-256 of its images: {})", mnist.sums.test_images),
    }
}

/// Names what lost more than it may.
fn judge(rows: &[RobustnessRow], scenes: &[MeasuredScene], non_digits: &[MeasuredKind]) -> Exit {
    let mut beyond: Vec<&str> = rows.iter().filter(|row| row.drop > row.allowed).map(|row| row.what.as_str()).collect();
    beyond.extend(scenes.iter().filter(|scene| scene.is_short()).map(|scene| scene.name.as_str()));
    beyond.extend(non_digits::beyond(non_digits));
    match beyond.as_slice() {
        [] => Exit::Done,
        beyond => {
            let what = format_args!("more accuracy lost than allowed by {}", beyond.join(", "));
            exit::complain(Exit::SomeInputsFailed, &what)
        }
    }
}

fn write_non_digits(folder: &Path, non_digits: &[MeasuredKind]) -> io::Result<()> {
    if non_digits.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_vec_pretty(non_digits)?;
    files::write_derived(&folder.join("non_digits.json"), json).map_err(|error| error.source)
}

fn write_scenes(folder: &Path, scenes: &[MeasuredScene], sheet: &Sheet) -> io::Result<()> {
    let write =
        |name: &str, bytes: Vec<u8>| files::write_derived(&folder.join(name), bytes).map_err(|error| error.source);
    if scenes.is_empty() {
        return Ok(());
    }
    write("scenes.json", serde_json::to_vec_pretty(scenes)?)?;
    match sheet.png()? {
        Some(png) => write("worst.png", png),
        None => Ok(()),
    }
}
