//! What preparation costs: pairs of test digits drawn in many ways, prepared, and answered.

use digits::scene::{Mishap, Scene};
use digits::{Candidate, MNIST_SIDE, Picture, Verdict, candidates};
use metrics::Accuracy;
use mnist::Split;

use crate::engine::{EngineError, Session};
use crate::reading::{self, ReadPair};

pub mod non_digits;
mod parallel;
pub mod scenes;

use parallel::in_parallel;

/// One way of drawing digits.
#[derive(Debug, Clone)]
pub struct Transformation {
    /// Its name, such as `rotation/20`.
    pub name: String,
    /// How a digit is drawn.
    pub drawing: Drawing,
    /// Points of accuracy that it may cost against clean digits.
    pub allowed: f64,
}

/// How a digit of MNIST becomes a picture.
#[derive(Debug, Clone, Copy)]
pub enum Drawing {
    /// It is left as MNIST has it.
    AsItIs,
    /// It is drawn on paper.
    Scene(Scene),
    /// Something happens to it as it is.
    Mishap(Mishap),
}

impl Drawing {
    /// Columns and rows.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Scene(scene) => (scene.width, scene.height),
            Self::AsItIs | Self::Mishap(_) => (MNIST_SIDE, MNIST_SIDE),
        }
    }
}

/// Pairs answered under one transformation.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Whether each pair was answered right; a digit that is not found, or called none, makes its pair wrong.
    pub right: Vec<bool>,
    /// Digits that preparation found no ink of.
    pub unread: u64,
}

impl Answers {
    /// Right answers among the first `count`.
    pub fn accuracy(&self, count: usize) -> Accuracy {
        Accuracy::of(self.right.iter().take(count).copied())
    }
}

/// Points of accuracy that a mishap may cost.
const OF_MISHAPS: f64 = 10.0;

/// The side of the paper on which most transformations draw, in pixels: three times MNIST's.
const PAPER: usize = 84;

fn at_size(side: usize) -> Scene {
    Scene { width: side, height: side, side: side as f32, ..Scene::default() }
}

/// All transformations, clean digits first.
pub fn transformations() -> Vec<Transformation> {
    let paper = at_size(PAPER);
    let light_on_dark = Scene { ink: 1.0, paper: 0.0, ..paper };
    let of = |name: &str, scene: Scene| Transformation {
        name: name.to_owned(),
        drawing: Drawing::Scene(scene),
        allowed: 2.0,
    };
    let mut all = vec![Transformation { name: "clean".to_owned(), drawing: Drawing::AsItIs, allowed: 0.0 }];
    all.extend([28, 56, 140, 500, 2000].map(|side| of(&format!("size/{side}"), at_size(side))));
    all.extend(
        [0.5, 0.75, 1.25, 1.5]
            .map(|scale: f32| of(&format!("scale/{scale}"), Scene { side: 28.0 * scale * 2.0, ..paper })),
    );
    for (name, shift) in [("right-up", (19.0, -20.0)), ("left-down", (-18.5, 17.3)), ("corner", (-24.0, -24.0))] {
        all.push(of(&format!("shift/{name}"), Scene { side: 35.0, shift, ..paper }));
    }
    for degrees in [-20.0, -15.0, -10.0, 10.0, 15.0, 20.0] {
        let turned = of(&format!("rotation/{degrees}"), Scene { degrees, side: 70.0, ..paper });
        all.push(Transformation { allowed: 4.0, ..turned });
    }
    for thicken in [-0.8, -0.5, 0.5, 1.0] {
        all.push(of(&format!("thickness/{thicken}"), Scene { thicken, ..paper }));
    }
    all.push(of("inversion", light_on_dark));
    all.push(of("inversion/28", Scene { ink: 1.0, paper: 0.0, ..at_size(28) }));
    let backgrounds = [
        ("grey", Scene { ink: 0.2, paper: 0.5, ..paper }),
        ("pencil", Scene { ink: 0.65, paper: 0.85, ..paper }),
        ("shadow", Scene { side: 70.0, ink: 0.1, paper: 0.9, shade: 0.4, ..paper }),
        ("vignette", Scene { side: 70.0, ink: 0.1, paper: 0.9, vignette: 0.5, ..paper }),
        ("shadow-light-on-dark", Scene { side: 70.0, ink: 0.95, paper: 0.3, shade: 0.4, ..paper }),
        ("vignette-light-on-dark", Scene { side: 70.0, ink: 0.95, paper: 0.3, vignette: 0.4, ..paper }),
    ];
    all.extend(backgrounds.map(|(name, scene)| of(&format!("background/{name}"), scene)));
    all.extend([3, 6].map(|blur| of(&format!("blur/{blur}"), Scene { blur, ..paper })));
    all.extend([10.0, 25.0].map(|noise| of(&format!("noise/{noise}"), Scene { noise, ..paper })));
    all.push(of("specks", Scene { specks: 2.0, ..paper }));
    let mishap = |mishap: Mishap| Transformation {
        name: format!("mishap/{}", mishap.name()),
        drawing: Drawing::Mishap(mishap),
        allowed: OF_MISHAPS,
    };
    all.extend(Mishap::ALL.map(mishap));
    all.push(of("photo", Scene { width: 400, height: 300, side: 60.0, shift: (-90.0, 60.0), ..Scene::photographed() }));
    all
}

