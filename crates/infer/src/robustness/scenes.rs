//! Scenes: test digits drawn as photographs of paper, searched, judged and compared.

use digits::scene::{Photo, SceneKind, Stage};
use digits::{Candidate, Picture, SplitError, Touching, Verdict};
use metrics::Accuracy;
use mnist::Split;

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

/// One pair's pictures and what was found in them.
#[derive(Default)]
struct Drawn {
    readings: Option<ReadPair>,
    /// All of the picture as one digit, where the readings are parts of what may be one.
    whole: Option<Candidate>,
    unread: u64,
}

/// Draws, searches and answers the first `pairs` disjoint pairs of a split, on `threads` threads.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Split,
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
        let drawn = in_parallel(chunk.clone(), threads, |pair| found(split, kind, stage, pair));
        let readings: Vec<ReadPair> = drawn.iter().filter_map(|drawn| drawn.readings.clone()).collect();
        let beside_itself = |whole: &Candidate| [vec![whole.clone()], vec![whole.clone()]];
        let wholes: Vec<ReadPair> = drawn.iter().filter_map(|drawn| drawn.whole.as_ref().map(beside_itself)).collect();
        let mut verdicts = reading::ask(engine, &readings)?.into_iter();
        let mut of_wholes = reading::ask(engine, &wholes)?.into_iter();
        for (pair, drawn) in chunk.zip(drawn) {
            let labels = [split.labels[pair], split.labels[pair + half]];
            let mut verdict = drawn.readings.and_then(|_| verdicts.next()).map(|answered| answered.verdict);
            let whole = drawn.whole.and_then(|_| of_wholes.next()).map(|answered| answered.verdict);
            answers.unread += drawn.unread;
            if let Some((parts, whole)) = verdict.as_ref().zip(whole)
                && !Touching::are_two(parts, &whole)
            {
                verdict = None;
                answers.unread += 2;
            }
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
pub fn pictures(split: &Split, kind: SceneKind, stage: Stage, pair: usize) -> Vec<Photo> {
    let images = [&split.images[pair], &split.images[pair + split.images.len() / 2]];
    match kind.digits() {
        1 => (0..2).map(|side| kind.draw(stage, &[images[side]], (2 * pair + side) as u64)).collect(),
        _ => vec![kind.draw(stage, &images, pair as u64)],
    }
}

/// Both digits of a picture, apart or touching.
fn two_in(picture: &Picture<'_>) -> Drawn {
    match digits::split(picture) {
        Ok(readings) => Drawn { readings: Some(readings), whole: None, unread: 0 },
        Err(SplitError::NotTwo) => match digits::split_touching(picture) {
            Ok(Touching { parts, whole }) => Drawn { readings: Some(parts), whole: Some(whole), unread: 0 },
            Err(_) => Drawn { unread: 2, ..Drawn::default() },
        },
        Err(_) => Drawn { unread: 2, ..Drawn::default() },
    }
}

fn found(split: &Split, kind: SceneKind, stage: Stage, pair: usize) -> Drawn {
    let photos = pictures(split, kind, stage, pair);
    let picture = |photo: &Photo| -> Option<Vec<Candidate>> {
        digits::candidates(&Picture::rgba(photo.width, photo.height, &photo.rgba).ok()?).ok()
    };
    match photos.as_slice() {
        [both] => {
            let parts = Picture::rgba(both.width, both.height, &both.rgba).ok();
            parts.map_or(Drawn { unread: 2, ..Drawn::default() }, |picture| two_in(&picture))
        }
        photos => {
            let sides: Vec<Option<Vec<Candidate>>> = photos.iter().map(picture).collect();
            let unread = sides.iter().filter(|side| side.is_none()).count() as u64;
            let sides: Option<Vec<Vec<Candidate>>> = sides.into_iter().collect();
            Drawn { readings: sides.and_then(|sides| sides.try_into().ok()), whole: None, unread }
        }
    }
}
