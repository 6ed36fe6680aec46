//! The same as candle-onnx, on random shapes.

use std::collections::HashMap;

use candle_core::DType;
use onnx::{Data, Tensor};

use crate::case::{Case, assert_alike, bools, floats, integers, random};
use crate::random::Random;

const ROUNDS: u64 = 12;

fn by_candle(case: &Case) -> Vec<Tensor> {
    let mut outputs = candle_onnx::simple_eval(&case.model(0), HashMap::new())
        .unwrap_or_else(|error| panic!("candle-onnx: {error} of {case:?}"));
    (0..case.outputs).map(|at| from_candle(&outputs.remove(&format!("y{at}")).unwrap())).collect()
}

fn from_candle(tensor: &candle_core::Tensor) -> Tensor {
    let flat = tensor.flatten_all().unwrap();
    let data = match tensor.dtype() {
        DType::F32 => Data::F32(flat.to_vec1().unwrap()),
        DType::I64 => Data::I64(flat.to_vec1().unwrap()),
        // Candle has no bool.
        DType::U8 => Data::Bool(flat.to_vec1::<u8>().unwrap().into_iter().map(|value| value != 0).collect()),
        other => panic!("candle-onnx answers in {other:?}"),
    };
    Tensor::new(tensor.dims().to_vec(), data).unwrap()
}

fn assert_as_candle(case: &Case) {
    let found = case.outputs();
    for (found, expected) in found.iter().zip(by_candle(case)) {
        assert_alike(found, &expected, &format!("{case:?}"));
    }
}

/// Calls a test with random numbers of several seeds.
fn rounds(test: impl Fn(&mut Random)) {
    (1..=ROUNDS).for_each(|seed| test(&mut Random::new(seed)));
}

#[test]
fn functions_of_one_value() {
    for operator in ["Abs", "Erf", "Exp", "Neg", "Relu", "Sigmoid", "Sign", "Tanh", "HardSwish", "Gelu", "Identity"] {
        rounds(|r| {
            let rank = r.between(1, 4);
            let shape = r.shape(rank, 5);
            assert_as_candle(&Case::new(operator, vec![random(r, &shape)]));
        });
    }
    for operator in ["Log", "Sqrt"] {
        rounds(|r| {
            let values: Vec<f32> = (0..7).map(|_| r.float().abs() + 0.1).collect();
            assert_as_candle(&Case::new(operator, vec![floats(&[7], &values)]));
        });
    }
    rounds(|r| assert_as_candle(&Case::new("LeakyRelu", vec![random(r, &[2, 3])]).float("alpha", 0.3)));
}

#[test]
fn functions_of_two_values_that_repeat() {
    for operator in ["Add", "Sub", "Mul", "Div", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"] {
        rounds(|r| {
            let rank = r.between(1, 4);
            let shape = r.shape(rank, 4);
            let mut other: Vec<usize> = shape.iter().map(|&it| if r.below(3) == 0 { 1 } else { it }).collect();
            other.drain(..r.below(rank));
            let (a, b) = (random(r, &shape), random(r, &other));
            let (a, b) = if r.below(2) == 0 { (a, b) } else { (b, a) };
            assert_as_candle(&Case::new(operator, vec![a, b]));
        });
    }
    rounds(|r| {
        let (low, high) = (floats(&[], &[-0.5]), floats(&[], &[0.7]));
        assert_as_candle(&Case::new("Clip", vec![random(r, &[3, 4]), low, high]));
        let base: Vec<f32> = (0..6).map(|_| r.float().abs() + 0.1).collect();
        assert_as_candle(&Case::new("Pow", vec![floats(&[2, 3], &base), random(r, &[3])]));
    });
}

#[test]
fn products_of_matrices() {
    rounds(|r| {
        let [m, k, n] = [r.between(1, 9), r.between(1, 40), r.between(1, 40)];
        assert_as_candle(&Case::new("MatMul", vec![random(r, &[m, k]), random(r, &[k, n])]));
        let batch = r.between(1, 3);
        assert_as_candle(&Case::new("MatMul", vec![random(r, &[batch, m, k]), random(r, &[batch, k, n])]));
        // Candle takes a transposed first factor only where it is square.
        let of_b = r.below(2);
        let (a, b) = (random(r, &[m, k]), random(r, &if of_b == 0 { [k, n] } else { [n, k] }));
        let gemm = Case::new("Gemm", vec![a, b, random(r, &[n])]).float("alpha", 0.5).float("beta", 2.0);
        assert_as_candle(&gemm.int("transB", of_b as i64));
    });
}

#[test]
fn reductions_along_axes() {
    for operator in ["ReduceMax", "ReduceMin", "ReduceMean"] {
        rounds(|r| {
            let rank = r.between(1, 4);
            let shape = r.shape(rank, 4);
            let (axis, keeps) = (r.below(rank) as i64, r.below(2) as i64);
            let case = Case::new(operator, vec![random(r, &shape)]).ints("axes", &[axis]);
            assert_as_candle(&case.int("keepdims", keeps));
        });
    }
    rounds(|r| {
        let shape = r.shape(3, 4);
        let axes = integers(&[r.below(3) as i64]);
        let case = Case::new("ReduceSum", vec![random(r, &shape), axes]);
        assert_as_candle(&case.int("keepdims", r.below(2) as i64));
        assert_as_candle(&Case::new("ArgMax", vec![random(r, &shape)]).int("axis", r.below(3) as i64));
        for operator in ["Softmax", "LogSoftmax"] {
            assert_as_candle(&Case::new(operator, vec![random(r, &shape)]).int("axis", r.below(3) as i64));
        }
    });
}

