//! A comparator as an ONNX model that keeps the contract in [`digits::contract`].

use candle_core::{Result, Tensor};
use candle_onnx::onnx::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
use digits::SIDE;
use digits::contract::{self, BATCH, CLASSES};

use crate::layer::Stack;
use crate::network::{Arrangement, Comparator, LeqHead, digit_posteriors};
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

const PAIR: [Axis; 4] = [Axis::Dynamic(BATCH), Axis::Fixed(2), Axis::Fixed(SIDE), Axis::Fixed(SIDE)];
const PAIRS: [Axis; 1] = [Axis::Dynamic(BATCH)];
const DIGITS: [Axis; 3] = [Axis::Dynamic(BATCH), Axis::Fixed(2), Axis::Fixed(CLASSES)];

fn add_comparator(graph: &mut Graph, comparator: &Comparator) -> Result<()> {
    let pair = graph.input(contract::INPUT_PAIR, &PAIR);
    let images = normalise(graph, comparator, &pair);
    let (features, digit_logits) = match comparator.spec.arrangement {
        Arrangement::Stacked => (comparator.towers[0].export(graph, &images)?, None),
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
    let deviation = graph.floats("deviation", &[normalisation.deviation]);
    let centred = graph.node("Sub", &[pair, &mean], &[]);
    graph.node("Div", &[&centred, &deviation], &[])
}

/// Weight sharing is visible: both digits of every pair go through one tower in one batch of twice the size. The features
/// are a pair's, or an image's where the comparison sees each by itself.
fn shared_sides(graph: &mut Graph, comparator: &Comparator, images: &Value) -> Result<(Value, Option<Value>)> {
    graph.within("fold");
    let single = reshape(graph, images, "image_shape", &[-1, 1, SIDE as i64, SIDE as i64]);
    let features = comparator.towers[0].export(graph, &single)?;
    let digit_logits = match comparator.digit_heads.first() {
        Some(head) => {
            let logits = head.export(graph, &features)?;
            graph.within("unfold_digits");
            let logits = reshape(graph, &logits, "shape", &[-1, 2, CLASSES as i64]);
            Some(cooled(graph, comparator, logits))
        }
        None => None,
    };
    if matches!(comparator.spec.leq_head, LeqHead::DigitPosteriors | LeqHead::ScoreDifference { .. }) {
        return Ok((features, digit_logits));
    }
    graph.within("unfold_features");
    let length = comparator.spec.pair_features(comparator.features) as i64;
    Ok((reshape(graph, &features, "shape", &[-1, length]), digit_logits))
}

fn separate_sides(graph: &mut Graph, comparator: &Comparator, images: &Value) -> Result<(Value, Option<Value>)> {
    let mut features = Vec::new();
    for (side, tower) in comparator.towers.iter().enumerate() {
        graph.within(["first", "second"][side]);
        let image = image_of_side(graph, images, side as i64);
        features.push(tower.export(graph, &image)?);
    }
    let logits = comparator.digit_heads.iter().zip(&features);
    let logits: Vec<Value> = logits.map(|(head, features)| head.export(graph, features)).collect::<Result<_>>()?;
    graph.within("join");
    let features = concat(graph, &features, 1);
    let flat = concat(graph, &logits, 1);
    let digits = reshape(graph, &flat, "digits_shape", &[-1, 2, CLASSES as i64]);
    Ok((features, Some(digits)))
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

fn image_of_side(graph: &mut Graph, images: &Value, side: i64) -> Value {
    let start = graph.ints("start", &[side]);
    let end = graph.ints("end", &[side + 1]);
    let axis = graph.ints("axis", &[1]);
    graph.node("Slice", &[images, &start, &end, &axis], &[])
}

fn reshape(graph: &mut Graph, value: &Value, name: &str, shape: &[i64]) -> Value {
    let shape = graph.ints(name, shape);
    graph.node("Reshape", &[value, &shape], &[])
}

fn concat(graph: &mut Graph, values: &[Value], axis: i64) -> Value {
    let inputs: Vec<&Value> = values.iter().collect();
    graph.node("Concat", &inputs, &[Attribute::int("axis", axis)])
}
