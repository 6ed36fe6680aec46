//! A sound graph, changed in one place at a time.

use super::*;
use crate::graph::Attribute;
use crate::signature::Port;

fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Node { operator: operator.to_owned(), inputs: names(inputs), outputs: names(outputs), ..Node::default() }
}

fn port(name: &str) -> Port {
    Port { name: name.to_owned(), element: "float32".to_owned(), shape: Vec::new() }
}

fn floats(shape: &[i64], raw_bytes: Option<usize>) -> Initializer {
    Initializer { name: "w".to_owned(), element: 1, shape: shape.to_vec(), raw_bytes, ..Initializer::default() }
}

fn sound() -> Graph {
    let mut pooling = node("MaxPool", &["x", "", "w"], &["y", ""]);
    pooling.attributes = vec![Attribute { name: "kernel_shape".to_owned(), ints: vec![0, 64], ..Attribute::default() }];
    Graph {
        opsets: vec![(String::new(), 13), ("ai.onnx".to_owned(), 27)],
        nodes: vec![node("Relu", &["pair"], &["x"]), pooling],
        initializers: vec![floats(&[2, 3], Some(24))],
        inputs: vec![port("pair")],
        outputs: vec![port("y")],
        ..Graph::default()
    }
}

fn refusal(change: impl FnOnce(&mut Graph)) -> Refusal {
    let mut graph = sound();
    change(&mut graph);
    check(&graph).expect_err("the graph was not refused")
}

#[test]
fn a_sound_graph_passes() {
    assert_eq!(check(&sound()), Ok(()));
}

#[test]
fn functions_training_and_sparse_tensors_are_refused() {
    assert_eq!(refusal(|graph| graph.functions = 1), Refusal::Extra("functions of its own"));
    assert_eq!(refusal(|graph| graph.trains = true), Refusal::Extra("training instructions"));
    assert_eq!(refusal(|graph| graph.sparse = 1), Refusal::Extra("sparse tensors"));
}

#[test]
fn operator_sets_and_domains_are_onnxs_own() {
    assert_eq!(refusal(|graph| graph.opsets.clear()), Refusal::Opset(0));
    for version in [12, 28] {
        assert_eq!(refusal(|graph| graph.opsets[0].1 = version), Refusal::Opset(version));
    }
    let other = || "com.microsoft".to_owned();
    assert_eq!(refusal(|graph| graph.opsets[1].0 = other()), Refusal::Domain(other()));
    assert_eq!(refusal(|graph| graph.nodes[1].domain = other()), Refusal::Domain(other()));
}

#[test]
fn control_flow_and_unknown_operators_are_refused() {
    for operator in CONTROL_FLOW {
        let refused = refusal(|graph| graph.nodes[0].operator = (*operator).to_owned());
        assert_eq!(refused, Refusal::ControlFlow((*operator).to_owned()));
    }
    let holding = Attribute { name: "axis".to_owned(), holds_graph: true, ..Attribute::default() };
    assert_eq!(refusal(|graph| graph.nodes[0].attributes.push(holding)), Refusal::ControlFlow("Relu".to_owned()));
    let refused = refusal(|graph| graph.nodes[0].operator = "RandomNormal".to_owned());
    assert_eq!(refused, Refusal::UnknownOperator("RandomNormal".to_owned()));
}

#[test]
fn attributes_are_known_there_once_and_of_a_known_form() {
    let refused = |name: &str, change: &dyn Fn(&mut Attribute)| {
        let mut attribute = Attribute { name: name.to_owned(), ..Attribute::default() };
        change(&mut attribute);
        refusal(|graph| graph.nodes[1].attributes.push(attribute))
    };
    let attribute = |name: &str| Refusal::Attribute { operator: "MaxPool".to_owned(), attribute: name.to_owned() };
    assert_eq!(refused("axis", &|_| {}), attribute("axis"));
    assert_eq!(refused("kernel_shape", &|_| {}), attribute("kernel_shape"));
    assert_eq!(refused("pads", &|it| it.unknown = Some(22)), attribute("pads"));
    assert_eq!(refused("pads", &|it| it.tensors = vec![floats(&[], Some(4)); 2]), attribute("pads"));
    assert_eq!(refused("pads", &|it| it.floats = vec![0.5, f32::NAN]), Refusal::NonFinite("pads".to_owned()));
    let of_none = Attribute { name: "axis".to_owned(), ..Attribute::default() };
    let refused = refusal(|graph| graph.nodes[0].attributes.push(of_none));
    assert_eq!(refused, Refusal::Attribute { operator: "Relu".to_owned(), attribute: "axis".to_owned() });
}

