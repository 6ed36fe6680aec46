//! Shapes and products worked out by hand.

use super::super::trial::{Trial, floats};
use super::*;
use crate::graph::Attribute;

const PICTURES: [u64; 4] = [1, 4, 8, 10];

fn convolution(weights: &[u64]) -> Trial {
    Trial::new("Conv", [floats(&PICTURES), floats(weights)])
}

fn largest(kernel: &[i64]) -> Trial {
    Trial::new("MaxPool", [floats(&PICTURES)]).ints("kernel_shape", kernel)
}

#[test]
fn a_convolution_makes_a_map_for_each_row_of_weights() {
    let plain = || convolution(&[6, 4, 3, 3]);
    assert_eq!(plain().one(), floats(&[1, 6, 6, 8]));
    assert_eq!(plain().work(), 6 * 36 * 6 * 8);
    assert_eq!(plain().ints("pads", &[1, 2, 3, 4]).shape(), [1, 6, 10, 14]);
    assert_eq!(plain().ints("strides", &[2, 3]).shape(), [1, 6, 3, 3]);
    assert_eq!(plain().ints("dilations", &[2, 3]).shape(), [1, 6, 4, 4]);
    assert_eq!(plain().ints("kernel_shape", &[3, 3]).shape(), [1, 6, 6, 8]);
    assert!(plain().ints("kernel_shape", &[3, 2]).fault().contains("not that of its weights"));
    assert_eq!(convolution(&[6, 4, 8, 10]).shape(), [1, 6, 1, 1]);
    assert!(convolution(&[6, 4, 9, 1]).fault().contains("larger than its picture"));
    assert!(Trial::new("Conv", [floats(&[4, 8, 10]), floats(&[6, 4, 3, 3])]).fault().contains("where four are wanted"));
}

#[test]
fn groups_share_channels_and_maps_out() {
    let grouped = |weights: &[u64], group: i64| convolution(weights).ints("group", &[group]);
    assert_eq!(grouped(&[6, 2, 3, 3], 2).shape(), [1, 6, 6, 8]);
    assert_eq!(grouped(&[6, 2, 3, 3], 2).work(), 6 * 18 * 6 * 8);
    for (weights, group) in [([6, 4, 3, 3], 2), ([5, 2, 3, 3], 2), ([6, 3, 3, 3], 1), ([6, u64::MAX, 3, 3], 2)] {
        assert!(grouped(&weights, group).fault().contains("do not fit weights"), "{weights:?}");
    }
    for group in [0, -1] {
        assert_eq!(grouped(&[6, 2, 3, 3], group).fault(), "group is not positive");
    }
}

#[test]
fn a_bias_is_one_number_a_map() {
    let with = |bias: &[u64]| Trial::new("Conv", [floats(&PICTURES), floats(&[6, 4, 3, 3]), floats(bias)]);
    assert_eq!(with(&[6]).shape(), [1, 6, 6, 8]);
    assert_eq!(with(&[5]).without(2).shape(), [1, 6, 6, 8]);
    for bias in [&[5][..], &[6, 1], &[]] {
        assert!(with(bias).fault().contains("a bias of shape"), "{bias:?}");
    }
}

#[test]
fn convolutions_of_bytes_have_their_own_types() {
    let bytes = |shape: &[u64]| Known::new(2, shape.to_vec());
    let whole = Trial::new("ConvInteger", [bytes(&PICTURES), bytes(&[6, 4, 3, 3]), bytes(&[])]);
    assert_eq!(whole.one(), Known::new(INT32, vec![1, 6, 6, 8]));
    let quantised = |bias: u64| {
        let (scale, zero) = (|| floats(&[]), || Known::new(3, vec![]));
        let (x, w) = (bytes(&PICTURES), bytes(&[6, 4, 3, 3]));
        Trial::new(
            "QLinearConv",
            [x, scale(), zero(), w, scale(), zero(), scale(), zero(), Known::new(INT32, vec![bias])],
        )
    };
    assert_eq!(quantised(6).one(), Known::new(3, vec![1, 6, 6, 8]));
    assert!(quantised(5).fault().contains("a bias of shape"));
}

#[test]
fn patches_of_a_picture_that_fill_the_memory_are_refused() {
    let of = |side: u64| Trial::new("Conv", [floats(&[1, 1024, side, 128]), floats(&[1, 1024, 1, 1])]);
    assert_eq!(of(128).shape(), [1, 1, 128, 128]);
    assert!(of(129).fault().contains("its patches are"), "{}", of(129).fault());
}

