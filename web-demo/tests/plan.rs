//! The planned evaluation beside candle-onnx's own of the whole file.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use candle_onnx::onnx::attribute_proto::AttributeType;
use candle_onnx::onnx::tensor_proto::DataType;
use candle_onnx::onnx::{AttributeProto, ModelProto, NodeProto, TensorProto};
use digits::contract::{INPUT_PAIR, OUTPUT_LEQ_LOGIT};
use digits::{DigitImage, SIDE};
use prost::Message;
use web_demo::{Network, Pair};

fn models() -> Vec<(String, ModelProto)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    let read = |path: &Path| ModelProto::decode(std::fs::read(path).unwrap().as_slice()).unwrap();
    paths.map(|path| (path.display().to_string(), read(&path))).collect()
}

/// Pairs of smooth patches of ink, no two alike.
fn pairs() -> Vec<Pair> {
    let image = |number: usize| {
        let ink = |at: usize| {
            let (x, y, n) = ((at % SIDE) as f32, (at / SIDE) as f32, number as f32);
            let wave = (x * (0.3 + 0.05 * n)).sin() + (y * (0.9 - 0.04 * n)).cos();
            (127.0 * wave.max(0.0)).min(255.0)
        };
        DigitImage::new(std::array::from_fn(ink))
    };
    (0..8).map(|number| [image(number), image(number + 8)]).collect()
}

fn by_candle_onnx_alone(model: &ModelProto, pairs: &[Pair]) -> Vec<f32> {
    let pixels: Vec<f32> = pairs.iter().flatten().flat_map(|image| image.pixels()).copied().collect();
    let pair = Tensor::from_vec(pixels, (pairs.len(), 2, SIDE, SIDE), &Device::Cpu).unwrap();
    let outputs = candle_onnx::simple_eval(model, HashMap::from([(INPUT_PAIR.to_owned(), pair)])).unwrap();
    outputs[OUTPUT_LEQ_LOGIT].to_vec1().unwrap()
}

fn assert_planned_alike(name: &str, model: &ModelProto) {
    let pairs = pairs();
    let expected = by_candle_onnx_alone(model, &pairs);
    let answers = Network::from_bytes(&model.encode_to_vec()).unwrap().compare(&pairs).unwrap();
    for (answer, expected) in answers.iter().zip(expected) {
        assert!((answer.leq_logit() - expected).abs() < 1e-4, "{name}: {} beside {expected}", answer.leq_logit());
    }
}

#[test]
fn every_shipped_model_answers_as_candle_onnx_alone_does() {
    let models = models();
    assert!(!models.is_empty());
    for (name, model) in models {
        assert_planned_alike(&name, &model);
    }
}

/// Stores the larger weights in 8 bits: `weight = (Cast(bytes) - 128) * scale`.
fn in_8_bits(model: &mut ModelProto) {
    let graph = model.graph.as_mut().unwrap();
    let scalar = |name: String, value: f32| TensorProto {
        name,
        data_type: DataType::Float as i32,
        raw_data: value.to_le_bytes().to_vec(),
        ..Default::default()
    };
    let node = |op_type: &str, input: &[&str], output: String| NodeProto {
        op_type: op_type.to_owned(),
        input: input.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output],
        ..Default::default()
    };
    let (mut nodes, mut initializers) = (Vec::new(), vec![scalar("zero_point".to_owned(), 128.0)]);
    for weight in std::mem::take(&mut graph.initializer) {
        let is_large = weight.data_type == DataType::Float as i32 && weight.dims.iter().product::<i64>() > 100;
        if !is_large {
            initializers.push(weight);
            continue;
        }
        let name = &weight.name;
        let values: Vec<f32> = weight.raw_data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let scale = values.iter().fold(0.0f32, |most, value| most.max(value.abs())) / 127.0;
        let raw_data = values.iter().map(|value| (value / scale + 128.0).round() as u8).collect();
        let [bytes, floats, centred, scale_name] =
            ["bytes", "floats", "centred", "scale"].map(|it| format!("{name}_{it}"));
        let to = AttributeProto {
            name: "to".to_owned(),
            i: DataType::Float as i64,
            r#type: AttributeType::Int as i32,
            ..Default::default()
        };
        nodes.push(NodeProto { attribute: vec![to], ..node("Cast", &[&bytes], floats.clone()) });
        nodes.push(node("Sub", &[&floats, "zero_point"], centred.clone()));
        nodes.push(node("Mul", &[&centred, &scale_name], name.clone()));
        initializers.push(scalar(scale_name, scale));
        initializers.push(TensorProto { name: bytes, data_type: DataType::Uint8 as i32, raw_data, ..weight });
    }
    graph.initializer = initializers;
    nodes.append(&mut graph.node);
    graph.node = nodes;
}

#[test]
fn weights_in_8_bits_are_unpacked_to_the_same_answers() {
    for (name, mut model) in models() {
        in_8_bits(&mut model);
        assert_planned_alike(&name, &model);
    }
}

#[test]
fn an_image_that_the_model_does_not_fit_is_an_error_and_no_panic() {
    let (_, mut model) = models().swap_remove(0);
    let graph = model.graph.as_mut().unwrap();
    let weight = graph.initializer.iter_mut().find(|weight| weight.dims.len() == 4).unwrap();
    weight.dims.swap(0, 1);
    assert!(Network::from_bytes(&model.encode_to_vec()).is_err());
}
