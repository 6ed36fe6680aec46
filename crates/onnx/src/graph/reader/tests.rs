//! Files that are small and hold much.

use super::*;
use crate::graph::Initializer;

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that holds bytes.
fn field(number: usize, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len()), content.to_vec()].concat()
}

/// A field that holds a number.
fn number(field: usize, value: usize) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn graph_of(content: &[u8]) -> Result<Graph, Malformed> {
    Graph::read(&field(7, content))
}

fn node_with_attribute(attribute: &[u8]) -> Vec<u8> {
    field(1, &field(5, attribute))
}

const TOO_MANY_IN_ALL: &str =
    "it has more than 200,000 nodes, attributes, tensors, inputs, outputs and dimensions in all";

fn fault(read: Result<Graph, Malformed>) -> String {
    read.unwrap_err().to_string()
}

#[test]
fn no_list_is_longer_than_10_000() {
    let nodes = |count: usize| graph_of(&field(1, &[]).repeat(count));
    assert_eq!(nodes(MOST_ENTRIES).unwrap().nodes.len(), MOST_ENTRIES);
    assert_eq!(fault(nodes(MOST_ENTRIES + 1)), "it has more than 10,000 nodes, tensors, inputs or outputs");
}

#[test]
fn many_short_lists_are_counted_together() {
    // Attributes, tensors in attributes, inputs and outputs of nodes; each list is one shorter than it may be, for its owner.
    let tensors = field(5, &field(5, &[]).repeat(MOST_ENTRIES - 2));
    for inside in [field(5, &[]), field(1, &[]), field(2, &[])] {
        let node = field(1, &inside.repeat(MOST_ENTRIES - 1));
        assert!(graph_of(&node.repeat(20)).is_ok());
        assert_eq!(fault(graph_of(&[node.repeat(20), field(1, &[])].concat())), TOO_MANY_IN_ALL);
    }
    assert!(graph_of(&field(1, &tensors).repeat(20)).is_ok());
    assert_eq!(fault(graph_of(&[field(1, &tensors).repeat(20), field(1, &[])].concat())), TOO_MANY_IN_ALL);
}

#[test]
fn dimensions_metadata_and_operator_sets_are_counted_too() {
    let shape = field(2, &field(1, &[]).repeat(MOST_ENTRIES - 1));
    for port in [11, 12] {
        let port = field(port, &field(2, &field(1, &shape)));
        assert!(graph_of(&port.repeat(20)).is_ok());
        assert_eq!(fault(graph_of(&[port.repeat(20), field(1, &[])].concat())), TOO_MANY_IN_ALL);
    }
    let entries = |count: usize| Graph::read(&[field(7, &[]), field(14, &[]).repeat(count)].concat());
    assert!(entries(MOST_ENTRIES_IN_ALL).is_ok());
    assert_eq!(fault(entries(MOST_ENTRIES_IN_ALL + 1)), TOO_MANY_IN_ALL);
    let sets = Graph::read(&[field(7, &[]), field(8, &[]).repeat(MOST_ENTRIES + 1)].concat());
    assert!(fault(sets).starts_with("it has more than 10,000"));
}

#[test]
fn numbers_of_attributes_are_counted_together() {
    let (ints, floats) = (|count: usize| field(8, &vec![0; count]), |count: usize| field(7, &vec![0; 4 * count]));
    let both = [node_with_attribute(&ints(MOST_NUMBERS - 1)), node_with_attribute(&floats(1))].concat();
    assert_eq!(graph_of(&both).unwrap().nodes[0].attributes[0].ints.len(), MOST_NUMBERS - 1);
    for more in [ints(1), floats(1), vec![3 << 3, 0]] {
        let read = graph_of(&[both.clone(), node_with_attribute(&more)].concat());
        assert_eq!(fault(read), "its attributes hold more than a million numbers");
    }
}

#[test]
fn texts_of_attributes_are_short() {
    let text = |length: usize| graph_of(&node_with_attribute(&field(4, &vec![0xFF; length])));
    assert_eq!(text(LONGEST_TEXT).unwrap().nodes[0].attributes[0].text.chars().count(), LONGEST_TEXT);
    assert_eq!(fault(text(LONGEST_TEXT + 1)), "an attribute's text is longer than 64 KiB");
}

