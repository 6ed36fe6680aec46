//! Prepared pictures match the training images: same polarity, range and position.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use digits::{Picture, prepare};
use mnist::{Mnist, PairSets, default_folder};

#[test]
fn a_prepared_mnist_image_is_the_image_of_the_training_pairs() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let sets = PairSets::draw(&mnist, 200, 0).unwrap();
    let images = sets.training.indices().iter().flatten().zip(sets.training.pixels().chunks(196));
    for (&index, trained) in images {
        let picture = Picture::luma(28, 28, &mnist.training.images[index]).unwrap();
        assert_eq!(prepare(&picture).unwrap().image.pixels().as_slice(), trained, "training image {index}");
    }
}

/// Ink is bright and reaches 255; paper is 0. Black on white gives the same image.
#[test]
fn training_pairs_and_prepared_drawings_share_polarity_and_range() {
    let mnist = Mnist::load(&default_folder()).unwrap();
    let sets = PairSets::draw(&mnist, 200, 0).unwrap();
    let pixels = sets.training.pixels();
    let (paper, ink) =
        (pixels.iter().filter(|&&pixel| pixel == 0.0).count(), pixels.iter().copied().fold(0.0, f32::max));
    assert!(
        paper * 2 > pixels.len() && (250.0..=255.0).contains(&ink),
        "{paper} of {} are paper, ink {ink}",
        pixels.len()
    );
    for &index in sets.training.indices().iter().flatten() {
        let inverted = mnist.training.images[index].map(|pixel| 255 - pixel);
        let dark = prepare(&Picture::luma(28, 28, &inverted).unwrap()).unwrap();
        let light = prepare(&Picture::luma(28, 28, &mnist.training.images[index]).unwrap()).unwrap();
        assert_eq!(dark.image, light.image, "training image {index}");
    }
}
