//! A model file, evaluated by candle-onnx.

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::{Device, Tensor};
use candle_onnx::onnx::{ModelProto, StringStringEntryProto};
use digits::contract::{self, CLASSES, metadata};
use digits::{DigitImage, NotAProbability, SIDE, Verdict};
use prost::Message;

use crate::answer::Answer;
use crate::plan::Plan;
use crate::trace::Trace;

/// First and second digit.
pub type Pair = [DigitImage; 2];

/// A loaded model that keeps the contract.
#[derive(Debug)]
pub struct Network {
    /// Behind a cell, since its scratch memory changes with every evaluation.
    plan: RefCell<Plan>,
    metadata: Vec<StringStringEntryProto>,
    has_digit_heads: bool,
    tells_no_digit: bool,
}

/// Why a model cannot be used, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The bytes are no ONNX file: another file, or a damaged one.
    #[error("the model file is damaged or is no ONNX file ({0})")]
    NotOnnx(prost::DecodeError),
    /// An ONNX file that is not what this page evaluates.
    #[error("the model file breaks the contract: {0}")]
    Contract(String),
    /// The evaluation failed.
    #[error("the model cannot be evaluated ({0})")]
    Evaluation(candle_core::Error),
    /// The model answered with what is no probability.
    #[error(transparent)]
    Answer(#[from] NotAProbability),
}

impl From<candle_core::Error> for NetworkError {
    fn from(fault: candle_core::Error) -> Self {
        Self::Evaluation(fault)
    }
}

impl Network {
    /// Reads a model file, checks it against [`digits::contract`] and evaluates it once: what a file declares need not
    /// be what it computes.
    ///
    /// # Errors
    /// [`NetworkError`] when the bytes are no model of this contract, or one that does not run.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NetworkError> {
        let mut model = ModelProto::decode(bytes).map_err(NetworkError::NotOnnx)?;
        let Heads { has_digit_heads, tells_no_digit } = check_contract(&model)?;
        let metadata = std::mem::take(&mut model.metadata_props);
        let network = Self { plan: RefCell::new(Plan::of(model)?), metadata, has_digit_heads, tells_no_digit };
        let blank = DigitImage::new([0.0; SIDE * SIDE]);
        network.compare(&[[blank, blank]])?;
        Ok(network)
    }

    /// Whether the model names the digits beside comparing them.
    pub fn has_digit_heads(&self) -> bool {
        self.has_digit_heads
    }

    /// What the model's file says about itself under one of the keys of [`digits::contract::metadata`].
    pub fn metadata(&self, key: &str) -> Option<&str> {
        metadata_value(&self.metadata, key)
    }

    /// Answers any number of pairs, in order.
    ///
    /// # Errors
    /// [`NetworkError::Evaluation`] when the model does not run, [`NetworkError::Answer`] when it answers nonsense.
    pub fn compare(&self, pairs: &[Pair]) -> Result<Vec<Answer>, NetworkError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let outputs = self.evaluate(pairs)?;
        let of_all = |name: &str, of_each: usize| values(&outputs, name, pairs.len() * of_each);
        let (p_leq, leq_logits) = (of_all(contract::OUTPUT_P_LEQ, 1)?, of_all(contract::OUTPUT_LEQ_LOGIT, 1)?);
        let classes = |name: &str| match self.has_digit_heads {
            true => of_all(name, 2 * CLASSES).map(Some),
            false => Ok(None),
        };
        let (probs, logits) = (classes(contract::OUTPUT_DIGIT_PROBS)?, classes(contract::OUTPUT_DIGIT_LOGITS)?);
        let no_digit = self.tells_no_digit.then(|| of_all(contract::OUTPUT_NO_DIGIT, 2)).transpose()?;
        let of_pair = |values: &Option<Vec<f32>>, number: usize| {
            let (digits, _) = values.as_ref()?.as_chunks::<CLASSES>();
            Some([digits[2 * number], digits[2 * number + 1]])
        };
        let answer = |number: usize| {
            let mut verdict = Verdict::new(p_leq[number], of_pair(&probs, number))?;
            if let Some(no_digit) = &no_digit {
                verdict = verdict.with_no_digit([no_digit[2 * number], no_digit[2 * number + 1]])?;
            }
            Ok(Answer::new(&pairs[number], verdict, leq_logits[number], of_pair(&logits, number)))
        };
        (0..pairs.len()).map(answer).collect()
    }

    /// What is computed on the way to the answer about a pair.
    ///
    /// # Errors
    /// [`NetworkError::Evaluation`] when the model does not run.
    pub fn trace(&self, pair: &Pair) -> Result<Trace, NetworkError> {
        Ok(self.plan.borrow_mut().trace(contract::INPUT_PAIR, tensor(std::slice::from_ref(pair))?)?)
    }

    fn evaluate(&self, pairs: &[Pair]) -> Result<HashMap<String, Tensor>, NetworkError> {
        Ok(self.plan.borrow_mut().run(contract::INPUT_PAIR, tensor(pairs)?)?)
    }
}

/// The model's input, `[batch, 2, 14, 14]`.
fn tensor(pairs: &[Pair]) -> candle_core::Result<Tensor> {
    let pixels: Vec<f32> = pairs.iter().flatten().flat_map(|image| image.pixels()).copied().collect();
    Tensor::from_vec(pixels, (pairs.len(), 2, SIDE, SIDE), &Device::Cpu)
}

/// The values of one output, of which there have to be `length`.
fn values(outputs: &HashMap<String, Tensor>, name: &str, length: usize) -> Result<Vec<f32>, NetworkError> {
    let output = outputs.get(name).ok_or_else(|| NetworkError::Contract(format!("it does not compute {name}")))?;
    let values = output.flatten_all()?.to_vec1::<f32>()?;
    if values.len() != length {
        return Err(NetworkError::Contract(format!("its {name} holds {} values, not {length}", values.len())));
    }
    Ok(values)
}

fn metadata_value<'a>(entries: &'a [StringStringEntryProto], key: &str) -> Option<&'a str> {
    entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

/// Which outputs a model has beyond its answer.
struct Heads {
    has_digit_heads: bool,
    tells_no_digit: bool,
}

/// Checks version, input and outputs; tells which of the outputs there are.
fn check_contract(model: &ModelProto) -> Result<Heads, NetworkError> {
    let breach = |what: String| Err(NetworkError::Contract(what));
    match metadata_value(&model.metadata_props, metadata::CONTRACT) {
        Some(version) if metadata::VERSIONS.contains(&version) => {}
        Some(other) => {
            return breach(format!("it follows version {other:?}, not {}", metadata::VERSIONS.join(" or ")));
        }
        None => return breach(format!("its metadata has no {:?}", metadata::CONTRACT)),
    }
    let Some(graph) = &model.graph else {
        return breach("it holds no graph".to_owned());
    };
    if !matches!(graph.input.as_slice(), [input] if input.name == contract::INPUT_PAIR) {
        return breach(format!("it wants other inputs than {:?}", contract::INPUT_PAIR));
    }
    let has_output = |name: &str| graph.output.iter().any(|output| output.name == name);
    Ok(Heads {
        has_digit_heads: has_output(contract::OUTPUT_DIGIT_PROBS) && has_output(contract::OUTPUT_DIGIT_LOGITS),
        tells_no_digit: has_output(contract::OUTPUT_NO_DIGIT),
    })
}
