//! A model file, evaluated by `onnx`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use digits::contract::{self, CLASSES};
use digits::{Answered, Candidate, DigitImage, NotAProbability, PairReadings, SIDE, Sight, Verdict};
use onnx::{Breach, Data, EvaluationError, Graph, Heads, Malformed, Plan, Refusal, Tensor};

use crate::answer::Answer;
use crate::trace::Trace;

/// First and second digit.
pub type Pair = [DigitImage; 2];

/// A loaded model that keeps the contract.
#[derive(Debug)]
pub struct Network {
    /// Behind a cell, since its scratch memory changes with every evaluation.
    plan: RefCell<Plan>,
    metadata: BTreeMap<String, String>,
    heads: Heads,
}

/// Why a model cannot be used, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The bytes are no ONNX file: another file, or a damaged one.
    #[error("the model file is damaged or is no ONNX file ({0})")]
    NotOnnx(#[from] Malformed),
    /// The file holds what no comparator needs.
    #[error("the model file {0}")]
    Refused(#[from] Refusal),
    /// Another model than this page runs.
    #[error("the model file {0}")]
    Contract(#[from] Breach),
    /// The evaluation failed.
    #[error("the model cannot be evaluated: {0}")]
    Evaluation(#[from] EvaluationError),
    /// More pairs than one evaluation takes.
    #[error("so many pairs are not compared at once")]
    TooMany,
    /// An output is not what the file declares.
    #[error("the model cannot be evaluated: {0:?} is not as declared")]
    Output(&'static str),
    /// The model answered with what is no probability.
    #[error(transparent)]
    Answer(#[from] NotAProbability),
}

impl Network {
    /// Reads a model file, checks it against [`digits::contract`] and evaluates it once: what a file declares need not
    /// be what it computes.
    ///
    /// # Errors
    /// [`NetworkError`] when the bytes are no model of this contract, or one that does not run.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NetworkError> {
        let graph = Graph::read(bytes)?;
        onnx::check(&graph)?;
        let heads = graph.signature().check()?;
        let plan = RefCell::new(Plan::read(bytes)?);
        let network = Self { plan, metadata: graph.metadata, heads };
        let blank = DigitImage::new([0.0; SIDE * SIDE]);
        network.compare(&[[blank, blank]])?;
        Ok(network)
    }

    /// Whether the model names the digits beside comparing them.
    pub fn has_digit_heads(&self) -> bool {
        self.heads.has_digits()
    }

    /// What the model's file says about itself under one of the keys of [`digits::contract::metadata`].
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
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
        let of_all = |name: &'static str, of_each: usize| values(&outputs, name, pairs.len() * of_each);
        let (p_leq, leq_logits) = (of_all(contract::OUTPUT_P_LEQ, 1)?, of_all(contract::OUTPUT_LEQ_LOGIT, 1)?);
        let classes = |name: &'static str| match self.heads.has_digits() {
            true => of_all(name, 2 * CLASSES).map(Some),
            false => Ok(None),
        };
        let (probs, logits) = (classes(contract::OUTPUT_DIGIT_PROBS)?, classes(contract::OUTPUT_DIGIT_LOGITS)?);
        let no_digit = self.heads.tells_no_digit().then(|| of_all(contract::OUTPUT_NO_DIGIT, 2)).transpose()?;
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

    /// What the network says about each of some readings, beside itself.
    ///
    /// # Errors
    /// As [`Network::compare`].
    pub fn judge(&self, readings: &[Candidate]) -> Result<Vec<Verdict>, NetworkError> {
        let images = readings.iter().map(|reading| reading.prepared.image);
        let pairs: Vec<Pair> = images.map(|image| [image, image]).collect();
        Ok(verdicts_of(&self.compare(&pairs)?))
    }

    /// Answers one pair of which each digit may be read in several ways; which reading of each won, and how it was seen.
    /// `may_look_again` allows a second look at a doubtful digit, which takes several times as long.
    ///
    /// # Errors
    /// As [`Network::compare`].
    pub fn compare_readings(
        &self,
        readings: [&[Candidate]; 2],
        may_look_again: bool,
    ) -> Result<(Answer, Answered), NetworkError> {
        let pair = PairReadings(readings);
        let images: Vec<Pair> = pair.images().map(|images| images.map(|image| *image)).collect();
        let answers = self.compare(&images)?;
        let mut answered = pair.answered(&verdicts_of(&answers))?;
        if may_look_again {
            let looks = pair.second_look(&answered);
            if !looks.is_empty() {
                answered = pair.after_second_look(answered, &verdicts_of(&self.compare(&looks)?))?;
            }
        }
        let Answered { verdict, winners, sights } = answered;
        if answers.len() == 1 && sights == [Sight::Once; 2] {
            return Ok((answers[0], answered));
        }
        let shown = [0, 1].map(|side| readings[side][winners[side]].seen(sights[side]).image);
        let logits = |side: usize| Some(answers[winners[side]].digit_logits()?[side]);
        let p_leq = verdict.p_leq();
        let leq_logit = (p_leq / (1.0 - p_leq)).ln();
        let logits = logits(0).zip(logits(1)).map(<[_; 2]>::from);
        Ok((Answer::new(&shown, verdict, leq_logit, logits), answered))
    }

    /// What is computed on the way to the answer about a pair.
    ///
    /// # Errors
    /// [`NetworkError::Evaluation`] when the model does not run.
    pub fn trace(&self, pair: &Pair) -> Result<Trace, NetworkError> {
        let towers = self.plan.borrow_mut().trace(input(std::slice::from_ref(pair))?)?;
        Ok(Trace { towers })
    }

    fn evaluate(&self, pairs: &[Pair]) -> Result<Vec<(String, Tensor)>, NetworkError> {
        Ok(self.plan.borrow_mut().run(input(pairs)?)?)
    }
}

fn verdicts_of(answers: &[Answer]) -> Vec<Verdict> {
    answers.iter().map(|answer| *answer.verdict()).collect()
}

/// The model's input, `[batch, 2, 14, 14]`.
fn input(pairs: &[Pair]) -> Result<Vec<(String, Tensor)>, NetworkError> {
    let pixels: Vec<f32> = pairs.iter().flatten().flat_map(|image| image.pixels()).copied().collect();
    let tensor = Tensor::new(vec![pairs.len(), 2, SIDE, SIDE], Data::F32(pixels));
    Ok(vec![(contract::INPUT_PAIR.to_owned(), tensor.ok_or(NetworkError::TooMany)?)])
}

/// The values of one output, of which there have to be `length`.
fn values(outputs: &[(String, Tensor)], name: &'static str, length: usize) -> Result<Vec<f32>, NetworkError> {
    let output = outputs.iter().find(|(of, _)| of == name).and_then(|(_, tensor)| tensor.floats());
    let values = output.filter(|values| values.len() == length).ok_or(NetworkError::Output(name))?;
    Ok(values.to_vec())
}
