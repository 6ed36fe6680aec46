//! Shapes and numbers worked out by hand.

use super::super::trial::{Trial, floats, whole};
use super::*;
use crate::graph::{Attribute, Initializer};

/// Whole numbers in two dimensions.
fn grid(shape: [u64; 2], values: &[i64]) -> Known {
    Known { element: INT64, shape: shape.to_vec(), values: Some(values.to_vec()) }
}

#[test]
fn tensors_are_joined_along_one_axis() {
    assert_eq!(Trial::new("Concat", [floats(&[2, 3]), floats(&[2, 4])]).ints("axis", &[1]).one(), floats(&[2, 7]));
    assert_eq!(Trial::new("Concat", [floats(&[2, 3]), floats(&[5, 3])]).ints("axis", &[-2]).one(), floats(&[7, 3]));
    assert!(Trial::new("Concat", [floats(&[2, 3]), floats(&[3, 4])]).ints("axis", &[1]).fault().contains("do not fit"));
    assert!(Trial::new("Concat", [floats(&[2, 3]), floats(&[2])]).ints("axis", &[1]).fault().contains("do not fit"));
    assert!(Trial::new("Concat", [floats(&[2, 3]), floats(&[2, 3, 1])]).fault().contains("do not fit"));
    assert!(Trial::new("Concat", [floats(&[2]), floats(&[2])]).without(1).fault().contains("no input 1"));
    let beyond = Trial::new("Concat", [floats(&[u64::MAX]), floats(&[1])]);
    assert_eq!(beyond.fault(), "beyond counting");
}

#[test]
fn short_lists_are_joined_with_their_numbers() {
    let joined = |first: &[i64], second: &[i64]| Trial::new("Concat", [whole(first), whole(second)]).one();
    assert_eq!(joined(&[1], &[2, 3]), whole(&[1, 2, 3]));
    assert_eq!(joined(&[1; 32], &[2; 32]).values.map(|values| values.len()), Some(64));
    assert_eq!(joined(&[1; 32], &[2; 33]).values, None);
    assert_eq!(Trial::new("Concat", [whole(&[1]), Known::new(INT64, vec![1])]).values(), None);
    assert_eq!(Trial::new("Concat", [grid([1, 1], &[1]), grid([1, 1], &[2])]).values(), None);
}

#[test]
fn a_constant_is_one_value_of_a_known_kind() {
    let of = |attribute: Attribute| Trial::new("Constant", []).attribute(attribute);
    let named = |name: &str| Attribute { name: name.to_owned(), ..Attribute::default() };
    let tensor = |shape: &[i64]| Initializer { element: 1, shape: shape.to_vec(), ..Initializer::default() };
    assert_eq!(of(Attribute { tensors: vec![tensor(&[2, 3])], ..named("value") }).one(), floats(&[2, 3]));
    assert!(of(Attribute { tensors: vec![tensor(&[-2])], ..named("value") }).fault().contains("no size"));
    assert_eq!(of(Attribute { floats: vec![0.5], ..named("value_float") }).one(), floats(&[]));
    assert_eq!(of(Attribute { floats: vec![0.5, 1.0], ..named("value_floats") }).one(), floats(&[2]));
    let number = of(Attribute { ints: vec![7], ..named("value_int") }).one();
    assert_eq!(number, Known { values: Some(vec![7]), ..Known::new(INT64, vec![]) });
    assert_eq!(of(named("value_int")).values(), Some(vec![0]));
    assert_eq!(of(Attribute { ints: vec![7, 8], ..named("value_ints") }).one(), whole(&[7, 8]));
    let list = |count: usize| of(Attribute { ints: vec![1; count], ..named("value_ints") }).one();
    assert_eq!((list(64).values.is_some(), list(65).values), (true, None));
    assert_eq!(list(65).shape, [65]);
    for nothing in ["value", "value_string", "sparse_value"] {
        assert_eq!(of(named(nothing)).fault(), "it holds no value");
    }
    assert!(of(Attribute { tensors: vec![tensor(&[1])], ..named("value_ints") }).made().is_err());
    assert!(of(named("value_int")).attribute(named("value_ints")).fault().contains("or several"));
    assert!(Trial::new("Constant", []).fault().contains("no value"));
}

