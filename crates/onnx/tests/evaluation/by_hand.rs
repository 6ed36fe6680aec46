//! What candle-onnx does not compute, or not in full, beside values worked out by hand.

use onnx::{Data, EvaluationError, Tensor};

use crate::case::{Case, assert_alike, bools, floats, integers};

fn vector(values: &[f32]) -> Tensor {
    floats(&[values.len()], values)
}

fn assert_gives(case: Case, expected: &Tensor) {
    assert_alike(&case.output(), expected, &case.operator);
}

#[test]
fn functions_of_one_value() {
    let x = vector(&[-2.0, 0.0, 1.0]);
    let of = |operator: &str| Case::new(operator, vec![x.clone()]);
    assert_gives(of("Elu").float("alpha", 2.0), &vector(&[2.0 * ((-2.0_f32).exp() - 1.0), 0.0, 1.0]));
    assert_gives(
        of("Selu").float("alpha", 2.0).float("gamma", 3.0),
        &vector(&[6.0 * ((-2.0_f32).exp() - 1.0), 0.0, 3.0]),
    );
    assert_gives(of("HardSigmoid"), &vector(&[0.1, 0.5, 0.7]));
    assert_gives(of("Reciprocal"), &vector(&[-0.5, f32::INFINITY, 1.0]));
    assert_gives(of("Softplus"), &vector(&[0.126_928, std::f32::consts::LN_2, 1.313_261_7]));
    assert_gives(of("Softsign"), &vector(&[-2.0 / 3.0, 0.0, 0.5]));
    assert_gives(of("Gelu").text("approximate", "tanh"), &vector(&[-0.045_402_3, 0.0, 0.841_192]));
    assert_gives(Case::new("Abs", vec![integers(&[-3, 4])]), &integers(&[3, 4]));
    assert_gives(Case::new("Neg", vec![integers(&[i64::MIN, 4])]), &integers(&[i64::MIN, -4]));
    assert_gives(Case::new("Softplus", vec![vector(&[500.0, -500.0])]), &vector(&[500.0, 0.0]));
}

#[test]
fn functions_of_several_values() {
    let [a, b, c] = [vector(&[1.0, -4.0]), vector(&[3.0, 2.0]), vector(&[2.0])];
    let of = |operator: &str| Case::new(operator, vec![a.clone(), b.clone(), c.clone()]);
    assert_gives(of("Max"), &vector(&[3.0, 2.0]));
    assert_gives(of("Min"), &vector(&[1.0, -4.0]));
    assert_gives(of("Sum"), &vector(&[6.0, 0.0]));
    assert_gives(of("Mean"), &vector(&[2.0, 0.0]));
    assert_gives(Case::new("PRelu", vec![a.clone(), vector(&[0.5])]), &vector(&[1.0, -2.0]));
    assert_gives(Case::new("Div", vec![integers(&[7, -7]), integers(&[2])]), &integers(&[3, -3]));
    let (yes, no) = (bools(&[2], &[true, false]), bools(&[1], &[true]));
    assert_gives(Case::new("And", vec![yes.clone(), no.clone()]), &bools(&[2], &[true, false]));
    assert_gives(Case::new("Or", vec![yes.clone(), no]), &bools(&[2], &[true, true]));
    assert_gives(Case::new("Not", vec![yes.clone()]), &bools(&[2], &[false, true]));
    let scalar = floats(&[], &[9.0]);
    assert_gives(Case::new("Where", vec![yes, a, scalar]), &vector(&[1.0, 9.0]));
    let fault = Case::new("Div", vec![integers(&[7]), integers(&[0])]).outputs_fed(0).unwrap_err();
    assert_eq!(fault.to_string(), "Div \"\": it divides a whole number by zero");
}

