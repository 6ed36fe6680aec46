//! leq's own engine, in pure Rust: the file is evaluated as in the page, its convolutions by the kernels that training runs on.

use std::path::PathBuf;

use digits::SIDE;
use digits::contract::{self, CLASSES};
use onnx::{Data, Plan, Tensor};

use super::{EngineError, EngineKind, Outputs, PAIR_PIXELS, Session, guarded};
use crate::model::{Heads, Model};

/// Pairs evaluated together: so many keep the kernels busy, and what they compute fits a core's cache.
const TOGETHER: usize = 8;

/// A model in leq's own engine.
pub(super) struct Leq {
    /// One for each thread.
    plans: Vec<Plan>,
    heads: Heads,
    model: String,
}

impl Leq {
    /// Loads a model, and evaluates it once: what a file declares need not be what it computes.
    pub fn open(model: &Model, threads: usize) -> Result<Self, EngineError> {
        let opened = guarded(|| {
            let plans: Result<_, _> = (0..threads.max(1)).map(|_| Plan::read(&model.bytes)).collect();
            let plans = plans.map_err(|error| error.to_string())?;
            let mut opened = Self { plans, heads: model.heads, model: model.name.clone() };
            opened.outputs(&[0.0; PAIR_PIXELS])?;
            Ok(opened)
        });
        opened.map_err(|fault| EngineError::Unloadable { engine: NAME, model: model.name.clone(), fault })
    }

    /// Evaluates all pairs, a part on each thread.
    fn outputs(&mut self, pixels: &[f32]) -> Result<Outputs, String> {
        let heads = self.heads;
        let pairs = pixels.len() / PAIR_PIXELS;
        // Whole groups for every thread but the last.
        let of_thread = pairs.div_ceil(self.plans.len()).next_multiple_of(TOGETHER) * PAIR_PIXELS;
        let parts = self.plans.iter_mut().zip(pixels.chunks(of_thread));
        let answered: Vec<Result<Outputs, String>> = match pixels.len() <= of_thread {
            true => parts.map(|(plan, part)| evaluate(plan, heads, part)).collect(),
            false => std::thread::scope(|scope| {
                let threads: Vec<_> =
                    parts.map(|(plan, part)| scope.spawn(move || guarded(|| evaluate(plan, heads, part)))).collect();
                let ended = threads.into_iter().map(|thread| thread.join());
                ended.map(|answer| answer.unwrap_or_else(|_| Err(super::PANICKED.to_owned()))).collect()
            }),
        };
        joined(answered)
    }
}

/// The answers about one thread's pairs.
fn evaluate(plan: &mut Plan, heads: Heads, pixels: &[f32]) -> Result<Outputs, String> {
    joined(pixels.chunks(TOGETHER * PAIR_PIXELS).map(|pixels| together(plan, heads, pixels)))
}

/// The answers about a few pairs.
fn together(plan: &mut Plan, heads: Heads, pixels: &[f32]) -> Result<Outputs, String> {
    let pairs = pixels.len() / PAIR_PIXELS;
    let input = Tensor::new(vec![pairs, 2, SIDE, SIDE], Data::F32(pixels.to_vec()));
    let input = input.ok_or("its input holds no whole number of pairs")?;
    let outputs = plan.run(vec![(contract::INPUT_PAIR.to_owned(), input)]).map_err(|error| error.to_string())?;
    // What the file declares need not be what it computes.
    let read = |name: &str, of_each: usize| {
        let output = outputs.iter().find(|(output, _)| output == name).map(|(_, tensor)| tensor);
        let output = output.ok_or_else(|| format!("output {name} did not come out"))?;
        let values = output.floats().filter(|values| values.len() == pairs * of_each);
        values.map(<[f32]>::to_vec).ok_or_else(|| format!("output {name} came out with shape {:?}", output.shape()))
    };
    let read_if = |wanted: bool, name: &str, of_each: usize| wanted.then(|| read(name, of_each)).transpose();
    Ok(Outputs {
        p_leq: read(contract::OUTPUT_P_LEQ, 1)?,
        leq_logit: read(contract::OUTPUT_LEQ_LOGIT, 1)?,
        digit_probs: read_if(heads.has_digits(), contract::OUTPUT_DIGIT_PROBS, 2 * CLASSES)?,
        no_digit: read_if(heads.tells_no_digit(), contract::OUTPUT_NO_DIGIT, 2)?,
    })
}

/// Answers one after the other, at least one.
fn joined(parts: impl IntoIterator<Item = Result<Outputs, String>>) -> Result<Outputs, String> {
    let mut parts = parts.into_iter();
    let mut first = parts.next().unwrap_or_else(|| Err("it was asked about no pair".to_owned()))?;
    for part in parts {
        first.extend(part?);
    }
    Ok(first)
}

const NAME: &str = "leq";

impl Session for Leq {
    fn name(&self) -> &'static str {
        EngineKind::Leq.name()
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn library(&self) -> Option<PathBuf> {
        None
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        let model = self.model.clone();
        guarded(|| self.outputs(pixels)).map_err(|fault| EngineError::Run { engine: NAME, model, fault })
    }
}
