//! rten: ONNX in pure Rust, inside the program. It answers where ONNX Runtime is missing, and is a second opinion.

use std::path::PathBuf;
use std::sync::Arc;

use digits::SIDE;
use digits::contract::{self, CLASSES};
use rten::{NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;

use super::{EngineError, EngineKind, Outputs, PAIR_PIXELS, Session, guarded};
use crate::model::{Heads, Model};

/// Version of the crate that is built in; a test compares it with `Cargo.lock`.
const VERSION: &str = "0.27.0";

/// A model in rten.
pub(super) struct Rten {
    graph: rten::Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    threads: Arc<ThreadPool>,
    heads: Heads,
    model: String,
}

impl Rten {
    /// Loads a model. A panic of rten is an error.
    pub fn open(model: &Model, threads: usize) -> Result<Self, EngineError> {
        let loaded = guarded(|| Self::load(model, threads));
        loaded.map_err(|fault| EngineError::Unloadable { engine: NAME, model: model.name.clone(), fault })
    }

    fn load(model: &Model, threads: usize) -> Result<Self, String> {
        let bytes = onnx::unpacked(&model.bytes).map_err(|error| error.to_string())?;
        let graph = rten::Model::load(bytes).map_err(|error| error.to_string())?;
        let node = |name: &str| graph.node_id(name).map_err(|error| error.to_string());
        let mut names = vec![contract::OUTPUT_P_LEQ, contract::OUTPUT_LEQ_LOGIT];
        if model.heads.has_digits() {
            names.push(contract::OUTPUT_DIGIT_PROBS);
        }
        if model.heads.tells_no_digit() {
            names.push(contract::OUTPUT_NO_DIGIT);
        }
        let input = node(contract::INPUT_PAIR)?;
        let outputs = names.into_iter().map(node).collect::<Result<_, _>>()?;
        let threads = Arc::new(ThreadPool::with_num_threads(threads.max(1)));
        Ok(Self { graph, input, outputs, threads, heads: model.heads, model: model.name.clone() })
    }

    fn outputs(&self, pixels: &[f32]) -> Result<Outputs, String> {
        let pairs = pixels.len() / PAIR_PIXELS;
        let input = NdTensorView::from_data([pairs, 2, SIDE, SIDE], pixels);
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let outputs = self.graph.run(vec![(self.input, input.into())], &self.outputs, Some(options));
        let mut outputs = outputs.map_err(|error| error.to_string())?.into_iter();
        let mut read = |of_each: usize| numbers(outputs.next(), pairs * of_each);
        let (p_leq, leq_logit) = (read(1)?, read(1)?);
        let digit_probs = self.heads.has_digits().then(|| read(2 * CLASSES)).transpose()?;
        let no_digit = self.heads.tells_no_digit().then(|| read(2)).transpose()?;
        Ok(Outputs { p_leq, leq_logit, digit_probs, no_digit })
    }
}

const NAME: &str = "rten";

fn numbers(output: Option<Value>, wanted: usize) -> Result<Vec<f32>, String> {
    match output {
        Some(Value::FloatTensor(tensor)) if tensor.len() == wanted => Ok(tensor.to_vec()),
        Some(other) => Err(format!("an output came out with shape {:?}", other.shape())),
        None => Err("an output did not come out".to_owned()),
    }
}

impl Session for Rten {
    fn name(&self) -> &'static str {
        EngineKind::Rten.name()
    }

    fn version(&self) -> String {
        VERSION.to_owned()
    }

    fn library(&self) -> Option<PathBuf> {
        None
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        let run = |fault: String| EngineError::Run { engine: NAME, model: self.model.clone(), fault };
        guarded(|| self.outputs(pixels)).map_err(run)
    }
}
