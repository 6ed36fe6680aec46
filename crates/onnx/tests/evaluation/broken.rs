//! Whatever a file holds and is fed, there is an answer or an error.

use candle_onnx::onnx::{AttributeProto, GraphProto, NodeProto, ValueInfoProto, attribute_proto::AttributeType};
use onnx::{Data, KNOWN_OPERATORS, Plan, Tensor};
use prost::Message;

use crate::case::{model, tensor};
use crate::random::Random;

/// Small numbers, and some that no size can be.
const NUMBERS: [i64; 14] = [0, 1, 2, 3, 1, 2, -1, -2, 4, 7, 64, 1 << 20, i64::MAX, i64::MIN];
const SETTINGS: [&str; 22] = [
    "allowzero",
    "alpha",
    "axes",
    "axis",
    "beta",
    "ceil_mode",
    "count_include_pad",
    "dilations",
    "end",
    "epsilon",
    "group",
    "keepdims",
    "kernel_shape",
    "num_outputs",
    "pads",
    "perm",
    "start",
    "strides",
    "to",
    "transA",
    "transB",
    "value_ints",
];

fn setting(random: &mut Random) -> AttributeProto {
    let name = SETTINGS[random.below(SETTINGS.len())];
    let count = if name == "pads" { 4 } else { random.below(4) };
    // Windows beyond 64 are refused before anything is computed, so most numbers are small.
    let kinds = if random.below(9) == 0 { NUMBERS.len() } else { 6 };
    let ints = (0..count).map(|_| NUMBERS[random.below(kinds)]).collect();
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Ints as i32,
        i: NUMBERS[random.below(NUMBERS.len())],
        f: random.float(),
        ints,
        ..Default::default()
    }
}

fn stored(random: &mut Random) -> Tensor {
    let rank = random.below(5);
    let shape: Vec<usize> = (0..rank)
        .map(|_| {
            let longest = if random.below(4) == 0 { 7 } else { 3 };
            random.below(longest)
        })
        .collect();
    let count = shape.iter().product();
    let wild: Vec<i64> = (0..count).map(|_| NUMBERS[random.below(NUMBERS.len())]).collect();
    let data = match random.below(8) {
        0..4 => Data::F32((0..count).map(|_| random.float()).collect()),
        4 | 5 => Data::I64(wild),
        6 => Data::U8(wild.iter().map(|&number| number as u8).collect()),
        _ => Data::Bool(wild.iter().map(|&number| number > 0).collect()),
    };
    Tensor::new(shape, data).unwrap()
}

/// A graph of known operators that read whatever there is.
fn graph(random: &mut Random) -> GraphProto {
    let mut names = vec!["x".to_owned()];
    let initializer = (0..6).map(|at| tensor(format!("w{at}"), &stored(random))).collect();
    names.extend((0..6).map(|at| format!("w{at}")));
    let mut nodes = Vec::new();
    for at in 0..random.between(1, 5) {
        let operator = KNOWN_OPERATORS[random.below(KNOWN_OPERATORS.len())];
        let count = random.between(usize::from(operator != "Constant"), 4);
        let input = (0..count).map(|_| names[random.below(names.len())].clone()).collect();
        let output: Vec<String> = (0..random.between(1, 2)).map(|number| format!("y{at}_{number}")).collect();
        names.push(output[0].clone());
        let attribute = (0..random.below(5)).map(|_| setting(random)).collect();
        nodes.push(NodeProto { op_type: operator.to_owned(), input, output, attribute, ..Default::default() });
    }
    let port = |name: &str| ValueInfoProto { name: name.to_owned(), ..Default::default() };
    let output = vec![port(names.last().unwrap())];
    GraphProto { node: nodes, input: vec![port("x")], output, initializer, ..Default::default() }
}

#[test]
fn random_graphs_answer_or_fail_without_a_panic() {
    let mut answers = 0;
    for seed in 0..60_000 {
        let mut random = Random::new(seed);
        let file = model(graph(&mut random)).encode_to_vec();
        let Ok(mut plan) = Plan::read(&file) else { continue };
        for _ in 0..2 {
            answers += usize::from(plan.run(vec![("x".to_owned(), stored(&mut random))]).is_ok());
        }
    }
    assert!(answers > 500, "only {answers} graphs answered: they tell little");
}

#[test]
fn damaged_models_answer_or_fail_without_a_panic() {
    let pair = Tensor::new(vec![1, 2, 14, 14], Data::F32(vec![1.0; 392])).unwrap();
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let mut bytes = models::LEQ.to_vec();
        // The graph's structure and the weights' shapes stand before and between the weights.
        for _ in 0..random.between(1, 4) {
            let among = if random.below(2) == 0 { 12_000 } else { bytes.len() };
            let at = random.below(among);
            bytes[at] = random.next() as u8;
        }
        bytes.truncate(if random.below(5) == 0 { random.below(bytes.len()) } else { bytes.len() });
        if let Ok(mut plan) = Plan::read(&bytes) {
            let _ = plan.run(vec![("pair".to_owned(), pair.clone())]);
        }
    }
}

#[test]
fn other_tensors_than_a_model_wants_are_errors() {
    let mut plan = Plan::read(models::LEQ).unwrap();
    assert_eq!(plan.run(Vec::new()).unwrap_err().to_string(), r#"the input "pair" is missing"#);
    let sizes = [vec![], vec![392], vec![1, 1, 14, 14], vec![1, 2, 1, 1], vec![1, 2, 28, 28], vec![1, 2, 14, 0]];
    for shape in sizes {
        let values = vec![0.5; shape.iter().product()];
        let pair = Tensor::new(shape.clone(), Data::F32(values)).unwrap();
        assert!(plan.run(vec![("pair".to_owned(), pair)]).is_err(), "{shape:?}");
    }
    let whole = Tensor::new(vec![1, 2, 14, 14], Data::I64(vec![0; 392])).unwrap();
    assert!(plan.run(vec![("pair".to_owned(), whole)]).is_err());
    let none = Tensor::new(vec![0, 2, 14, 14], Data::F32(Vec::new())).unwrap();
    let outputs = plan.run(vec![("pair".to_owned(), none)]).unwrap();
    assert!(outputs.iter().all(|(_, output)| output.data().is_empty()));
}

#[test]
fn a_tower_explains_only_values_that_are_there() {
    let mut plan = Plan::read(models::LEQ).unwrap();
    let pair = Tensor::new(vec![1, 2, 14, 14], Data::F32(vec![1.0; 392])).unwrap();
    let towers = plan.trace(vec![("pair".to_owned(), pair)]).unwrap();
    let (layer, input) = (&towers[0].layers[0], &towers[0].maps[0]);
    assert!(layer.explain(input, 1, 0, 0, 0).is_some());
    for (image, channel, row, column) in [(2, 0, 0, 0), (0, usize::MAX, 0, 0), (0, 0, usize::MAX, 0), (0, 0, 0, 14)] {
        assert!(layer.explain(input, image, channel, row, column).is_none());
    }
    let torn = onnx::Maps { values: Vec::new(), height: usize::MAX, ..input.clone() };
    assert!(layer.explain(&torn, 0, 0, 0, 0).is_none());
}