#[test]
fn one_tensor_and_finite_numbers_in_an_attribute_are_fine() {
    let mut graph = sound();
    let tensors = vec![floats(&[], Some(4))];
    let value = Attribute { name: "value".to_owned(), floats: vec![0.5], tensors, ..Attribute::default() };
    graph.nodes.push(Node { attributes: vec![value], ..node("Constant", &[], &["c"]) });
    assert_eq!(check(&graph), Ok(()));
    graph.nodes[2].attributes[0].tensors[0].external = true;
    assert_eq!(check(&graph), Err(Refusal::ExternalData("w".to_owned())));
}

#[test]
fn windows_are_from_0_to_64() {
    for (name, value) in [("kernel_shape", 65), ("pads", -1), ("strides", 65), ("dilations", -1)] {
        let attribute = Attribute { name: name.to_owned(), ints: vec![1, value], ..Attribute::default() };
        let refused = refusal(|graph| graph.nodes[1].attributes = vec![attribute]);
        assert_eq!(refused, Refusal::Window { operator: "MaxPool".to_owned(), attribute: name.to_owned(), value });
    }
    let mut graph = sound();
    graph.nodes[1].attributes =
        vec![Attribute { name: "ceil_mode".to_owned(), ints: vec![65], ..Attribute::default() }];
    assert_eq!(check(&graph), Ok(()));
}

#[test]
fn tensors_are_inside_finite_and_of_their_size() {
    assert_eq!(refusal(|graph| graph.initializers[0].external = true), Refusal::ExternalData("w".to_owned()));
    assert_eq!(refusal(|graph| graph.initializers[0].has_non_finite = true), Refusal::NonFinite("w".to_owned()));
    let size = |tensor: Initializer| match refusal(|graph| graph.initializers[0] = tensor) {
        Refusal::Size { name, found, wanted } => (name, found, wanted),
        other => panic!("{other}"),
    };
    let named = |found: usize, wanted: &str| ("w".to_owned(), found, wanted.to_owned());
    assert_eq!(size(floats(&[2, 3], Some(23))), named(23, "24"));
    assert_eq!(size(floats(&[-2], Some(8))), named(8, "no size (float32 of shape [-2])"));
    assert_eq!(size(floats(&[i64::MAX], Some(8))), named(8, "no size (float32 of shape [9223372036854775807])"));
    assert_eq!(size(Initializer { element: 8, ..floats(&[1], None) }), named(0, "no size (string of shape [1])"));
    assert_eq!(size(floats(&[(16 << 20) + 1], None)), named(0, "67108868"));
    let mut graph = sound();
    graph.initializers[0] = floats(&[16 << 20], None);
    assert_eq!(check(&graph), Ok(()));
}

#[test]
fn every_value_is_made_once_and_before_it_is_read() {
    assert_eq!(refusal(|graph| graph.nodes.swap(0, 1)), Refusal::Unmade("x".to_owned()));
    for (name, at) in [("pair", 0), ("w", 1), ("x", 1)] {
        let refused = refusal(|graph| graph.nodes[at].outputs[0] = name.to_owned());
        assert_eq!(refused, Refusal::MadeTwice(name.to_owned()));
    }
    assert_eq!(refusal(|graph| graph.outputs.push(port("z"))), Refusal::NoSuchOutput("z".to_owned()));
    assert_eq!(refusal(|graph| graph.inputs.clear()), Refusal::Unmade("pair".to_owned()));
}
