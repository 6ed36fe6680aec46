//! `infer compare`: two pictures, one verdict.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ModelChoice;
use super::places::{self, is_dash, picture_bytes};
use crate::exit::{self, Exit};
use crate::terminal::{self, shown};
use infer::Comparison;
use infer::picture::{self, PictureError, PreparedPicture, TwoDigits};

mod report;

/// Arguments of `infer compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Image of the first digit, dark on light or light on dark; - for stdin
    ///
    /// PNG, JPEG, WebP, GIF (its first frame), TIFF, BMP, QOI and PNM are read.
    #[arg(value_name = "A")]
    first: PathBuf,

    /// Image of the second digit; - for stdin
    #[arg(value_name = "B", required_unless_present = "split")]
    second: Option<PathBuf>,

    /// Find both digits in image A: the left or upper digit is the first
    #[arg(long, conflicts_with = "second")]
    split: bool,

    /// Also show the network's input on stderr
    #[arg(long)]
    show: bool,

    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    model: ModelChoice,
}

/// Compares and reports; errors go to stderr.
///
/// Reads both pictures before loading the model, because that is cheap, and reports the errors of both.
pub fn command(request: &Compare) -> Exit {
    if request.files().into_iter().all(is_dash) && !request.split {
        return exit::complain(
            Exit::WrongUsage,
            &"stdin holds one picture only; name a file for the other, or use --split",
        );
    }
    if let Err(exit) = request.model.check() {
        return exit;
    }
    let asked = match read(request) {
        Ok(asked) => asked,
        Err(failures) => {
            for (path, error) in failures {
                exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", shown(&path)));
            }
            return Exit::SomeInputsFailed;
        }
    };
    let mut comparer = match request.model.open_for_one_pair() {
        Ok(comparer) => comparer,
        Err(exit) => return exit,
    };
    let compared = match asked {
        Asked::Two(pictures) => comparer.compare_prepared(*pictures).map(Ok),
        Asked::Together(picture) => comparer.compare_two(&picture),
    };
    let comparison = match compared {
        Ok(Ok(comparison)) => comparison,
        Ok(Err(error)) => {
            return exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", shown(&request.first)));
        }
        Err(error) => return exit::complain(Exit::CannotWork, &format_args!("{}: {error}", comparer.model().name)),
    };
    if request.show {
        let seen = comparison.pictures.each_ref().map(|picture| &picture.prepared.image);
        exit::show(&format!("{}{}", terminal::sketch(&seen), report::ways(request.files(), &comparison)));
    }
    let refused = complain_of_non_digits(request.files(), &comparison);
    let report = match request.json {
        true => report::json(request.files(), &comparison, &comparer),
        false if refused == Exit::Done => Ok(report::text(request.files(), &comparison)),
        false => return refused,
    };
    match report {
        Ok(report) if request.json => exit::print_json(&report).max(refused),
        Ok(report) => exit::print(&report).max(refused),
        Err(error) => exit::complain(Exit::CannotWork, &error),
    }
}

/// Names on stderr every picture that shows no digit; one such and there is no answer.
fn complain_of_non_digits(files: [&Path; 2], comparison: &Comparison) -> Exit {
    let mut exit = Exit::Done;
    for (file, refusal) in files.into_iter().zip(comparison.verdict.refusals()) {
        if let Some(refusal) = refusal {
            exit = exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {refusal}", shown(file)));
        }
    }
    exit
}

impl Compare {
    /// The file of the first and of the second digit.
    fn files(&self) -> [&Path; 2] {
        [&self.first, self.second.as_ref().unwrap_or(&self.first)]
    }
}

type Failures = Vec<(PathBuf, PictureError)>;

/// What is asked about.
enum Asked {
    /// Two pictures of one digit each.
    Two(Box<[PreparedPicture; 2]>),
    /// One of both.
    Together(TwoDigits),
}

fn read(request: &Compare) -> Result<Asked, Failures> {
    let Some(second) = &request.second else {
        return together(&request.first).map_err(|error| vec![(request.first.clone(), error)]);
    };
    let paths = [request.first.clone(), second.clone()];
    match paths.each_ref().map(|path| places::picture(path)) {
        [Ok(first), Ok(second)] => Ok(Asked::Two(Box::new([first, second]))),
        both => Err(paths.into_iter().zip(both).filter_map(|(path, read)| Some((path, read.err()?))).collect()),
    }
}

fn together(path: &Path) -> Result<Asked, PictureError> {
    picture::two_digits_of(&picture_bytes(path)?).map(Asked::Together)
}