#[test]
fn flattening_makes_a_matrix() {
    let flat = |axis: i64| Trial::new("Flatten", [floats(&[2, 3, 4])]).ints("axis", &[axis]);
    for (axis, shape) in [(0, [1, 24]), (1, [2, 12]), (3, [24, 1]), (-1, [6, 4]), (-3, [1, 24])] {
        assert_eq!(flat(axis).one(), floats(&shape), "{axis}");
    }
    assert_eq!(Trial::new("Flatten", [floats(&[2, 3, 4])]).shape(), [2, 12]);
    for axis in [4, -4] {
        assert!(flat(axis).fault().contains("axis"), "{axis}");
    }
    assert_eq!(Trial::new("Flatten", [floats(&[u64::MAX, 2])]).ints("axis", &[2]).fault(), "beyond counting");
}

#[test]
fn entries_are_picked_along_one_axis() {
    let indices = || Known::new(INT64, vec![4, 1]);
    assert_eq!(Trial::new("Gather", [floats(&[5, 6]), indices()]).one(), floats(&[4, 1, 6]));
    assert_eq!(Trial::new("Gather", [floats(&[5, 6]), indices()]).ints("axis", &[1]).one(), floats(&[5, 4, 1]));
    let picked = |indices: &[i64]| Trial::new("Gather", [whole(&[10, 20, 30]), whole(indices)]);
    assert_eq!(picked(&[-1, 0, 2]).one(), whole(&[30, 10, 30]));
    for beyond in [3, -4] {
        assert_eq!(picked(&[beyond]).fault(), "an index out of range");
    }
    assert_eq!(Trial::new("Gather", [grid([1, 2], &[1, 2]), whole(&[0])]).values(), None);
}

#[test]
fn a_reshaped_tensor_keeps_its_numbers() {
    let to = |sizes: &[i64]| Trial::new("Reshape", [floats(&[2, 6]), whole(sizes)]);
    for (sizes, shape) in [(&[3, 4][..], &[3, 4][..]), (&[0, -1], &[2, 6]), (&[-1, 3], &[4, 3]), (&[12], &[12])] {
        assert_eq!(to(sizes).one(), floats(shape), "{sizes:?}");
    }
    for (sizes, fault) in [
        (&[-1, -1][..], "a size of -1"),
        (&[-2, 6], "a size of -2"),
        (&[1, 12, 0], "copies a size"),
        (&[5], "cannot become"),
        (&[-1, 5], "cannot become"),
        (&[i64::MAX, i64::MAX], "beyond counting"),
    ] {
        assert!(to(sizes).fault().contains(fault), "{sizes:?}: {}", to(sizes).fault());
    }
    assert!(to(&[12]).ints("allowzero", &[1]).fault().contains("allowzero"));
    assert_eq!(Trial::new("Reshape", [floats(&[0]), whole(&[0, -1])]).fault(), "a size of 0");
    assert_eq!(Trial::new("Reshape", [whole(&[4, 5]), whole(&[2, 1])]).one(), grid([2, 1], &[4, 5]));
}

#[test]
fn a_shape_is_a_list_of_numbers() {
    let of = |bounds: &[(&str, i64)]| {
        bounds
            .iter()
            .fold(Trial::new("Shape", [floats(&[2, 3, 4])]), |trial, (name, at)| trial.ints(name, &[*at]))
            .one()
    };
    assert_eq!(of(&[]), whole(&[2, 3, 4]));
    assert_eq!(of(&[("start", 1)]), whole(&[3, 4]));
    assert_eq!(of(&[("end", -1)]), whole(&[2, 3]));
    assert_eq!(of(&[("start", -9), ("end", 9)]), whole(&[2, 3, 4]));
    assert_eq!(of(&[("start", 2), ("end", 1)]), whole(&[]));
}