#[test]
fn windows_of_pooling_stay_among_the_picture() {
    assert_eq!(largest(&[2, 2]).one(), floats(&[1, 4, 7, 9]));
    assert_eq!(largest(&[2, 5]).work(), 4 * 7 * 6 * 2 * 5);
    assert_eq!(largest(&[2, 3]).ints("pads", &[0, 2, 1, 2]).shape(), [1, 4, 8, 12]);
    for pads in [[2, 0, 0, 0], [0, 3, 0, 0], [0, 0, 2, 0], [0, 0, 0, 3]] {
        assert!(largest(&[2, 3]).ints("pads", &pads).fault().contains("border"), "{pads:?}");
    }
    assert!(largest(&[2, 2]).outputs(2).fault().contains("a second output"));
    let average = Trial::new("AveragePool", [floats(&PICTURES)]).ints("kernel_shape", &[2, 2]);
    assert_eq!(average.ints("strides", &[2, 2]).shape(), [1, 4, 4, 5]);
    for operator in ["GlobalMaxPool", "GlobalAveragePool"] {
        assert_eq!(Trial::new(operator, [floats(&PICTURES)]).one(), floats(&[1, 4, 1, 1]));
        assert_eq!(Trial::new(operator, [floats(&PICTURES)]).work(), 320);
    }
}

#[test]
fn windows_that_are_none_are_refused() {
    for (name, ints) in [
        ("kernel_shape", &[2][..]),
        ("kernel_shape", &[2, -2]),
        ("kernel_shape", &[0, 2]),
        ("strides", &[0, 1]),
        ("strides", &[1, 1, 1]),
        ("dilations", &[1, 0]),
        ("pads", &[1, 1]),
    ] {
        let kernel: &[i64] = if name == "kernel_shape" { ints } else { &[2, 2] };
        let trial = if name == "kernel_shape" { largest(kernel) } else { largest(kernel).ints(name, ints) };
        assert!(trial.made().is_err(), "{name} {ints:?}");
    }
    assert!(Trial::new("MaxPool", [floats(&PICTURES)]).made().is_err());
}

#[test]
fn rounding_up_may_add_a_window() {
    let steps = |ceil: i64| {
        Trial::new("MaxPool", [floats(&[1, 1, 5, 6])])
            .ints("kernel_shape", &[2, 2])
            .ints("strides", &[2, 2])
            .ints("ceil_mode", &[ceil])
    };
    assert_eq!(steps(0).shape(), [1, 1, 2, 3]);
    assert_eq!(steps(1).shape(), [1, 1, 3, 3]);
}

#[test]
fn borders_by_name() {
    let text = |mode: &str| Attribute { name: "auto_pad".to_owned(), text: mode.to_owned(), ..Attribute::default() };
    let of = |mode: &str| convolution(&[6, 4, 3, 3]).ints("pads", &[1, 1, 1, 1]).attribute(text(mode));
    for mode in ["SAME_UPPER", "SAME_LOWER"] {
        assert_eq!(of(mode).ints("strides", &[3, 3]).shape(), [1, 6, 3, 4], "{mode}");
    }
    assert_eq!(of("VALID").shape(), [1, 6, 6, 8]);
    for mode in ["", "NOTSET"] {
        assert_eq!(of(mode).shape(), [1, 6, 8, 10], "{mode}");
    }
    assert!(of("SAME").fault().contains("auto_pad is \"SAME\""));
}

#[test]
fn a_batch_normalisation_has_four_numbers_a_channel() {
    let inputs = || [floats(&PICTURES), floats(&[4]), floats(&[4]), floats(&[4]), floats(&[4])];
    assert_eq!(Trial::new("BatchNormalization", inputs()).one(), floats(&PICTURES));
    for number in 1..5 {
        let mut inputs = inputs();
        inputs[number] = floats(&[3]);
        assert!(Trial::new("BatchNormalization", inputs).fault().contains(&format!("input {number} of shape [3]")));
    }
    assert_eq!(Trial::new("BatchNormalization", inputs()).ints("training_mode", &[1]).fault(), "it trains");
    assert_eq!(Trial::new("BatchNormalization", inputs()).outputs(2).fault(), "it trains");
    assert!(Trial::new("BatchNormalization", [floats(&[4])]).fault().contains("no channels"));
}
