//! A comparison as text for people or as JSON for programs.

use std::collections::BTreeMap;
use std::path::Path;

use digits::contract::CLASSES;
use digits::{DigitGuess, Percent, Polarity, Prepared, Remedy, Route, SideReading, Sight, TightBox};
use infer::picture::PreparedPicture;
use infer::{Comparer, Comparison};
use serde::Serialize;

use crate::terminal::shown;

/// The runner-up is shown from this probability.
const CLOSE: f32 = 0.1;

/// The sentence, then one line a picture: its file and the digit read, with the runner-up if that is close.
pub fn text(files: [&Path; 2], comparison: &Comparison) -> String {
    let mut text = comparison.verdict.sentence() + "\n";
    for (number, file) in files.into_iter().enumerate() {
        let read = comparison.verdict.guesses().map(|guesses| reading(&guesses[number]));
        let read = match (comparison.sides[number], read) {
            (SideReading::NotADigit, Some(read)) => format!("looks like no digit, most like {read}"),
            (SideReading::NotADigit, None) => "looks like no digit".to_owned(),
            (_, Some(read)) => read,
            (_, None) => "not read, the model has no digit heads".to_owned(),
        };
        text += &format!("{}: {read}\n", shown(file));
    }
    text
}

/// One line a picture: the way that preparation took.
pub fn ways(files: [&Path; 2], comparison: &Comparison) -> String {
    let way = |((file, picture), sight): ((&Path, &PreparedPicture), Sight)| {
        let Prepared { route, polarity, tight_box, .. } = &picture.prepared;
        let way = match route {
            Route::PassedThrough => "in MNIST's form, taken as it is".to_owned(),
            Route::Framed => "alone on its paper".to_owned(),
            Route::AsItStands => "no ink stands out, taken as it stands".to_owned(),
            Route::Searched => format!("searched, best of {} readings", picture.candidates.len()),
        };
        let ink = match polarity {
            Polarity::DarkOnLight => "dark on light",
            Polarity::LightOnDark => "light on dark",
        };
        let TightBox { left, top, width, height } = tight_box;
        let again = match sight {
            Sight::Once => String::new(),
            Sight::Again => "; not sure, so seen in other ways too".to_owned(),
            Sight::With(remedy) => format!("; refused as it is, so seen {}", remedy.name()),
        };
        format!("{}: {way}; {ink}, {width} x {height} pixels at {left}, {top}{again}\n", shown(file))
    };
    files.into_iter().zip(&comparison.pictures).zip(comparison.sights).map(way).collect()
}

/// The digit read, and the runner-up if it is close: `4 (61.0 %), or 9 (38.2 %)`.
fn reading(guesses: &[DigitGuess; CLASSES]) -> String {
    let one = |guess: &DigitGuess| format!("{} ({})", guess.digit, Percent(guess.probability));
    let [best, second, ..] = guesses;
    match second.probability >= CLOSE {
        true => format!("{}, or {}", one(best), one(second)),
        false => one(best),
    }
}

/// One JSON object and a line break.
///
/// # Errors
/// Never fails: the report holds strings, finite numbers and maps with string keys only.
pub fn json(files: [&Path; 2], comparison: &Comparison, comparer: &Comparer) -> serde_json::Result<String> {
    let [first, second] = [0, 1].map(|number| PictureReport::new(files[number], comparison, number));
    let (model, session) = (comparer.model(), comparer.session());
    let verdict = &comparison.verdict;
    let answered = verdict.is_answered();
    let report = ComparisonReport {
        sentence: verdict.sentence(),
        p_leq: answered.then(|| verdict.p_leq()),
        leq: answered.then(|| verdict.is_leq()),
        confidence: answered.then(|| verdict.confidence()),
        digits_agree: verdict.digits_agree(),
        reading: comparison.trust.name(),
        first,
        second,
        model: ModelReport { name: &model.name, sha256: model.sha256(), metadata: &model.graph.metadata },
        engine: EngineReport {
            name: session.name(),
            version: session.version(),
            library: session.library().map(|path| path.to_string_lossy().into_owned()),
        },
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

#[derive(Serialize)]
struct ComparisonReport<'a> {
    sentence: String,
    /// `null`, as are `leq` and `confidence`, where a picture shows no digit.
    p_leq: Option<f32>,
    leq: Option<bool>,
    confidence: Option<f32>,
    /// `null` from a model without digit heads, as are the digits below.
    digits_agree: Option<bool>,
    /// How the answer is to be taken, such as `sure` or `first-is-no-digit`.
    reading: &'static str,
    first: PictureReport,
    second: PictureReport,
    model: ModelReport<'a>,
    engine: EngineReport<'a>,
}

#[derive(Serialize)]
struct PictureReport {
    file: String,
    width: usize,
    height: usize,
    digit: Option<u8>,
    probability: Option<f32>,
    probabilities: Option<[f32; CLASSES]>,
    /// Whether the picture is said to show no digit.
    shows_no_digit: bool,
    /// The probability of that; `null` from a model that does not tell.
    no_digit: Option<f32>,
    /// How the picture is read, such as `clear` or `no-digit`.
    reading: &'static str,
    /// Whether the model was not sure of the digit, and saw it moved, turned or in other ways too.
    looked_again: bool,
    /// What was done to the picture before the model was sure, such as `without specks`; `null` where nothing was.
    remedy: Option<&'static str>,
    preparation: PreparationReport,
}

#[derive(Serialize)]
struct PreparationReport {
    route: Route,
    polarity: Polarity,
    tight_box: TightBox,
}

#[derive(Serialize)]
struct ModelReport<'a> {
    name: &'a str,
    sha256: String,
    metadata: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct EngineReport<'a> {
    name: &'a str,
    version: String,
    library: Option<String>,
}

impl PictureReport {
    fn new(file: &Path, comparison: &Comparison, number: usize) -> Self {
        let PreparedPicture { width, height, prepared, .. } = &comparison.pictures[number];
        let guess = comparison.verdict.digits().map(|digits| digits[number]);
        Self {
            file: file.to_string_lossy().into_owned(),
            width: *width,
            height: *height,
            digit: guess.map(|guess| guess.digit),
            probability: guess.map(|guess| guess.probability),
            probabilities: comparison.verdict.digit_probs().map(|pair| pair[number]),
            shows_no_digit: comparison.verdict.shows_no_digit()[number],
            no_digit: comparison.verdict.no_digit().map(|sides| sides[number]),
            reading: comparison.sides[number].name(),
            looked_again: comparison.sights[number] != Sight::Once,
            remedy: comparison.sights[number].remedy().map(Remedy::name),
            preparation: PreparationReport {
                route: prepared.route,
                polarity: prepared.polarity,
                tight_box: prepared.tight_box,
            },
        }
    }
}
