//! Files that are small and hold much.

use super::*;

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