#[test]
fn other_shapes_of_the_same_values() {
    rounds(|r| {
        let shape = r.shape(3, 4);
        let x = random(r, &shape);
        let whole = shape.iter().product::<usize>() as i64;
        assert_as_candle(&Case::new("Reshape", vec![x.clone(), integers(&[-1, shape[2] as i64])]));
        assert_as_candle(&Case::new("Reshape", vec![x.clone(), integers(&[0, -1])]));
        assert_as_candle(&Case::new("Reshape", vec![x.clone(), integers(&[whole])]));
        assert_as_candle(&Case::new("Flatten", vec![x.clone()]).int("axis", r.below(4) as i64));
        assert_as_candle(&Case::new("Unsqueeze", vec![x.clone(), integers(&[r.below(4) as i64])]));
        assert_as_candle(&Case::new("Shape", vec![x.clone()]));
        let one = random(r, &[shape[0], 1, shape[1]]);
        assert_as_candle(&Case::new("Squeeze", vec![one, integers(&[1])]));
        let order = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1], [0, 2, 1]][r.below(5)];
        assert_as_candle(&Case::new("Transpose", vec![x]).ints("perm", &order));
    });
}

#[test]
fn parts_put_together_and_taken_apart() {
    rounds(|r| {
        let shape = r.shape(3, 5);
        let axis = r.below(3);
        let length = shape[axis] as i64;
        let x = random(r, &shape);
        let mut other = shape.clone();
        other[axis] = r.between(1, 4);
        let joined = vec![x.clone(), random(r, &other), x.clone()];
        assert_as_candle(&Case::new("Concat", joined).int("axis", axis as i64));
        let indices: Vec<i64> = (0..4).map(|_| r.below(shape[axis]) as i64).collect();
        assert_as_candle(&Case::new("Gather", vec![x.clone(), integers(&indices)]).int("axis", axis as i64));
        let index = Tensor::new(Vec::new(), Data::I64(vec![indices[0]])).unwrap();
        assert_as_candle(&Case::new("Gather", vec![x.clone(), index]).int("axis", axis as i64));
        let start = r.below(shape[axis]) as i64;
        let end = start + 1 + r.below((length - start) as usize) as i64;
        let bounds = [start, end, axis as i64, 1].map(|bound| integers(&[bound]));
        assert_as_candle(&Case::new("Slice", [vec![x.clone()], bounds.to_vec()].concat()));
        let split = Case::new("Split", vec![x, integers(&[start, length - start])]).int("axis", axis as i64);
        if start > 0 {
            assert_as_candle(&Case { outputs: 2, ..split });
        }
    });
}

#[test]
fn convolutions_in_the_kernels_and_by_definition() {
    rounds(|r| {
        let [images, height, width] = [r.between(1, 3), r.between(3, 9), r.between(3, 9)];
        let [into, out, kernel, padding] = [r.between(1, 20), r.between(1, 20), r.between(1, 3), r.between(0, 2)];
        let (groups, stride) = [(1, 1), (1, 2), (2, 1)][r.below(3)];
        let x = random(r, &[images, into * groups, height, width]);
        let weight = random(r, &[out * groups, into, kernel, kernel]);
        let case = Case::new("Conv", vec![x, weight, random(r, &[out * groups])]);
        let case = case.ints("pads", &[padding as i64; 4]).ints("strides", &[stride; 2]).ints("dilations", &[1; 2]);
        assert_as_candle(&case.int("group", groups as i64));
    });
}

#[test]
fn pooling_and_normalisation() {
    rounds(|r| {
        let shape = [r.between(1, 3), r.between(1, 4), r.between(4, 9), r.between(4, 9)];
        let x = random(r, &shape);
        let (side, stride) = (r.between(1, 3) as i64, r.between(1, 3) as i64);
        for operator in ["MaxPool", "AveragePool"] {
            let case = Case::new(operator, vec![x.clone()]).ints("kernel_shape", &[side; 2]);
            assert_as_candle(&case.ints("strides", &[stride; 2]));
        }
        let channels = shape[1];
        let [scale, bias, mean] = std::array::from_fn(|_| random(r, &[channels]));
        let variance = floats(&[channels], &(0..channels).map(|_| r.float().abs() + 0.1).collect::<Vec<_>>());
        let case = Case::new("BatchNormalization", vec![x, scale, bias, mean, variance]);
        assert_as_candle(&case.float("epsilon", 1e-3));
    });
}

#[test]
fn choices_and_casts() {
    rounds(|r| {
        let condition = bools(&[2, 3], &std::array::from_fn::<_, 6, _>(|_| r.below(2) == 0));
        // Candle's `Where` wants equal shapes and whole numbers.
        let (a, b) = (random(r, &[2, 3]), random(r, &[2, 3]));
        let chosen = Case::new("Where", vec![condition, a.clone(), b.clone()]).output();
        let Data::F32(values) = chosen.data() else { panic!("{chosen:?}") };
        let all = a.floats().unwrap().iter().zip(b.floats().unwrap());
        assert!(values.iter().zip(all).all(|(value, (a, b))| value == a || value == b));
        let bytes = Tensor::new(vec![4], Data::U8((0..4).map(|_| r.below(256) as u8).collect())).unwrap();
        assert_as_candle(&Case::new("Cast", vec![bytes]).int("to", 1));
        assert_as_candle(&Case::new("Cast", vec![random(r, &[5])]).int("to", 7));
        assert_as_candle(&Case::new("Cast", vec![integers(&[r.below(9) as i64, -3])]).int("to", 1));
    });
}
