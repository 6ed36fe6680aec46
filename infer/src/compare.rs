//! `infer compare`: two pictures, one verdict.

use std::collections::BTreeMap;
use std::path::PathBuf;

use digits::Verdict;

use crate::engine::{self, Engine, EngineError};
use crate::exit::{self, Exit};
use crate::model::{Model, ModelError};
use crate::picture::{self, PictureError, PictureFile};
use crate::report;

/// What is to be compared, and how.
#[derive(Debug)]
pub struct Request {
    /// First and second picture.
    pub pictures: [PathBuf; 2],
    /// Whether one JSON object is printed instead of text.
    pub json: bool,
    /// The model's file; the built-in model if `None`.
    pub model: Option<PathBuf>,
    /// ONNX Runtime's library; looked for if `None`.
    pub onnxruntime: Option<PathBuf>,
}

/// Two pictures compared.
#[derive(Debug)]
pub struct Comparison {
    /// First and second picture.
    pub pictures: [PictureFile; 2],
    /// The model's answer.
    pub verdict: Verdict,
    /// The model asked.
    pub model: Model,
    /// What the model's file says about itself.
    pub metadata: BTreeMap<String, String>,
    /// Name of the engine that ran it.
    pub engine: String,
    /// Library of the engine that ran it.
    pub library: Option<PathBuf>,
}

/// Why two pictures could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One picture or both gave no digit.
    #[error("no digit in {} of the pictures", .0.len())]
    Pictures(Vec<(PathBuf, PictureError)>),
    /// There is no model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is no engine, or it cannot run the model.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Compares and reports; errors go to stderr.
pub fn command(request: Request) -> Exit {
    let json = request.json;
    match compare(request) {
        Ok(comparison) if json => match report::json(&comparison) {
            Ok(object) => exit::print(&object),
            Err(error) => exit::complain(Exit::CannotWork, &error),
        },
        Ok(comparison) => exit::print(&report::text(&comparison)),
        Err(CompareError::Pictures(failures)) => {
            for (path, error) in failures {
                exit::complain(Exit::SomeInputsFailed, &format_args!("{}: {error}", report::shown(&path)));
            }
            Exit::SomeInputsFailed
        }
        Err(error) => exit::complain(Exit::CannotWork, &error),
    }
}

/// Reads both pictures, loads the model and asks it. Pictures come first: looking at them is cheap, and both are judged
/// before any is complained about.
///
/// # Errors
/// [`CompareError`], naming every picture at fault, or else the model or engine.
pub fn compare(request: Request) -> Result<Comparison, CompareError> {
    let pictures = read_both(request.pictures)?;
    let model = request.model.as_deref().map_or_else(|| Ok(Model::built_in()), Model::read)?;
    let mut engine = engine::open(&model, request.onnxruntime)?;
    let verdict = ask(engine.as_mut(), &pictures)?;
    Ok(Comparison {
        pictures,
        verdict,
        metadata: engine.signature().metadata.clone(),
        engine: engine.name().to_owned(),
        library: engine.library(),
        model,
    })
}

fn read_both(paths: [PathBuf; 2]) -> Result<[PictureFile; 2], CompareError> {
    match paths.each_ref().map(|path| picture::read(path)) {
        [Ok(first), Ok(second)] => Ok([first, second]),
        both => {
            let failures = paths.into_iter().zip(both).filter_map(|(path, read)| Some((path, read.err()?)));
            Err(CompareError::Pictures(failures.collect()))
        }
    }
}

fn ask(engine: &mut dyn Engine, pictures: &[PictureFile; 2]) -> Result<Verdict, EngineError> {
    let pair = pictures.each_ref().map(|picture| picture.prepared.image);
    // One pair in, one verdict out: the engine checks the length of what it returns.
    Ok(engine.run(&[pair])?[0])
}
