//! Pairs of MNIST's test split, and what a model answers about them.

use std::path::{Path, PathBuf};

use digits::Verdict;
use mnist::{DataError, Mnist, Orders, PairSet, default_folder};

use crate::engine::{EngineError, PAIR_PIXELS, Session};

/// Pairs of the course's sets.
pub const COURSE_PAIRS: usize = 1_000;

/// Pairs at once: large enough that batching pays, small enough for any cache.
const CHUNK: usize = 250;

/// The course's 1,000 test pairs for a data seed.
///
/// # Errors
/// [`DataError::TooFewImages`].
pub fn course(mnist: &Mnist, data_seed: u32) -> Result<PairSet, DataError> {
    Orders::draw(mnist, data_seed).test(mnist, 0..COURSE_PAIRS)
}

/// Pixels of many pairs, some pairs at once.
pub fn chunks(pixels: &[f32]) -> std::slice::Chunks<'_, f32> {
    pixels.chunks(CHUNK * PAIR_PIXELS)
}

/// What a model answers about any number of pairs, `[n, 2, 14, 14]`.
///
/// ```
/// use infer::{Engine, Model, engine, test_pairs};
///
/// let mut session = engine::open_one(&Model::built_in(), &Engine::best())?;
/// let verdicts = test_pairs::ask(session.as_mut(), &[0.0; 3 * engine::PAIR_PIXELS])?;
/// assert_eq!(verdicts.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The engine's.
pub fn ask(session: &mut dyn Session, pixels: &[f32]) -> Result<Vec<Verdict>, EngineError> {
    let mut verdicts = Vec::with_capacity(pixels.len() / PAIR_PIXELS);
    for chunk in chunks(pixels) {
        verdicts.extend(session.infer(chunk)?.verdicts()?);
    }
    Ok(verdicts)
}

/// Reads MNIST from `folder`, or from where this project has it. The test split alone is enough.
///
/// # Errors
/// [`DataError`], naming the file.
pub fn load(folder: Option<&Path>) -> Result<Mnist, DataError> {
    Mnist::load_for_testing(&folder.map_or_else(default_folder, PathBuf::from))
}