/// Most pixels that one transformation draws: of large pictures fewer pairs are taken.
const MOST_PIXELS: usize = 2_000_000_000;

/// Draws, prepares and answers up to `pairs` disjoint pairs of the split, on `threads` threads.
///
/// # Errors
/// The engine's.
pub fn measure(
    split: &Split,
    transformation: &Transformation,
    pairs: usize,
    threads: usize,
    engine: &mut dyn Session,
) -> Result<Answers, EngineError> {
    let half = split.images.len() / 2;
    let (width, height) = transformation.drawing.size();
    let of_each = width * height;
    let pairs = pairs.min(half).min((MOST_PIXELS / (2 * of_each)).max(1));
    let places: Vec<usize> = (0..pairs).flat_map(|at| [at, at + half]).collect();
    let read = |at: usize| seen(&split.images[places[at]], transformation, places[at] as u64);
    let mut readings = in_parallel(0..places.len(), threads, read);
    let unread = readings.iter().filter(|readings| readings.is_none()).count() as u64;
    let of_pair = |pair: usize| Some([readings[2 * pair].take()?, readings[2 * pair + 1].take()?]);
    let found: Vec<Option<ReadPair>> = (0..pairs).map(of_pair).collect();
    let truth = |pair: usize| split.labels[places[2 * pair]] <= split.labels[places[2 * pair + 1]];
    let mut right = vec![false; pairs];
    let read: Vec<usize> = (0..pairs).filter(|&pair| found[pair].is_some()).collect();
    let read_pairs: Vec<ReadPair> = found.into_iter().flatten().collect();
    for (numbers, pairs) in read.chunks(CHUNK).zip(read_pairs.chunks(CHUNK)) {
        for (&pair, answered) in numbers.iter().zip(reading::ask(engine, pairs)?) {
            right[pair] = is_right(&answered.verdict, truth(pair));
        }
    }
    Ok(Answers { right, unread })
}

/// Pairs that the model is asked about at once.
const CHUNK: usize = 500;

/// Whether a pair of digits is answered, and right: an image called no digit leaves its pair without an answer.
fn is_right(verdict: &Verdict, leq: bool) -> bool {
    verdict.is_answered() && verdict.is_leq() == leq
}

fn seen(digit: &[u8; 784], transformation: &Transformation, seed: u64) -> Option<Vec<Candidate>> {
    let (width, height) = transformation.drawing.size();
    let read = |bytes: &[u8]| candidates(&Picture::luma(width, height, bytes).ok()?).ok();
    match &transformation.drawing {
        Drawing::AsItIs => read(digit),
        Drawing::Scene(scene) => read(&scene.draw(digit, seed)),
        Drawing::Mishap(mishap) => read(&mishap.draw(digit, seed)),
    }
}