#[test]
fn numbers_of_tensors_are_looked_at_and_not_kept() {
    let tensor = |shape: &[u8], element: u8, numbers: &[u8]| {
        let content = [field(1, shape), vec![2 << 3, element], field(7, numbers)].concat();
        graph_of(&field(5, &content)).map(|mut graph| graph.initializers.remove(0).values)
    };
    assert_eq!(tensor(&[3], 7, &[4, 5, 6]), Ok(Some(vec![4, 5, 6])));
    assert_eq!(tensor(&[2], 7, &[4, 5, 6]), Ok(None));
    assert_eq!(tensor(&[64], 7, &[1; 64]).unwrap().map(|values| values.len()), Some(64));
    assert_eq!(tensor(&[65], 7, &[1; 65]), Ok(None));
    // 300 dimensions are refused at the 17th.
    assert_eq!(tensor(&[1; 16], 7, &[4]), Ok(Some(vec![4])));
    assert_eq!(tensor(&[1; 300], 7, &[4]), Err(Malformed("a tensor has more than 16 dimensions")));
    // What does not fit int32 is not what an engine reads.
    let beyond = [0x80, 0x80, 0x80, 0x80, 0x10];
    assert_eq!(tensor(&[1], 7, &beyond), Ok(Some(vec![1 << 32])));
    assert_eq!(tensor(&[1], 6, &beyond), Ok(None));
}

#[test]
fn every_field_of_a_model_and_its_graph_is_read_into_its_place() {
    let dimensions = [field(1, &number(1, 2)), field(1, &field(2, b"batch")), field(2, b"no dimension")].concat();
    let port = |name: &[u8]| {
        let tensor = [number(1, 1), field(2, &dimensions), number(3, 1)].concat();
        [field(1, name), field(2, &field(1, &tensor)), field(3, b"a note")].concat()
    };
    let graph = [
        field(1, &field(4, b"Relu")),
        field(2, b"main"),
        field(5, &field(8, b"weight")),
        field(10, b"a note"),
        field(11, &port(b"x")),
        field(12, &port(b"y")),
        field(15, &[]),
    ];
    let sets = field(8, &[field(1, b"own"), number(2, 17), number(3, 1)].concat());
    let metadata = field(14, &[field(1, b"key"), field(2, b"text"), number(3, 1)].concat());
    let program = [number(1, 8), field(2, b"leq"), field(3, b"1.0"), number(5, 3)].concat();
    let model = [program, field(7, &graph.concat()), sets, metadata, field(20, &[]), field(25, &[])].concat();
    let shape = vec![Dimension::Fixed(2), Dimension::Dynamic("batch".to_owned())];
    let port = |name: &str| Port { name: name.to_owned(), element: "float32".to_owned(), shape: shape.clone() };
    let expected = Graph {
        ir_version: 8,
        opsets: vec![("own".to_owned(), 17)],
        producer: "leq 1.0".to_owned(),
        name: "main".to_owned(),
        inputs: vec![port("x")],
        outputs: vec![port("y")],
        nodes: vec![Node { operator: "Relu".to_owned(), ..Node::default() }],
        initializers: vec![Initializer { name: "weight".to_owned(), ..Initializer::default() }],
        metadata: [("key".to_owned(), "text".to_owned())].into(),
        functions: 1,
        trains: true,
        sparse: 1,
    };
    assert_eq!(Graph::read(&model), Ok(expected));
    assert_eq!(fault(Graph::read(&number(1, 8))), "it holds no graph");
}

#[test]
fn every_field_of_a_node_and_its_attributes_is_read_into_its_place() {
    let float = [varint(2 << 3 | 5), 1.5f32.to_le_bytes().to_vec()].concat();
    let known = [
        field(1, b"axis"),
        float,
        number(3, 7),
        field(4, b"SAME"),
        field(5, &field(8, b"inner")),
        field(13, b"a note"),
        number(20, 2),
    ];
    let names =
        [field(1, b"x"), field(2, b"y"), field(3, b"first"), field(4, b"Relu"), field(6, b"a note"), field(7, b"own")];
    let attributes =
        [field(5, &known.concat()), field(5, &number(22, 1)), field(5, &field(6, &[])), field(5, &field(11, &[]))];
    let read = graph_of(&field(1, &[names.concat(), attributes.concat()].concat()));
    let attribute = Attribute {
        name: "axis".to_owned(),
        ints: vec![7],
        floats: vec![1.5],
        text: "SAME".to_owned(),
        tensors: vec![Initializer { name: "inner".to_owned(), ..Initializer::default() }],
        ..Attribute::default()
    };
    let unknown = Attribute { unknown: Some(22), ..Attribute::default() };
    let of_graph = Attribute { holds_graph: true, ..Attribute::default() };
    let expected = Node {
        name: "first".to_owned(),
        operator: "Relu".to_owned(),
        domain: "own".to_owned(),
        inputs: vec!["x".to_owned()],
        outputs: vec!["y".to_owned()],
        attributes: vec![attribute, unknown, of_graph.clone(), of_graph],
    };
    assert_eq!(read.unwrap().nodes, [expected]);
}

#[test]
fn what_is_no_tensor_has_no_element_type() {
    // A sequence's type is the fourth field of a type.
    let sequence = field(11, &[field(1, b"x"), field(2, &field(4, &[]))].concat());
    let port = Port { name: "x".to_owned(), element: NO_TENSOR.to_owned(), shape: Vec::new() };
    assert_eq!(graph_of(&sequence).unwrap().inputs, [port]);
}
