//! What is shown of a network's inside is what it computes.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::path::Path;

use digits::{DigitImage, SIDE};
use web_demo::{Arrangement, Network, Pair};

fn network(name: &str) -> Network {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../models/{name}.onnx"));
    Network::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

fn pair() -> Pair {
    [3, 8].map(|step| DigitImage::new(std::array::from_fn(|at| if at % step == 0 { 200.0 } else { at as f32 / 2.0 })))
}

const NETWORKS: [(&str, Arrangement, usize); 6] = [
    ("leq", Arrangement::Shared, 6),
    ("leq-1000", Arrangement::Shared, 6),
    ("report-a-headline", Arrangement::Shared, 3),
    ("report-a-convnet-ws", Arrangement::Shared, 3),
    ("report-a-convnet", Arrangement::Stacked, 3),
    ("report-a-convnet-aux", Arrangement::Separate, 3),
];

#[test]
fn every_value_of_every_layer_is_its_patch_times_its_kernel() {
    for (name, _, layers) in NETWORKS {
        let trace = network(name).trace(&pair()).unwrap();
        for (side, layer) in [0, 1].into_iter().flat_map(|side| (1..=layers).map(move |layer| (side, layer))) {
            let (tower, image) = trace.place(side).unwrap();
            let maps = &tower.maps[layer];
            for at in (0..maps.height * maps.width * maps.channels).step_by(37) {
                let (cell, channel) = (at / maps.channels, at % maps.channels);
                let found = trace.explain(side, layer, channel, cell / maps.width, cell % maps.width).unwrap();
                let value = maps.values[image * maps.height * maps.width * maps.channels + at];
                let tolerance = 1e-4 * value.abs().max(1.0);
                assert!((found.value - value).abs() < tolerance, "{name} {side} {layer} {at}: {found:?} for {value}");
                let products: f32 = found.product.iter().sum();
                assert!((products - found.sum_of_channel).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn towers_are_told_apart_by_how_the_images_go_through_them() {
    for (name, arrangement, layers) in NETWORKS {
        let trace = network(name).trace(&pair()).unwrap();
        assert_eq!(trace.arrangement(), arrangement, "{name}");
        assert_eq!(trace.place(1).unwrap().0.layers.len(), layers, "{name}");
    }
}

#[test]
fn both_digits_of_a_pair_of_one_give_the_same_maps_where_weights_are_shared() {
    let [image, _] = pair();
    let trace = network("leq").trace(&[image, image]).unwrap();
    let (tower, _) = trace.place(0).unwrap();
    for maps in &tower.maps {
        let (first, second) = maps.values.split_at(maps.values.len() / 2);
        assert_eq!(first, second);
    }
}

#[test]
fn a_value_that_is_not_there_is_an_error() {
    let trace = network("leq").trace(&pair()).unwrap();
    for (side, layer, channel, row, column) in
        [(2, 1, 0, 0, 0), (0, 0, 0, 0, 0), (0, 9, 0, 0, 0), (0, 1, 48, 0, 0), (0, 1, 0, SIDE, 0), (0, 1, 0, 0, SIDE)]
    {
        assert!(trace.explain(side, layer, channel, row, column).is_err());
    }
}
