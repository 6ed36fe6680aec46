//! What a graph says of itself once it is read.

use super::*;

fn stored(name: &str, element: u64, shape: &[i64]) -> Initializer {
    Initializer { name: name.to_owned(), element, shape: shape.to_vec(), ..Initializer::default() }
}

#[test]
fn what_is_stored_is_no_input_that_must_be_fed() {
    let port = |name: &str| Port { name: name.to_owned(), element: "float32".to_owned(), shape: Vec::new() };
    let graph = Graph {
        inputs: vec![port("pair"), port("weight")],
        outputs: vec![port("p_leq")],
        initializers: vec![stored("weight", 1, &[2])],
        metadata: [("key".to_owned(), "text".to_owned())].into(),
        ..Graph::default()
    };
    let signature = graph.signature();
    assert_eq!((signature.inputs, signature.outputs), (vec![port("pair")], vec![port("p_leq")]));
    assert_eq!(signature.metadata, graph.metadata);
}

#[test]
fn parameters_are_counted_without_shapes_and_indices() {
    let weights: Vec<Option<u64>> = [
        stored("weight", 1, &[2, 3]),
        stored("number", 1, &[]),
        stored("matrix", 7, &[2, 2]),
        stored("shape", 7, &[5]),
        stored("axis", 7, &[]),
        stored("impossible", 1, &[-1]),
    ]
    .iter()
    .map(Initializer::weights)
    .collect();
    assert_eq!(weights, [Some(6), Some(1), Some(4), None, None, None]);
    let graph = Graph { initializers: vec![stored("a", 1, &[2, 3]), stored("b", 7, &[5])], ..Graph::default() };
    assert_eq!(graph.parameters(), 6);
    assert_eq!(Graph::default().parameters(), 0);
}

#[test]
fn a_shape_that_is_no_number_of_values_has_no_count() {
    let count = |shape: &[i64]| stored("", 1, shape).count();
    assert_eq!((count(&[]), count(&[4, 0]), count(&[4, 5])), (Some(1), Some(0), Some(20)));
    assert_eq!((count(&[4, -1]), count(&[i64::MAX, 3])), (None, None));
}

#[test]
fn element_types_have_names_and_sizes() {
    assert_eq!(stored("weight", 1, &[2, 3]).to_string(), "\"weight\" of float32 [2, 3]");
    assert_eq!([0, 16, 17].map(element_name), ["undefined", "bfloat16", "element type 17"]);
    assert_eq!([0, 8, 14, 15, 17].map(element_bytes), [None; 5]);
    let sizes: [(u64, &[u64]); 4] = [(1, &[2, 3, 9]), (2, &[4, 5, 10, 16]), (4, &[1, 6, 12]), (8, &[7, 11, 13])];
    for (bytes, elements) in sizes {
        assert!(elements.iter().all(|&element| element_bytes(element) == Some(bytes)), "{elements:?}");
    }
}
