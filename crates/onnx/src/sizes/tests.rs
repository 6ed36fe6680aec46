//! Whole graphs: what they take, and what is refused.

use super::trial::{Trial, floats, whole};
use super::*;
use crate::graph::Attribute;
use crate::signature::{Dimension, Port};

fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Node { operator: operator.to_owned(), inputs: names(inputs), outputs: names(outputs), ..Node::default() }
}

fn stored(name: &str, element: u64, shape: &[i64]) -> Initializer {
    Initializer { name: name.to_owned(), element, shape: shape.to_vec(), ..Initializer::default() }
}

fn sizes(name: &str, values: &[i64]) -> Initializer {
    Initializer { values: Some(values.to_vec()), ..stored(name, INT64, &[values.len() as i64]) }
}

fn graph(nodes: &[Node], initializers: &[Initializer]) -> Graph {
    Graph { nodes: nodes.to_vec(), initializers: initializers.to_vec(), ..Graph::default() }
}

/// A graph whose output "y" is declared with a shape after the batch.
fn declaring(mut graph: Graph, after_batch: &[i64]) -> Graph {
    let fixed = after_batch.iter().map(|&size| Dimension::Fixed(size));
    let shape = [Dimension::Dynamic("batch".to_owned())].into_iter().chain(fixed).collect();
    graph.outputs = vec![Port { name: "y".to_owned(), element: "float32".to_owned(), shape }];
    graph
}

/// Columns as many as `columns` for each pixel of a pair, as a product or by stretching.
fn wide(operator: &str, columns: i64, inner: i64) -> Graph {
    let reshape = node("Reshape", &["pair", "to"], &["x"]);
    let to = sizes("to", &[-1, 392 / inner, inner]);
    graph(&[reshape, node(operator, &["x", "w"], &["y"])], &[to, stored("w", FLOAT32, &[inner, columns])])
}

#[test]
fn the_cost_of_the_built_in_model_is_known_and_grows_with_the_pairs() {
    let graph = Graph::read(models::LEQ).unwrap();
    let [one, many] = [1, 64].map(|pairs| graph.cost(pairs).unwrap());
    assert!(one.work > 100_000 && one.work < MOST_WORK_A_PAIR / 20, "{one:?}");
    assert!(many.elements < MOST_ELEMENTS && many.work > 60 * one.work, "{many:?}");
    graph.check_cost().unwrap();
}

#[test]
fn every_tensor_that_is_made_is_counted() {
    let twice = graph(&[node("Relu", &["pair"], &["x"]), node("Split", &["x", "", ""], &["y", ""])], &[]);
    assert_eq!(twice.cost(2), Ok(Cost { elements: 784 + 392, work: 0 }));
    let products = wide("MatMul", 5, 196);
    assert_eq!(products.cost(3), Ok(Cost { elements: 3 * (392 + 10), work: 3 * 392 * 5 }));
}

#[test]
fn a_graph_that_cannot_be_followed_says_where() {
    let refused = |graph: Graph| graph.cost(1).unwrap_err().to_string();
    let unknown = refused(graph(&[node("Relu", &["nothing"], &["y"])], &[]));
    assert!(unknown.contains("Relu (y)") && unknown.contains("it reads \"nothing\""), "{unknown}");
    let negative = refused(graph(&[], &[stored("w", FLOAT32, &[-1])]));
    assert!(negative.contains("has w that cannot be followed: its size"), "{negative}");
    let many = refused(graph(&[node("Relu", &["pair"], &["x", "y"])], &[]));
    assert!(many.contains("more outputs than are known"), "{many}");
    let nothing = refused(graph(&[node("Add", &["pair", "w"], &["y"])], &[stored("w", FLOAT32, &[0, 1, 1, 1])]));
    assert!(nothing.contains("a tensor of no numbers, [0, 2, 14, 14]"), "{nothing}");
}

#[test]
fn only_a_list_of_whole_numbers_may_be_empty() {
    assert_eq!(elements(&Known::new(INT64, vec![0])), Ok(0));
    assert_eq!(elements(&floats(&[2, 3])), Ok(6));
    assert_eq!(elements(&floats(&[])), Ok(1));
    for known in [floats(&[0]), Known::new(INT64, vec![0, 1])] {
        assert!(elements(&known).unwrap_err().contains("no numbers"), "{known:?}");
    }
    assert!(elements(&floats(&[1 << 40, 1 << 40])).unwrap_err().contains("beyond counting"));
}

