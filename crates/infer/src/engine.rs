//! What runs a model. Everything outside this module speaks to an [`Engine`] and knows no library.

use std::path::PathBuf;

use digits::contract::CLASSES;
use digits::{DigitImage, NotAProbability, SIDE, Verdict};

use crate::model::Model;

pub mod library;
mod onnxruntime;
#[cfg(feature = "rten")]
mod rten;

pub use onnxruntime::{OnnxRuntime, Providers};

/// First and second digit.
pub type Pair = [DigitImage; 2];

/// Numbers that one pair feeds: two images.
pub const PAIR_PIXELS: usize = 2 * SIDE * SIDE;

/// A loaded model.
pub trait Engine: Send {
    /// The engine's name, for people.
    fn name(&self) -> &'static str;

    /// The engine's version.
    fn version(&self) -> String;

    /// The library that the engine was loaded from, if it is one.
    fn library(&self) -> Option<PathBuf>;

    /// Feeds `pixels`, `[n, 2, 14, 14]` with n at least 1, and gives what comes out.
    ///
    /// # Errors
    /// [`EngineError::Run`] when the engine fails or gives other shapes than the contract's.
    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError>;

    /// Answers any number of pairs, in order.
    ///
    /// # Errors
    /// As [`Engine::infer`], and [`EngineError::Answer`] when it answers with what is no probability.
    fn run(&mut self, pairs: &[Pair]) -> Result<Vec<Verdict>, EngineError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let pixels: Vec<f32> = pairs.iter().flatten().flat_map(|image| image.pixels()).copied().collect();
        Ok(self.infer(&pixels)?.verdicts()?)
    }
}

/// What a model answered about `n` pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    /// `[n]`, the probability that first <= second.
    pub p_leq: Vec<f32>,
    /// `[n]`, its logit.
    pub leq_logit: Vec<f32>,
    /// `[n, 2, 10]`, from a model with digit heads.
    pub digit_probs: Option<Vec<f32>>,
    /// `[n, 2]`, from a model that tells "no digit".
    pub no_digit: Option<Vec<f32>>,
}

impl Outputs {
    /// One verdict a pair.
    ///
    /// # Errors
    /// [`NotAProbability`] when any is none.
    pub fn verdicts(&self) -> Result<Vec<Verdict>, NotAProbability> {
        let (classes, _) = self.digit_probs.as_deref().unwrap_or(&[]).as_chunks::<CLASSES>();
        let digits_of = |number: usize| Some([*classes.get(2 * number)?, *classes.get(2 * number + 1)?]);
        let (sides, _) = self.no_digit.as_deref().unwrap_or(&[]).as_chunks::<2>();
        let verdict = |(number, &p_leq): (usize, &f32)| {
            let verdict = Verdict::new(p_leq, digits_of(number))?;
            sides.get(number).map_or(Ok(verdict), |no_digit| verdict.with_no_digit(*no_digit))
        };
        self.p_leq.iter().enumerate().map(verdict).collect()
    }
}

/// Why an engine cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no library to load.
    #[error(transparent)]
    Library(#[from] library::LibraryError),
    /// The engine itself does not start.
    #[error("ONNX Runtime does not start: {0}")]
    Start(String),
    /// This program was built without the engine.
    #[error("this program was built without {0}; build it with `--features {0}`, or use --engine ort")]
    NotBuilt(&'static str),
    /// The engine runs on the processor only.
    #[error("{0} runs on the CPU only; use --engine ort for another device")]
    NoDevice(&'static str),
    /// The device is not there.
    #[error("--device cuda cannot be used: {0}; use --device cpu, or an ONNX Runtime built for CUDA")]
    Device(String),
    /// The model is ONNX and the engine cannot run it.
    #[error("{model}: {engine} cannot load this model: {fault}")]
    Unloadable {
        /// The engine's name.
        engine: &'static str,
        /// The model's name.
        model: String,
        /// What the engine found.
        fault: String,
    },
    /// Running the model failed.
    #[error("{model}: {engine} failed to run this model: {fault}")]
    Run {
        /// The engine's name.
        engine: &'static str,
        /// The model's name.
        model: String,
        /// What the engine found.
        fault: String,
    },
    /// The model ran and answered nonsense.
    #[error("the model's answer is of no use: {0}")]
    Answer(#[from] NotAProbability),
}

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ONNX Runtime, from its library.
    Ort,
    /// rten, in pure Rust.
    Rten,
}

impl Kind {
    /// The engine's name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ort => "ONNX Runtime",
            Self::Rten => "rten",
        }
    }
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, through an ONNX Runtime built for it.
    Cuda,
}