#[test]
fn a_slice_goes_from_start_to_end_in_steps() {
    let of =
        |start: i64, end: i64| Trial::new("Slice", [floats(&[2, 10]), whole(&[start]), whole(&[end]), whole(&[1])]);
    for (start, end, length) in
        [(1, 7, 6), (-3, i64::MAX, 3), (0, -1, 9), (i64::MIN, 4, 4), (7, 3, 0), (10, 12, 0), (0, 10, 10)]
    {
        assert_eq!(of(start, end).one(), floats(&[2, length]), "{start} {end}");
    }
    let steps = |step: i64| Trial::new("Slice", [floats(&[7]), whole(&[1]), whole(&[7]), whole(&[0]), whole(&[step])]);
    assert_eq!((steps(2).shape(), steps(4).shape()), (vec![3], vec![2]));
    for step in [0, -1] {
        assert_eq!(steps(step).fault(), format!("a step of {step}"));
    }
    let both = Trial::new("Slice", [floats(&[5, 6]), whole(&[1, 2]), whole(&[4, 4])]);
    assert_eq!(both.shape(), [3, 2]);
    for number in 2..5 {
        let mut inputs = [floats(&[5]), whole(&[0]), whole(&[1]), whole(&[0]), whole(&[1])];
        inputs[number] = whole(&[1, 1]);
        assert!(Trial::new("Slice", inputs).fault().contains("differ in number"), "{number}");
    }
}

#[test]
fn a_slice_of_known_numbers_is_known() {
    let of = |input: Known| Trial::new("Slice", [input, whole(&[1]), whole(&[4]), whole(&[0]), whole(&[2])]);
    assert_eq!(of(whole(&[1, 2, 3, 4, 5])).one(), whole(&[2, 4]));
    assert_eq!(of(grid([5, 1], &[1, 2, 3, 4, 5])).values(), None);
}

#[test]
fn a_split_makes_parts_that_add_up() {
    let shapes = |trial: Trial| trial.made().unwrap().0.into_iter().map(|part| part.shape).collect::<Vec<_>>();
    assert_eq!(shapes(Trial::new("Split", [floats(&[6, 4])]).outputs(2)), [[3, 4], [3, 4]]);
    assert_eq!(
        shapes(Trial::new("Split", [floats(&[2, 5])]).ints("axis", &[1]).outputs(4)),
        [[2, 2], [2, 2], [2, 1], [2, 0]]
    );
    assert_eq!(shapes(Trial::new("Split", [floats(&[6]), whole(&[2, 4])]).outputs(2)), [[2], [4]]);
    assert_eq!(shapes(Trial::new("Split", [floats(&[6])]).outputs(0)), [[6]]);
    for parts in [&[2, 5][..], &[-1, 7], &[i64::MIN, i64::MIN]] {
        assert!(
            Trial::new("Split", [floats(&[6]), whole(parts)]).outputs(2).fault().contains("are not 6"),
            "{parts:?}"
        );
    }
    assert_eq!(Trial::new("Split", [floats(&[6])]).outputs(2).work(), 0);
}

#[test]
fn axes_of_1_come_and_go() {
    let squeezed = |axes: &[i64]| Trial::new("Squeeze", [floats(&[1, 2, 1]), whole(axes)]);
    assert_eq!(Trial::new("Squeeze", [floats(&[1, 2, 1])]).one(), floats(&[2]));
    assert_eq!((squeezed(&[0]).shape(), squeezed(&[-1]).shape()), (vec![2, 1], vec![1, 2]));
    assert!(squeezed(&[1]).fault().contains("are not 1"));
    assert!(squeezed(&[3]).fault().contains("axis 3 of 3"));
    assert_eq!(Trial::new("Squeeze", [grid([1, 2], &[3, 4])]).one(), whole(&[3, 4]));

    let unsqueezed = |axes: &[i64]| Trial::new("Unsqueeze", [floats(&[2]), whole(axes)]);
    assert_eq!((unsqueezed(&[0, 2]).shape(), unsqueezed(&[-1]).shape()), (vec![1, 2, 1], vec![2, 1]));
    assert_eq!(unsqueezed(&[0, 0]).fault(), "an axis is named twice");
    assert!(unsqueezed(&[2]).fault().contains("axis 2 of 2"));
    assert_eq!(Trial::new("Unsqueeze", [whole(&[3, 4]), whole(&[0])]).one(), grid([1, 2], &[3, 4]));
}

#[test]
fn axes_are_swapped_each_once() {
    let of = |order: &[i64]| Trial::new("Transpose", [floats(&[2, 3, 4])]).ints("perm", order);
    assert_eq!(Trial::new("Transpose", [floats(&[2, 3, 4])]).one(), floats(&[4, 3, 2]));
    assert_eq!(of(&[1, 0, 2]).shape(), [3, 2, 4]);
    for order in [&[0, 0, 1][..], &[1, 0], &[0, 1, 2, 0]] {
        assert!(of(order).fault().contains("perm is"), "{order:?}");
    }
}
