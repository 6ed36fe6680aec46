//! ONNX Runtime through `ort`: deterministic, silent, one environment a process.

use std::path::PathBuf;
use std::sync::Mutex;

use digits::SIDE;
use digits::contract::{self, CLASSES};
use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider};
use ort::logging::LogLevel;
use ort::value::TensorRef;

use super::library;
use super::{Device, EngineError, EngineKind, Outputs, PAIR_PIXELS, Session};
use crate::model::{Heads, Model};

/// A model in ONNX Runtime.
#[derive(Debug)]
pub struct OnnxRuntime {
    session: ort::session::Session,
    heads: Heads,
    library: PathBuf,
    model: String,
}

/// What an ONNX Runtime library says about itself.
#[derive(Debug, Clone)]
pub struct Providers {
    /// The file, or the name that the system looked up.
    pub library: PathBuf,
    /// Its version.
    pub version: String,
    /// Execution providers of leq's devices that it has, by ONNX Runtime's names.
    pub names: Vec<&'static str>,
}

impl OnnxRuntime {
    /// Loads the library, unless this process has loaded it before, and then the model.
    ///
    /// # Errors
    /// [`EngineError`] when there is no usable library, or it cannot load the model or use the device.
    pub fn open(model: &Model, library: Option<PathBuf>, device: Device, threads: usize) -> Result<Self, EngineError> {
        let (environment, library) = start(library)?;
        if device == Device::Cuda && !ep::CUDA::default().is_available_here() {
            return Err(EngineError::Device("this ONNX Runtime has no CUDA execution provider".to_owned()));
        }
        let session = session(&environment, &model.bytes, device, threads).map_err(|error| match device {
            Device::Cuda => EngineError::Device(error.message().to_owned()),
            Device::Cpu => EngineError::Unloadable {
                engine: EngineKind::Ort.name(),
                model: model.name.clone(),
                fault: error.message().to_owned(),
            },
        })?;
        Ok(Self { session, heads: model.heads, library, model: model.name.clone() })
    }

    fn outputs(&mut self, pixels: &[f32]) -> ort::Result<Outputs> {
        let pairs = pixels.len() / PAIR_PIXELS;
        let input = TensorRef::from_array_view(([pairs, 2, SIDE, SIDE], pixels))?;
        let outputs = self.session.run(ort::inputs![contract::INPUT_PAIR => input])?;
        // What the file declares need not be what it computes.
        let read = |name: &str, of_each: usize| match outputs.get(name).map(|value| value.try_extract_tensor::<f32>()) {
            Some(Ok((_, values))) if values.len() == pairs * of_each => Ok(values.to_vec()),
            Some(Ok((shape, _))) => Err(ort::Error::new(format!("output {name} came out with shape {shape:?}"))),
            Some(Err(error)) => Err(error),
            None => Err(ort::Error::new(format!("output {name} did not come out"))),
        };
        let read_if = |wanted: bool, name: &str, of_each: usize| wanted.then(|| read(name, of_each)).transpose();
        let digit_probs = read_if(self.heads.has_digits(), contract::OUTPUT_DIGIT_PROBS, 2 * CLASSES)?;
        let no_digit = read_if(self.heads.tells_no_digit(), contract::OUTPUT_NO_DIGIT, 2)?;
        let (p_leq, leq_logit) = (read(contract::OUTPUT_P_LEQ, 1)?, read(contract::OUTPUT_LEQ_LOGIT, 1)?);
        Ok(Outputs { p_leq, leq_logit, digit_probs, no_digit })
    }
}

impl Session for OnnxRuntime {
    fn name(&self) -> &'static str {
        EngineKind::Ort.name()
    }

    fn version(&self) -> String {
        library::version(&self.library)
    }

    fn library(&self) -> Option<PathBuf> {
        Some(self.library.clone())
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        self.outputs(pixels).map_err(|error| EngineError::Run {
            engine: EngineKind::Ort.name(),
            model: self.model.clone(),
            fault: error.message().to_owned(),
        })
    }
}

impl Providers {
    /// Loads ONNX Runtime's library and asks it.
    ///
    /// # Errors
    /// [`EngineError`] when there is no usable library.
    pub fn of(library: Option<PathBuf>) -> Result<Self, EngineError> {
        let (_, library) = start(library)?;
        let cuda = ep::CUDA::default().is_available_here().then_some("CUDAExecutionProvider");
        let names = std::iter::once("CPUExecutionProvider").chain(cuda).collect();
        Ok(Self { version: library::version(&library), library, names })
    }
}

/// Whether the loaded library has an execution provider; a library that cannot say has none.
trait AvailableHere {
    fn is_available_here(&self) -> bool;
}

impl<P: ExecutionProvider> AvailableHere for P {
    fn is_available_here(&self) -> bool {
        P::is_available().unwrap_or(false)
    }
}

/// The one environment that `ort` allows a process, with the library that it was loaded from.
static STARTED: Mutex<Option<(Environment, PathBuf)>> = Mutex::new(None);

/// Loads the library and starts its environment, without telemetry; the first library stays for the whole process.
fn start(named: Option<PathBuf>) -> Result<(Environment, PathBuf), EngineError> {
    let mut started = STARTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(running) = started.as_ref() {
        return Ok(running.clone());
    }
    let candidate = library::find(named);
    library::check(&candidate)?;
    let path = candidate.path().to_owned();
    let builder = match ort::init_from(&path) {
        Ok(builder) => builder,
        Err(fault) => return Err(library::refused(candidate, fault).into()),
    };
    let environment = builder.with_name("leq").with_telemetry(false).build();
    let environment = environment.map_err(|error| EngineError::Start(error.message().to_owned()))?;
    Ok(started.insert((environment, path)).clone())
}

/// Deterministic kernels: the same pictures give the same bits on the same machine.
fn session(
    environment: &Environment,
    model: &[u8],
    device: Device,
    threads: usize,
) -> ort::Result<ort::session::Session> {
    let mut builder = ort::session::Session::builder(environment)?
        .with_intra_threads(threads)?
        .with_inter_threads(1)?
        .with_deterministic_compute(true)?
        // What goes wrong comes back as an error and is told once, by us.
        .with_log_level(LogLevel::Fatal)?;
    if device == Device::Cuda {
        builder = builder.with_execution_providers([ep::CUDA::default().build().error_on_failure()])?;
    }
    builder.commit_from_memory(model)
}