/// Which engine is to run, and how.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The engine; `None` takes ONNX Runtime if that is there, else rten.
    pub engine: Option<Kind>,

    /// Where it runs.
    pub device: Device,

    /// ONNX Runtime's library; `None` looks for it, see [`library`].
    pub onnxruntime: Option<PathBuf>,
}

impl Choice {
    /// The choice for a single pair: where nothing is named and ONNX Runtime lies near the program, rten all the same.
    ///
    /// Loading ONNX Runtime takes some forty milliseconds, the pair less than one; `infer verify` holds the engines
    /// together. `None` where the general choice is the quickest as well.
    pub fn for_one_pair(&self) -> Option<Self> {
        let is_free = self.engine.is_none() && self.onnxruntime.is_none() && self.device == Device::Cpu;
        let is_near = || matches!(library::find(None), library::Candidate::Found(_));
        (cfg!(feature = "rten") && is_free && is_near()).then(|| Self { engine: Some(Kind::Rten), ..self.clone() })
    }
}

/// Engines that are ready.
pub struct Opened {
    /// As many as were asked for, all alike.
    pub engines: Vec<Box<dyn Engine>>,
    /// Why it is not ONNX Runtime although nobody asked for another engine.
    pub fallback: Option<library::LibraryError>,
}

/// Loads a model into `count` engines of `threads` threads each.
///
/// Where no engine is named and ONNX Runtime is neither named nor found, rten answers.
///
/// # Errors
/// [`EngineError`] when the engine is not there or cannot load the model.
pub fn open(model: &Model, choice: &Choice, threads: usize, count: usize) -> Result<Opened, EngineError> {
    let several = |kind: Kind| -> Result<Vec<Box<dyn Engine>>, EngineError> {
        (0..count.max(1)).map(|_| open_one(model, choice, kind, threads)).collect()
    };
    match (choice.engine, several(choice.engine.unwrap_or(Kind::Ort))) {
        (None, Err(EngineError::Library(missing @ library::LibraryError::NotFound { .. })))
            if cfg!(feature = "rten") && choice.device == Device::Cpu =>
        {
            Ok(Opened { engines: several(Kind::Rten)?, fallback: Some(missing) })
        }
        (_, engines) => Ok(Opened { engines: engines?, fallback: None }),
    }
}

fn open_one(model: &Model, choice: &Choice, kind: Kind, threads: usize) -> Result<Box<dyn Engine>, EngineError> {
    match kind {
        Kind::Ort => Ok(Box::new(OnnxRuntime::open(model, choice.onnxruntime.clone(), choice.device, threads)?)),
        Kind::Rten if choice.device != Device::Cpu => Err(EngineError::NoDevice(Kind::Rten.name())),
        Kind::Rten => open_rten(model, threads),
    }
}

#[cfg(feature = "rten")]
fn open_rten(model: &Model, threads: usize) -> Result<Box<dyn Engine>, EngineError> {
    Ok(Box::new(rten::Rten::open(model, threads)?))
}

#[cfg(not(feature = "rten"))]
fn open_rten(_model: &Model, _threads: usize) -> Result<Box<dyn Engine>, EngineError> {
    Err(EngineError::NotBuilt(Kind::Rten.name()))
}

/// The engines that this program has.
pub fn built_in() -> &'static [Kind] {
    if cfg!(feature = "rten") { &[Kind::Ort, Kind::Rten] } else { &[Kind::Ort] }
}
