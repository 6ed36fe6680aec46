//! A comparator as an ONNX model that keeps the contract in [`digits::contract`].

use candle_core::{Device, Result, Tensor};
use candle_onnx::onnx::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
use digits::SIDE;
use digits::contract::{self, BATCH, CLASSES};
use prost::Message;
use random::{Purpose, Stream};

use crate::layer::Stack;
use crate::network::{Arrangement, Comparator, LeqHead, NetworkSpec, Normalisation, digit_posteriors};
use crate::onnx::{Attribute, Axis, Graph, Storage, Value};

/// What is written beside the graph: keys of [`digits::contract::metadata`] with their values, in this order.
pub type Metadata = Vec<(&'static str, String)>;

/// The model file's contents. The same network, storage and metadata give the same bytes.
///
/// # Errors
/// Candle's, when a parameter cannot be read.
pub fn export(comparator: &Comparator, storage: Storage, metadata: &Metadata) -> Result<ModelProto> {
    let mut graph = Graph::new("leq");
    graph.store_weights_as(storage);
    add_comparator(&mut graph, comparator)?;
    let entry = |(key, value): &(&str, String)| StringStringEntryProto { key: (*key).to_owned(), value: value.clone() };
    Ok(ModelProto {
        ir_version: contract::IR_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: contract::OPSET }],
        producer_name: "leq".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph.finish()),
        metadata_props: metadata.iter().map(entry).collect(),
        ..Default::default()
    })
}

/// Bytes of the model file of a network with this description and no metadata. They depend on shapes alone.
///
/// # Errors
/// If parts of the description do not fit together; candle's, when the device has no room.
pub fn file_bytes(spec: &NetworkSpec, storage: Storage) -> anyhow::Result<usize> {
    let normalisation = Normalisation { mean: 0.0, standard_deviation: 1.0 };
    let comparator = Comparator::build(spec, normalisation, &mut Stream::new(0, Purpose::Weights), &Device::Cpu)?;
    Ok(export(&comparator, storage, &Metadata::new())?.encoded_len())
}

const PAIR: [Axis; 4] = [Axis::Dynamic(BATCH), Axis::Fixed(2), Axis::Fixed(SIDE), Axis::Fixed(SIDE)];
const PAIRS: [Axis; 1] = [Axis::Dynamic(BATCH)];
const SIDES: [Axis; 2] = [Axis::Dynamic(BATCH), Axis::Fixed(2)];
const DIGITS: [Axis; 3] = [Axis::Dynamic(BATCH), Axis::Fixed(2), Axis::Fixed(CLASSES)];

/// What is known of the images before they are compared.
struct Sides {
    /// Of a pair, or of an image where the comparison sees each by itself.
    features: Value,
    /// `[batch, 2, 10]`.
    digit_logits: Option<Value>,
    /// Probabilities, `[batch, 2]`.
    no_digit: Option<Value>,
}

impl Sides {
    fn without_digits(features: Value) -> Self {
        Self { features, digit_logits: None, no_digit: None }
    }
}