#[test]
fn a_bound_of_clip_may_be_left_out() {
    let mut case = Case::new("Clip", vec![vector(&[-1.0, 5.0]), floats(&[], &[0.0]), floats(&[], &[2.0])]);
    case.inputs[1] = None;
    assert_gives(case.clone(), &vector(&[-1.0, 2.0]));
    case.inputs.truncate(1);
    assert_gives(case, &vector(&[-1.0, 5.0]));
}

#[test]
fn reductions_of_several_axes_and_of_whole_images() {
    let x = floats(&[1, 2, 2, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let of = |operator: &str| Case::new(operator, vec![x.clone()]);
    assert_gives(of("GlobalAveragePool"), &floats(&[1, 2, 1, 1], &[2.5, 6.5]));
    assert_gives(of("GlobalMaxPool"), &floats(&[1, 2, 1, 1], &[4.0, 8.0]));
    assert_gives(of("ReduceMean").ints("axes", &[2, -1]).int("keepdims", 0), &floats(&[1, 2], &[2.5, 6.5]));
    assert_gives(of("ReduceMax").int("keepdims", 0), &floats(&[], &[8.0]));
    let two = Case::new("ReduceLogSumExp", vec![floats(&[1, 2], &[1000.0, 1000.0])]).ints("axes", &[1]);
    assert_gives(two, &floats(&[1, 1], &[1000.0 + 2.0_f32.ln()]));
    let none = Case::new("ReduceSum", vec![x.clone(), integers(&[])]).int("noop_with_empty_axes", 1);
    assert_gives(none, &x);
    let ties = Case::new("ArgMax", vec![vector(&[1.0, 3.0, 3.0])]).int("keepdims", 0);
    let index = |value: i64| Tensor::new(Vec::new(), Data::I64(vec![value])).unwrap();
    assert_gives(ties.clone(), &index(1));
    assert_gives(ties.int("select_last_index", 1), &index(2));
}

#[test]
fn products_with_a_transposed_first_factor_with_vectors_and_with_repeated_matrices() {
    let (a, b) = (floats(&[2, 1], &[1.0, 2.0]), floats(&[2, 1], &[3.0, 4.0]));
    assert_gives(Case::new("Gemm", vec![a, b.clone()]).int("transA", 1), &floats(&[1, 1], &[11.0]));
    let of = |a: Tensor, b: Tensor| Case::new("MatMul", vec![a, b]);
    let matrix = floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    assert_gives(of(vector(&[1.0, 2.0]), matrix.clone()), &vector(&[7.0, 10.0]));
    assert_gives(of(matrix.clone(), vector(&[1.0, 2.0])), &vector(&[5.0, 11.0]));
    assert_gives(of(vector(&[1.0, 2.0]), vector(&[3.0, 4.0])), &floats(&[], &[11.0]));
    let two = floats(&[2, 1, 2], &[1.0, 0.0, 0.0, 1.0]);
    assert_gives(of(two, matrix), &floats(&[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]));
    assert!(of(vector(&[1.0]), b).outputs_fed(0).is_err());
}

#[test]
fn slices_that_step_backwards_and_beyond() {
    let x = vector(&[0.0, 1.0, 2.0, 3.0, 4.0]);
    let slice = |start: i64, end: i64, step: i64| {
        let bounds = [start, end, 0, step].map(|bound| integers(&[bound]));
        Case::new("Slice", [vec![x.clone()], bounds.to_vec()].concat())
    };
    assert_gives(slice(-2, i64::MAX, 1), &vector(&[3.0, 4.0]));
    assert_gives(slice(i64::MAX, i64::MIN, -2), &vector(&[4.0, 2.0, 0.0]));
    assert_gives(slice(1, -1, 2), &vector(&[1.0, 3.0]));
    assert_gives(slice(4, 1, 1), &vector(&[]));
    assert!(slice(0, 5, 0).outputs_fed(0).is_err());
}

#[test]
fn splits_into_equal_parts_and_a_smaller_last_one() {
    let case = Case::new("Split", vec![vector(&[1.0, 2.0, 3.0])]);
    let found = Case { outputs: 2, ..case }.outputs();
    assert_eq!(found, [vector(&[1.0, 2.0]), vector(&[3.0])]);
}

#[test]
fn shapes_and_constants() {
    let x = floats(&[2, 3, 4], &[0.0; 24]);
    assert_gives(Case::new("Shape", vec![x]).int("start", -2).int("end", 2), &integers(&[3]));
    assert_gives(Case::new("Constant", Vec::new()).ints("value_ints", &[4, 5]), &integers(&[4, 5]));
    assert_gives(Case::new("Constant", Vec::new()).float("value_float", 0.5), &floats(&[], &[0.5]));
    let ones = floats(&[1, 2, 1], &[1.0, 2.0]);
    assert_gives(Case::new("Squeeze", vec![ones]), &vector(&[1.0, 2.0]));
}

#[test]
fn stored_steps_become_weights() {
    let steps = Tensor::new(vec![2, 2], Data::I8(vec![-2, 1, 3, 4])).unwrap();
    let zero = Tensor::new(vec![2], Data::I8(vec![0, 1])).unwrap();
    let case = Case::new("DequantizeLinear", vec![steps, vector(&[0.5, 2.0]), zero]);
    assert_gives(case.clone().int("axis", 0), &floats(&[2, 2], &[-1.0, 0.5, 4.0, 6.0]));
    assert_gives(case, &floats(&[2, 2], &[-1.0, 0.0, 1.5, 6.0]));
    let halves = Case::new("Cast", vec![vector(&[-1.7, 300.0, 2.5])]);
    assert_gives(halves.int("to", 2), &Tensor::new(vec![3], Data::U8(vec![0, 255, 2])).unwrap());
}

#[test]
fn windows_with_gaps_one_sided_padding_and_a_last_one_over_the_edge() {
    let x = floats(&[1, 1, 3, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    let pool = |operator: &str| Case::new(operator, vec![x.clone()]).ints("kernel_shape", &[2, 2]);
    assert_gives(
        pool("MaxPool").ints("strides", &[2, 2]).int("ceil_mode", 1),
        &floats(&[1, 1, 2, 2], &[5.0, 6.0, 8.0, 9.0]),
    );
    assert_gives(pool("MaxPool").ints("dilations", &[2, 2]), &floats(&[1, 1, 1, 1], &[9.0]));
    let padded = pool("AveragePool").ints("pads", &[1, 1, 0, 0]).ints("strides", &[2, 2]);
    assert_gives(padded.clone(), &floats(&[1, 1, 2, 2], &[1.0, 2.5, 5.5, 7.0]));
    assert_gives(padded.int("count_include_pad", 1), &floats(&[1, 1, 2, 2], &[0.25, 1.25, 2.75, 7.0]));
    let same = pool("MaxPool").text("auto_pad", "SAME_UPPER").ints("strides", &[2, 2]);
    assert_gives(same, &floats(&[1, 1, 2, 2], &[5.0, 6.0, 8.0, 9.0]));
    let weight = floats(&[1, 1, 2, 2], &[1.0, 0.0, 0.0, 1.0]);
    let gaps = Case::new("Conv", vec![x.clone(), weight.clone()]).ints("dilations", &[2, 2]);
    assert_gives(gaps, &floats(&[1, 1, 1, 1], &[10.0]));
    let lower = Case::new("Conv", vec![x, weight]).text("auto_pad", "SAME_LOWER");
    assert_gives(lower, &floats(&[1, 1, 3, 3], &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 7.0, 12.0, 14.0]));
}

#[test]
fn an_operator_that_is_not_computed_is_refused_by_name_at_loading() {
    for operator in ["ConvInteger", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul"] {
        let fault = Case::new(operator, vec![vector(&[1.0])]).outputs_fed(1).unwrap_err();
        assert_eq!(fault, EvaluationError::Operator(operator.to_owned()));
        assert_eq!(fault.to_string(), format!("the operator {operator:?} is not computed here"));
    }
}
