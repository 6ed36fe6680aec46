//! Scenes: test digits drawn as photographs of paper, searched, judged and compared.

use digits::scene::{Photo, SceneKind, Stage};
use digits::{Candidate, Picture, Split, Verdict};
use metrics::Accuracy;
use mnist::Split as Images;

use super::parallel::in_parallel;
use crate::engine::{EngineError, Session};
use crate::reading::{self, ReadPair};

/// Pairs that the model is asked about at once.
const CHUNK: usize = 50;

/// Answers about the scenes of one kind.
#[derive(Debug, Clone, Default)]
pub struct SceneAnswers {
    /// Pairs answered right; a digit that is not found, or called none, makes its pair wrong.
    pub pairs: Accuracy,
    /// Digits read right, from a model with digit heads.
    pub digits: Accuracy,
    /// Digits not found.
    pub unread: u64,
    /// Pictures said to show no digit, or several.
    pub no_digit: u64,
    /// Right ones among answers at least 95 % sure.
    pub sure: Accuracy,
    /// Wrong digits, the most confident first.
    pub worst: Vec<Mistake>,
}

/// A digit that was not read right.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// The digit.
    pub label: u8,
    /// What it was taken for; `None` where nothing was found, or no digit.
    pub read: Option<u8>,
    /// Probability of that.
    pub confidence: f32,
    /// Number of the pair, by which it is drawn again.
    pub pair: usize,
    /// Left or right.
    pub side: usize,
}

/// What was found in one pair's pictures.
#[derive(Default)]
enum Found {
    /// Both digits, each in a picture of its own.
    Apart(ReadPair),
    /// Ways to see them in one picture.
    Together(Split),
    /// One digit, in a picture of its own.
    One,
    /// No digit.
    #[default]
    Neither,
}

/// Draws, searches and answers the first `pairs` disjoint pairs of a split, on `threads` threads.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Images,
    kind: SceneKind,
    stage: Stage,
    pairs: usize,
    threads: usize,
    engine: &mut dyn Session,
) -> Result<SceneAnswers, EngineError> {
    let half = split.images.len() / 2;
    let pairs = pairs.min(half);
    let mut answers = SceneAnswers::default();
    for first in (0..pairs).step_by(CHUNK) {
        let chunk = first..(first + CHUNK).min(pairs);
        let found = in_parallel(chunk.clone(), threads, |pair| found(split, kind, stage, pair));
        let together =
            found.iter().filter_map(|found| if let Found::Together(split) = found { Some(split) } else { None });
        let judged = reading::judge(engine, together.flat_map(Split::readings))?;
        let mut judged = judged.as_slice();
        let read = found.into_iter().map(|found| match found {
            Found::Apart(readings) => Ok(readings),
            Found::Together(split) => {
                let (verdicts, others) = judged.split_at(split.readings().len());
                judged = others;
                split.chosen(verdicts).map(|two| two.map(|digit| vec![digit])).map_err(|_| 2)
            }
            Found::One => Err(1),
            Found::Neither => Err(2),
        });
        let read: Vec<Result<ReadPair, u64>> = read.collect();
        let readings: Vec<ReadPair> = read.iter().flatten().cloned().collect();
        let mut verdicts = reading::ask(engine, &readings)?.into_iter();
        for (pair, read) in chunk.zip(read) {
            let labels = [split.labels[pair], split.labels[pair + half]];
            answers.unread += read.as_ref().err().copied().unwrap_or_default();
            let verdict = read.ok().and_then(|_| verdicts.next()).map(|answered| answered.verdict);
            answers.count(pair, labels, verdict);
        }
    }
    answers.worst.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    Ok(answers)
}

impl SceneAnswers {
    fn count(&mut self, pair: usize, labels: [u8; 2], verdict: Option<Verdict>) {
        let right = verdict.is_some_and(|verdict| super::is_right(&verdict, labels[0] <= labels[1]));
        self.pairs.add(right);
        if verdict.is_some_and(|verdict| verdict.is_very_sure()) {
            self.sure.add(right);
        }
        let read = verdict.and_then(|verdict| verdict.digits());
        let called_none = verdict.map_or([false; 2], |verdict| verdict.refusals().map(|refusal| refusal.is_some()));
        for (side, label) in labels.into_iter().enumerate() {
            self.no_digit += u64::from(called_none[side]);
            let guess = read.map(|digits| digits[side]).filter(|_| !called_none[side]);
            let is_right = guess.is_some_and(|guess| guess.digit == label);
            self.digits.add(is_right);
            if !is_right {
                let confidence = guess.map_or(1.0, |guess| guess.probability);
                self.worst.push(Mistake { label, read: guess.map(|guess| guess.digit), confidence, pair, side });
            }
        }
    }
}

/// The pictures of a pair: two of one digit, or one of two.
pub fn pictures(split: &Images, kind: SceneKind, stage: Stage, pair: usize) -> Vec<Photo> {
    let images = [&split.images[pair], &split.images[pair + split.images.len() / 2]];
    match kind.digits() {
        1 => (0..2).map(|side| kind.draw(stage, &[images[side]], (2 * pair + side) as u64)).collect(),
        _ => vec![kind.draw(stage, &images, pair as u64)],
    }
}

fn found(split: &Images, kind: SceneKind, stage: Stage, pair: usize) -> Found {
    let photos = pictures(split, kind, stage, pair);
    if let [both] = photos.as_slice() {
        let ways = picture(both).and_then(|both| Split::of(&both).ok());
        return ways.map_or(Found::Neither, Found::Together);
    }
    let sides = photos.iter().filter_map(|photo| digits::candidates(&picture(photo)?).ok());
    let readings: Vec<Vec<Candidate>> = sides.collect();
    let is_one = readings.len() == 1;
    readings.try_into().map_or(if is_one { Found::One } else { Found::Neither }, Found::Apart)
}

fn picture(photo: &Photo) -> Option<Picture<'_>> {
    Picture::rgba(photo.width, photo.height, &photo.rgba).ok()
}
