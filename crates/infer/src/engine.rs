//! What runs a model. Everything outside this module speaks to a [`Session`] and knows no library.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use digits::contract::CLASSES;
use digits::{DigitImage, NotAProbability, SIDE, Verdict};
use serde::{Deserialize, Serialize};

use self::library::Candidate;
use crate::model::Model;

mod bounded;
mod isolated;
mod leq;
pub mod library;
mod onnxruntime;
#[cfg(feature = "rten")]
mod rten;
pub mod worker;

pub use isolated::ARGUMENT as WORKER_ARGUMENT;
pub use onnxruntime::{OnnxRuntime, Providers};

/// First and second digit.
pub type Pair = [DigitImage; 2];

/// Numbers that one pair feeds: two images.
pub const PAIR_PIXELS: usize = 2 * SIDE * SIDE;

/// A model loaded into an engine.
///
/// ```
/// use infer::{Engine, Model, engine};
///
/// let mut sessions = engine::open(&Model::built_in(), &Engine::best(), 1)?.sessions;
/// // Two pairs of blank images.
/// let outputs = sessions[0].infer(&[0.0; 2 * engine::PAIR_PIXELS])?;
/// assert_eq!(outputs.verdicts()?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Session: Send {
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
    /// As [`Session::infer`], and [`EngineError::Answer`] when it answers with what is no probability.
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
    /// Adds what the same model answered about further pairs.
    fn extend(&mut self, further: Self) {
        self.p_leq.extend(further.p_leq);
        self.leq_logit.extend(further.leq_logit);
        let join = |all: &mut Option<Vec<f32>>, further: Option<Vec<f32>>| {
            if let (Some(all), Some(further)) = (all, further) {
                all.extend(further);
            }
        };
        join(&mut self.digit_probs, further.digit_probs);
        join(&mut self.no_digit, further.no_digit);
    }

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
    /// What the engine's own process said.
    #[error("{0}")]
    Worker(String),
    /// An output of the model is not a probability.
    #[error("the model's output is invalid: {0}")]
    Answer(#[from] NotAProbability),
}

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineKind {
    /// ONNX Runtime, from its library.
    Ort,
    /// leq's own, in pure Rust.
    Leq,
    /// rten, in pure Rust.
    Rten,
}

impl EngineKind {
    /// The engine's name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ort => "ONNX Runtime",
            Self::Leq => "leq",
            Self::Rten => "rten",
        }
    }
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, through an ONNX Runtime built for it.
    Cuda,
}

/// Which engine is to run a model, and how.
///
/// ```
/// use infer::Engine;
/// use infer::engine::EngineKind;
///
/// // leq's own engine for the model that is built in, ONNX Runtime for others where its library is found.
/// assert_eq!(Engine::best().kind, None);
/// assert_eq!(Engine::leq().with_threads(2).kind, Some(EngineKind::Leq));
/// let named = Engine::onnx_runtime().with_library("/opt/onnxruntime/lib/libonnxruntime.so");
/// assert_eq!((named.kind, named.threads), (Some(EngineKind::Ort), 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// The engine; `None` takes leq's own for the model that is built in, unless ONNX Runtime's library is named; for other
    /// models ONNX Runtime if that is there, else leq's own or, where that cannot compute the model, rten.
    pub kind: Option<EngineKind>,
    /// Where it runs.
    pub device: Device,
    /// ONNX Runtime's library; `None` looks for it, see [`library`].
    pub library: Option<PathBuf>,
    /// Threads inside the engine, at least 1.
    pub threads: usize,
    /// A program that calls [`worker::serve`] for the argument [`WORKER_ARGUMENT`]. It runs models that are not built in, in
    /// a process of its own with limited memory: no fault of an engine ends this process. `None` runs them here.
    pub worker: Option<PathBuf>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::best()
    }
}

impl Engine {
    /// What is fastest on the CPU, one thread: see [`Engine::kind`].
    pub fn best() -> Self {
        Self { kind: None, device: Device::Cpu, library: None, threads: 1, worker: None }
    }

    /// leq's own, in pure Rust: the fastest for networks as small as leq's.
    pub fn leq() -> Self {
        Self { kind: Some(EngineKind::Leq), ..Self::best() }
    }

    /// ONNX Runtime and no other.
    pub fn onnx_runtime() -> Self {
        Self { kind: Some(EngineKind::Ort), ..Self::best() }
    }

    /// rten, in pure Rust.
    pub fn rten() -> Self {
        Self { kind: Some(EngineKind::Rten), ..Self::best() }
    }

    /// The same with this library of ONNX Runtime.
    #[must_use]
    pub fn with_library(self, library: impl Into<PathBuf>) -> Self {
        Self { library: Some(library.into()), ..self }
    }

