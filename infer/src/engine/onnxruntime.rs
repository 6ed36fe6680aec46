//! ONNX Runtime through `ort`: one thread, deterministic, silent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use digits::contract::{self, CLASSES};
use digits::{SIDE, Verdict};
use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::library;
use super::{Engine, EngineError, Pair};
use crate::model::{Dimension, Heads, Model, Port, Signature};

/// A model in ONNX Runtime.
#[derive(Debug)]
pub struct OnnxRuntime {
    session: Session,
    signature: Signature,
    heads: Heads,
    library: PathBuf,
    model: String,
}

impl OnnxRuntime {
    /// Loads the library and then the model, and checks the model against the contract.
    ///
    /// A process has one ONNX Runtime environment; a second call while an earlier engine lives is an error.
    ///
    /// # Errors
    /// [`EngineError`] when there is no usable library, or the model is not ONNX or breaks the contract.
    pub fn open(model: &Model, library: Option<PathBuf>) -> Result<Self, EngineError> {
        let (environment, library) = start(library)?;
        let session = session(&environment, &model.bytes).map_err(|error| unloadable(&model.name, &error))?;
        let signature = signature(&session).map_err(|error| unloadable(&model.name, &error))?;
        let breach = |breach| EngineError::Contract { model: model.name.clone(), breach: Box::new(breach) };
        let heads = signature.check().map_err(breach)?;
        Ok(Self { session, signature, heads, library, model: model.name.clone() })
    }

    /// Feeds all pairs at once and copies out `p_leq` and, if the model has them, the digit probabilities.
    fn outputs(&mut self, pairs: &[Pair]) -> ort::Result<(Vec<f32>, Option<Vec<f32>>)> {
        let pixels: Vec<f32> = pairs.iter().flatten().flat_map(|image| image.pixels()).copied().collect();
        let input = TensorRef::from_array_view(([pairs.len(), 2, SIDE, SIDE], pixels.as_slice()))?;
        let outputs = self.session.run(ort::inputs![contract::INPUT_PAIR => input])?;
        // What the file declares need not be what it computes.
        let read = |name: &str, of_each: usize| match outputs.get(name).map(|value| value.try_extract_tensor::<f32>()) {
            Some(Ok((_, values))) if values.len() == pairs.len() * of_each => Ok(values.to_vec()),
            Some(Ok((shape, _))) => Err(ort::Error::new(format!("output {name} came out with shape {shape:?}"))),
            Some(Err(error)) => Err(error),
            None => Err(ort::Error::new(format!("output {name} did not come out"))),
        };
        let digit_probs = match self.heads {
            Heads::Comparison => None,
            Heads::ComparisonAndDigits => Some(read(contract::OUTPUT_DIGIT_PROBS, 2 * CLASSES)?),
        };
        Ok((read(contract::OUTPUT_P_LEQ, 1)?, digit_probs))
    }
}

impl Engine for OnnxRuntime {
    fn name(&self) -> &str {
        "ONNX Runtime"
    }

    fn library(&self) -> Option<PathBuf> {
        Some(self.library.clone())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn run(&mut self, pairs: &[Pair]) -> Result<Vec<Verdict>, EngineError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let model = self.model.clone();
        let (p_leq, digit_probs) = self
            .outputs(pairs)
            .map_err(|error| EngineError::Run { model: model.clone(), fault: error.message().to_owned() })?;
        let digits_of = |number: usize| {
            let (classes, _) = digit_probs.as_ref()?.as_chunks::<CLASSES>();
            Some([classes[2 * number], classes[2 * number + 1]])
        };
        let verdicts = p_leq.iter().enumerate().map(|(number, &p)| Verdict::new(p, digits_of(number)));
        verdicts.collect::<Result<_, _>>().map_err(|fault| EngineError::Answer { model, fault })
    }
}

/// Loads the library and starts its environment, without telemetry.
fn start(named: Option<PathBuf>) -> Result<(Environment, PathBuf), EngineError> {
    let candidate = library::find(named);
    let path = candidate.path().to_owned();
    let builder = match ort::init_from(&path) {
        Ok(builder) => builder,
        Err(fault) => return Err(library::refused(candidate, fault).into()),
    };
    let environment = builder.with_name("leq").with_telemetry(false).build();
    let environment = environment.map_err(|error| EngineError::Start(error.message().to_owned()))?;
    Ok((environment, path))
}

/// One thread and deterministic kernels: the same pictures give the same bits on the same machine.
fn session(environment: &Environment, model: &[u8]) -> ort::Result<Session> {
    Session::builder(environment)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_deterministic_compute(true)?
        // What goes wrong comes back as an error and is told once, by us.
        .with_log_level(LogLevel::Fatal)?
        .commit_from_memory(model)
}

fn unloadable(model: &str, error: &ort::Error) -> EngineError {
    let (model, fault) = (model.to_owned(), error.message().to_owned());
    match error.code() {
        ort::ErrorCode::InvalidProtobuf => EngineError::NotOnnx { model, fault },
        _ => EngineError::Unloadable { model, fault },
    }
}

fn signature(session: &Session) -> ort::Result<Signature> {
    let metadata = session.metadata()?;
    let value = |key: String| metadata.custom(&key).map(|value| (key, value));
    let metadata: BTreeMap<_, _> = metadata.custom_keys()?.into_iter().filter_map(value).collect();
    let ports = |outlets: &[Outlet]| outlets.iter().map(port).collect();
    Ok(Signature { inputs: ports(session.inputs()), outputs: ports(session.outputs()), metadata })
}

fn port(outlet: &Outlet) -> Port {
    let name = outlet.name().to_owned();
    let ValueType::Tensor { ty, shape, dimension_symbols } = outlet.dtype() else {
        return Port { name, element: "what is no tensor".to_owned(), shape: Vec::new() };
    };
    let dimension = |(&size, symbol): (&i64, &String)| match size {
        ..0 => Dimension::Dynamic(symbol.clone()),
        _ => Dimension::Fixed(size),
    };
    let shape = shape.iter().zip(dimension_symbols.iter()).map(dimension).collect();
    Port { name, element: element_name(*ty), shape }
}

/// ONNX's name of an element type, where ours uses it; `ort`'s name for the rest.
fn element_name(element: TensorElementType) -> String {
    match element {
        TensorElementType::Float32 => "float32".to_owned(),
        TensorElementType::Float64 => "float64".to_owned(),
        TensorElementType::Float16 => "float16".to_owned(),
        TensorElementType::Uint8 => "uint8".to_owned(),
        TensorElementType::Int64 => "int64".to_owned(),
        other => other.to_string(),
    }
}