fn add_comparator(graph: &mut Graph, comparator: &Comparator) -> Result<()> {
    let pair = graph.input(contract::INPUT_PAIR, &PAIR);
    let images = normalise(graph, comparator, &pair);
    let Sides { features, digit_logits, no_digit } = match comparator.spec.arrangement {
        Arrangement::Stacked => Sides::without_digits(comparator.towers[0].export(graph, &images)?),
        Arrangement::Shared => shared_sides(graph, comparator, &images)?,
        Arrangement::Separate => separate_sides(graph, comparator, &images)?,
    };
    let posteriors = match (&comparator.spec.leq_head, &digit_logits) {
        (LeqHead::DigitPosteriors, Some(logits)) => Some(digit_probabilities(graph, logits)),
        _ => None,
    };
    let leq_logit = match &posteriors {
        Some(posteriors) => {
            graph.within("leq");
            digit_posteriors::export(graph, posteriors)
        }
        None => compare(graph, comparator, &features, digit_logits.as_ref())?,
    };
    let leq_logit = graph.output(contract::OUTPUT_LEQ_LOGIT, &PAIRS, &leq_logit);
    graph.within("answer");
    let p_leq = graph.node("Sigmoid", &[&leq_logit], &[]);
    graph.output(contract::OUTPUT_P_LEQ, &PAIRS, &p_leq);
    if let (Some(logits), true) = (&digit_logits, comparator.spec.auxiliary) {
        let logits = graph.output(contract::OUTPUT_DIGIT_LOGITS, &DIGITS, logits);
        let probs = posteriors.unwrap_or_else(|| digit_probabilities(graph, &logits));
        graph.output(contract::OUTPUT_DIGIT_PROBS, &DIGITS, &probs);
    }
    if let Some(no_digit) = &no_digit {
        graph.output(contract::OUTPUT_NO_DIGIT, &SIDES, no_digit);
    }
    Ok(())
}

/// Digit logits divided by the network's temperature.
fn cooled(graph: &mut Graph, comparator: &Comparator, logits: Value) -> Value {
    if comparator.temperature() == 1.0 {
        return logits;
    }
    graph.within("calibrate");
    let temperature = graph.floats("temperature", &[comparator.temperature()]);
    graph.node("Div", &[&logits, &temperature], &[])
}

fn digit_probabilities(graph: &mut Graph, logits: &Value) -> Value {
    graph.within("answer");
    graph.node("Softmax", &[logits], &[Attribute::int("axis", -1)])
}

fn normalise(graph: &mut Graph, comparator: &Comparator, pair: &Value) -> Value {
    graph.within("normalise");
    let normalisation = comparator.normalisation;
    let mean = graph.floats("mean", &[normalisation.mean]);
    let deviation = graph.floats("deviation", &[normalisation.standard_deviation]);
    let centred = graph.node("Sub", &[pair, &mean], &[]);
    graph.node("Div", &[&centred, &deviation], &[])
}

/// Weight sharing is visible: both digits of every pair go through one tower in one batch of twice the size.
fn shared_sides(graph: &mut Graph, comparator: &Comparator, images: &Value) -> Result<Sides> {
    graph.within("fold");
    let single = reshape(graph, images, "image_shape", &[-1, 1, SIDE as i64, SIDE as i64]);
    let features = comparator.towers[0].export(graph, &single)?;
    let mut no_digit = None;
    let digit_logits = match comparator.digit_heads.first() {
        Some(head) => {
            let mut logits = head.export(graph, &features)?;
            if comparator.spec.no_digit {
                no_digit = Some(no_digit_probabilities(graph, comparator, &logits));
                graph.within("classes");
                logits = slice(graph, &logits, 0, CLASSES as i64);
            }
            graph.within("unfold_digits");
            let logits = reshape(graph, &logits, "shape", &[-1, 2, CLASSES as i64]);
            Some(cooled(graph, comparator, logits))
        }
        None => None,
    };
    if matches!(comparator.spec.leq_head, LeqHead::DigitPosteriors | LeqHead::ScoreDifference { .. }) {
        return Ok(Sides { features, digit_logits, no_digit });
    }
    graph.within("unfold_features");
    let length = comparator.spec.pair_features(comparator.features) as i64;
    Ok(Sides { features: reshape(graph, &features, "shape", &[-1, length]), digit_logits, no_digit })
}

/// The last of eleven probabilities of each image, `[2 batch, 11]` to `[batch, 2]`.
fn no_digit_probabilities(graph: &mut Graph, comparator: &Comparator, logits: &Value) -> Value {
    graph.within("no_digit");
    let mut logits = logits.clone();
    if comparator.no_digit_shift() != 0.0 {
        let mut shifts = [0.0; CLASSES + 1];
        shifts[CLASSES] = comparator.no_digit_shift();
        let shift = graph.floats("shift", &shifts);
        logits = graph.node("Add", &[&logits, &shift], &[]);
    }
    let probabilities = graph.node("Softmax", &[&logits], &[Attribute::int("axis", -1)]);
    let last = slice(graph, &probabilities, CLASSES as i64, CLASSES as i64 + 1);
    reshape(graph, &last, "shape", &[-1, 2])
}