#[test]
fn outputs_are_declared_as_they_are_computed() {
    let rows = || wide("MatMul", 5, 196);
    assert!(declaring(rows(), &[2, 5]).cost(3).is_ok());
    for shape in [&[2, 6][..], &[2], &[2, -5]] {
        let refused = declaring(rows(), shape).cost(3).unwrap_err();
        assert!(
            matches!(&refused, Refusal::Computes { name, made, .. } if name == "y" && *made == [3, 2, 5]),
            "{refused}"
        );
    }
    // What nothing makes is refused elsewhere.
    assert!(declaring(graph(&[], &[]), &[]).cost(1).is_ok());
}

#[test]
fn memory_and_work_for_one_pair_are_bounded() {
    // 392 rows of one number stretch to 392 x columns.
    assert_eq!(wide("Mul", 42_798, 1).check_cost(), Ok(()));
    let memory = 392 + 392 * 42_800;
    assert_eq!(wide("Mul", 42_800, 1).check_cost(), Err(Refusal::Memory(memory)));
    assert_eq!(wide("MatMul", 2_739_000, 392).check_cost(), Ok(()));
    assert_eq!(wide("MatMul", 2_739_200, 392).check_cost(), Err(Refusal::Work(392 * 2_739_200)));
}

#[test]
fn a_graph_may_take_as_much_as_the_bounds_say_and_no_more() {
    let copied = |numbers: i64| graph(&[node("Relu", &["w"], &["y"])], &[stored("w", FLOAT32, &[numbers])]);
    assert_eq!(copied(1 << 24).check_cost(), Ok(()));
    assert_eq!(copied((1 << 24) + 1).check_cost(), Err(Refusal::Memory((1 << 24) + 1)));
    let product = |columns: i64| {
        let matrices = [stored("a", FLOAT32, &[1024, 1024]), stored("b", FLOAT32, &[1024, columns])];
        graph(&[node("MatMul", &["a", "b"], &["y"])], &matrices)
    };
    assert_eq!(product(1024).check_cost(), Ok(()));
    assert_eq!(product(1025).check_cost(), Err(Refusal::Work(1024 * 1024 * 1025)));
}

#[test]
fn what_grows_faster_than_the_pairs_is_refused_and_told_for_one_pair() {
    // `height` squares of 392 x 392 for one pair, 784 x 784 for two.
    let squares = |height: i64, more: &[Node]| {
        let rows = node("Reshape", &["pair", "tall"], &["rows"]);
        let columns = node("Reshape", &["pair", "flat"], &["columns"]);
        let sum = node("Sum", &["rows", "columns", "stack"], &["squares"]);
        let kept = [sizes("tall", &[-1, 1]), sizes("flat", &[1, -1]), stored("stack", FLOAT32, &[height, 1, 1])];
        graph(&[&[rows, columns, sum][..], more].concat(), &kept)
    };
    let memory = (784 + 784 + 100 * 784 * 784) / 2;
    assert_eq!(squares(100, &[]).check_cost(), Err(Refusal::Memory(memory)));
    let product = node("MatMul", &["squares", "squares"], &["y"]);
    assert_eq!(squares(10, &[product]).check_cost(), Err(Refusal::Work(10 * 784 * 784 * 784 / 2)));
}

#[test]
fn a_graph_for_one_pair_alone_is_refused() {
    let fixed = graph(&[node("Reshape", &["pair", "to"], &["y"])], &[sizes("to", &[1, 392])]);
    assert!(fixed.cost(1).is_ok());
    assert!(matches!(fixed.check_cost(), Err(Refusal::Unbounded(..))));
}

#[test]
fn element_types_of_floating_point() {
    for (element, is_float) in [(1, true), (10, true), (11, true), (16, true), (2, false), (7, false), (9, false)] {
        assert_eq!(Known::new(element, vec![]).is_float(), is_float, "{element}");
    }
    let tensor = Initializer { values: Some(vec![2]), ..stored("w", INT64, &[1]) };
    assert_eq!(Known::of(&tensor), Some(whole(&[2])));
}

#[test]
fn a_setting_that_is_empty_counts_as_0() {
    let without_number = Attribute { name: "axis".to_owned(), ..Attribute::default() };
    assert_eq!(Trial::new("Flatten", [floats(&[2, 3])]).attribute(without_number).shape(), [1, 6]);
    assert_eq!(Trial::new("Flatten", [floats(&[2, 3])]).ints("axes", &[0]).shape(), [2, 3]);
}