    /// The same on another device.
    #[must_use]
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// The same with this many threads inside the engine.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The choice for a single pair: where neither engine, device nor library is named, leq's own, whatever the model.
    ///
    /// Loading ONNX Runtime takes some forty milliseconds, the pair less than one; `infer verify` holds the engines
    /// together. `None` where something is named.
    pub fn for_one_pair(&self) -> Option<Self> {
        self.is_free().then(|| Self { kind: Some(EngineKind::Leq), ..self.clone() })
    }

    /// Whether any engine may answer: none is named, nor a library, by the environment neither, nor another device.
    fn is_free(&self) -> bool {
        let is_named = || !matches!(library::find(self.library.clone()), Candidate::Found(_) | Candidate::System(_));
        self.kind.is_none() && self.device == Device::Cpu && !is_named()
    }

    /// The kind that a model is loaded into first.
    fn kind_for(&self, model: &Model) -> EngineKind {
        let own = || model.is_built_in() && self.is_free();
        self.kind.unwrap_or_else(|| if own() { EngineKind::Leq } else { EngineKind::Ort })
    }
}

/// Sessions that are ready.
pub struct Opened {
    /// As many as were asked for, all alike.
    pub sessions: Vec<Box<dyn Session>>,
    /// Why ONNX Runtime does not answer, where nobody asked for another engine and it would have.
    pub fallback: Option<library::LibraryError>,
}

/// Loads a model `count` times, for as many threads of the caller's.
///
/// Where no engine is named, [`Engine::kind`] says which answers.
///
/// # Errors
/// [`EngineError`] when the engine is not there or cannot load the model.
pub fn open(model: &Model, engine: &Engine, count: usize) -> Result<Opened, EngineError> {
    let several = |kind: EngineKind| -> Result<Vec<Box<dyn Session>>, EngineError> {
        (0..count.max(1)).map(|_| load(model, engine, kind)).collect()
    };
    match (engine.kind, several(engine.kind_for(model))) {
        (None, Err(EngineError::Library(missing @ library::LibraryError::NotFound { .. })))
            if engine.device == Device::Cpu =>
        {
            let sessions = match several(EngineKind::Leq) {
                Err(EngineError::Unloadable { .. }) if cfg!(feature = "rten") => several(EngineKind::Rten)?,
                sessions => sessions?,
            };
            Ok(Opened { sessions, fallback: Some(missing) })
        }
        (_, sessions) => Ok(Opened { sessions: sessions?, fallback: None }),
    }
}

/// As [`open`], once.
///
/// # Errors
/// As [`open`].
pub fn open_one(model: &Model, engine: &Engine) -> Result<Box<dyn Session>, EngineError> {
    let mut sessions = open(model, engine, 1)?.sessions;
    Ok(sessions.remove(0))
}

fn load(model: &Model, engine: &Engine, kind: EngineKind) -> Result<Box<dyn Session>, EngineError> {
    if model.is_built_in() {
        return load_here(model, engine, kind);
    }
    let worker = engine.worker.as_ref().filter(|_| isolated::is_for(engine.device));
    let session = match worker {
        Some(worker) => Box::new(isolated::Isolated::open(model, engine, kind, worker)?),
        None => load_here(model, engine, kind)?,
    };
    Ok(Box::new(bounded::Bounded::over(session, model.graph.clone(), model.name.clone())))
}

fn load_here(model: &Model, engine: &Engine, kind: EngineKind) -> Result<Box<dyn Session>, EngineError> {
    let threads = engine.threads.max(1);
    match kind {
        EngineKind::Ort => Ok(Box::new(OnnxRuntime::open(model, engine.library.clone(), engine.device, threads)?)),
        EngineKind::Leq | EngineKind::Rten if engine.device != Device::Cpu => Err(EngineError::NoDevice(kind.name())),
        EngineKind::Leq => Ok(Box::new(leq::Leq::open(model, threads)?)),
        EngineKind::Rten => open_rten(model, threads),
    }
}

#[cfg(feature = "rten")]
fn open_rten(model: &Model, threads: usize) -> Result<Box<dyn Session>, EngineError> {
    Ok(Box::new(rten::Rten::open(model, threads)?))
}

#[cfg(not(feature = "rten"))]
fn open_rten(_model: &Model, _threads: usize) -> Result<Box<dyn Session>, EngineError> {
    Err(EngineError::NotBuilt(EngineKind::Rten.name()))
}

/// The engines that this program has.
pub fn built_in() -> &'static [EngineKind] {
    let all = &[EngineKind::Ort, EngineKind::Leq, EngineKind::Rten];
    if cfg!(feature = "rten") { all } else { &all[..2] }
}

/// Why there is no answer after a panic of an engine.
const PANICKED: &str = "it broke off with a bug of its own; try --engine ort";

/// What `work` gives; its panic is an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(PANICKED.to_owned()))
}