fn separate_sides(graph: &mut Graph, comparator: &Comparator, images: &Value) -> Result<Sides> {
    let mut features = Vec::new();
    for (side, tower) in comparator.towers.iter().enumerate() {
        graph.within(["first", "second"][side]);
        let image = slice(graph, images, side as i64, side as i64 + 1);
        features.push(tower.export(graph, &image)?);
    }
    let logits = comparator.digit_heads.iter().zip(&features);
    let logits: Vec<Value> = logits.map(|(head, features)| head.export(graph, features)).collect::<Result<_>>()?;
    graph.within("join");
    let features = concat(graph, &features, 1);
    let flat = concat(graph, &logits, 1);
    let digits = reshape(graph, &flat, "digits_shape", &[-1, 2, CLASSES as i64]);
    Ok(Sides { features, digit_logits: Some(digits), no_digit: None })
}

fn compare(graph: &mut Graph, comparator: &Comparator, features: &Value, digits: Option<&Value>) -> Result<Value> {
    let heads: &[Stack] = &comparator.leq_head;
    if let Some(margin) = &comparator.score_margin {
        return compare_scores(graph, features, &heads[0], margin);
    }
    let compared = heads[0].export(graph, features)?;
    let (Some(joined), Some(digits)) = (heads.get(1), digits) else {
        graph.within("leq");
        return Ok(reshape(graph, &compared, "shape", &[-1]));
    };
    graph.within("leq_join");
    let flat = graph.node("Flatten", &[digits], &[Attribute::int("axis", 1)]);
    let both = concat(graph, &[compared, flat], 1);
    let logits = joined.export(graph, &both)?;
    graph.within("leq");
    // The softmax of two logits is the sigmoid of their difference.
    Ok(second_minus_first(graph, &logits, "leq_minus_greater", "class_axis"))
}

/// From the features of each image.
fn compare_scores(graph: &mut Graph, features: &Value, head: &Stack, margin: &Tensor) -> Result<Value> {
    let scores = head.export(graph, features)?;
    graph.within("leq");
    let scores = reshape(graph, &scores, "scores_shape", &[-1, 2]);
    let difference = second_minus_first(graph, &scores, "second_minus_first", "side_axis");
    let margin = graph.initializer("margin", margin)?;
    Ok(graph.node("Add", &[&difference, &margin], &[]))
}

/// `[batch, 2]` to `[batch]`.
fn second_minus_first(graph: &mut Graph, values: &Value, signs: &str, axis: &str) -> Value {
    let signs = graph.floats(signs, &[-1.0, 1.0]);
    let weighted = graph.node("Mul", &[values, &signs], &[]);
    let axes = graph.ints(axis, &[1]);
    graph.node("ReduceSum", &[&weighted, &axes], &[Attribute::int("keepdims", 0)])
}

/// What lies from `start` to before `end` along the second axis.
fn slice(graph: &mut Graph, value: &Value, start: i64, end: i64) -> Value {
    let start = graph.ints("start", &[start]);
    let end = graph.ints("end", &[end]);
    let axis = graph.ints("axis", &[1]);
    graph.node("Slice", &[value, &start, &end, &axis], &[])
}

fn reshape(graph: &mut Graph, value: &Value, name: &str, shape: &[i64]) -> Value {
    let shape = graph.ints(name, shape);
    graph.node("Reshape", &[value, &shape], &[])
}

fn concat(graph: &mut Graph, values: &[Value], axis: i64) -> Value {
    let inputs: Vec<&Value> = values.iter().collect();
    graph.node("Concat", &inputs, &[Attribute::int("axis", axis)])
}
