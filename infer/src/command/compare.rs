//! `infer compare`: two pictures, one verdict.

use std::path::PathBuf;

use clap::Args;
use digits::Verdict;

use super::ModelChoice;
use crate::exit::{self, Exit};
use crate::terminal::{self, shown};
use infer::engine::{Engine, EngineError};
use infer::model::Model;
use infer::picture::{self, PictureError, PictureFile};
use infer::reading::{self, Answered};

mod report;

/// What is to be compared, and how.
#[derive(Debug, Args)]
pub struct Compare {
    /// Image of the first digit: PNG, JPEG, BMP or PNM, of one digit, dark on light or light on dark
    #[arg(value_name = "A")]
    first: PathBuf,

    /// Image of the second digit
    #[arg(value_name = "B", required_unless_present = "split")]
    second: Option<PathBuf>,

    /// Find both digits in the one image A: the left one is the first, or the upper one if they stand above each other
    #[arg(long, conflicts_with = "second")]
    split: bool,

    /// Also show on stderr what the network sees
    #[arg(long)]
    show: bool,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    model: ModelChoice,
}

/// Two pictures compared.
#[derive(Debug)]
struct Comparison {
    /// First and second picture.
    pictures: [PictureFile; 2],
    /// The model's answer.
    verdict: Verdict,
    /// The model asked.
    model: Model,
    /// Name of the engine that ran it.
    engine: &'static str,
    /// Its version.
    engine_version: String,
    /// Library of the engine that ran it.
    library: Option<PathBuf>,
}

/// Compares and reports; errors go to stderr.
///
/// Pictures come first: looking at them is cheap, and both are judged before any is complained about.
pub fn command(request: &Compare) -> Exit {
    let mut pictures = match read(request) {
        Ok(pictures) => pictures,
        Err(failures) => {
            for (path, error) in failures {
                exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", shown(&path)));
            }
            return Exit::SomeInputsFailed;
        }
    };
    let (model, mut engine) = match request.model.open_for_one_pair() {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let Answered { verdict, winners } = match ask(engine.as_mut(), &pictures) {
        Ok(answered) => answered,
        Err(error) => return exit::complain(Exit::CannotWork, &format_args!("{}: {error}", model.name)),
    };
    pictures.iter_mut().zip(winners).for_each(|(picture, winner)| picture.choose(winner));
    if request.show {
        let seen = pictures.each_ref().map(|picture| &picture.prepared.image);
        exit::show(&format!("{}{}", terminal::sketch(&seen), report::ways(&pictures)));
    }
    let (engine_version, library) = (engine.version(), engine.library());
    let comparison = Comparison { pictures, verdict, model, engine: engine.name(), engine_version, library };
    let refused = comparison.complain_of_non_digits();
    let printed = match request.json.then(|| report::json(&comparison)) {
        Some(Ok(object)) => exit::print(&object),
        Some(Err(error)) => exit::complain(Exit::CannotWork, &error),
        None if refused == Exit::Done => exit::print(&report::text(&comparison)),
        None => Exit::Done,
    };
    printed.max(refused)
}

impl Comparison {
    /// Names on stderr every picture that shows no digit; one such and there is no answer.
    fn complain_of_non_digits(&self) -> Exit {
        let mut exit = Exit::Done;
        for (picture, refusal) in self.pictures.iter().zip(self.verdict.refusals()) {
            if let Some(refusal) = refusal {
                exit = exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {refusal}", shown(&picture.path)));
            }
        }
        exit
    }
}

type Failures = Vec<(PathBuf, PictureError)>;

fn read(request: &Compare) -> Result<[PictureFile; 2], Failures> {
    let Some(second) = &request.second else {
        return picture::two_digits(&request.first).map_err(|error| vec![(request.first.clone(), error)]);
    };
    let paths = [request.first.clone(), second.clone()];
    match paths.each_ref().map(|path| picture::read(path)) {
        [Ok(first), Ok(second)] => Ok([first, second]),
        both => Err(paths.into_iter().zip(both).filter_map(|(path, read)| Some((path, read.err()?))).collect()),
    }
}

fn ask(engine: &mut dyn Engine, pictures: &[PictureFile; 2]) -> Result<Answered, EngineError> {
    let readings = pictures.each_ref().map(|picture| picture.candidates.clone());
    // One pair in, one answer out.
    Ok(reading::ask(engine, &[readings])?[0])
}
