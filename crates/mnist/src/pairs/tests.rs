//! Small sets, told apart by their first pixels and labels.

use super::*;
use crate::FileSums;

/// Five pairs with images identified by their first pixel.
fn five() -> PairSet {
    let mut pixels = vec![0.0; 5 * PAIR_PIXELS];
    pixels.chunks_mut(PAIR_PIXELS / 2).zip(0_u8..).for_each(|(image, number)| image[0] = f32::from(number));
    let numbered = |pair: usize| [2 * pair, 2 * pair + 1];
    PairSet {
        pixels,
        classes: (0..5).map(|pair| numbered(pair).map(|digit| digit as u8)).collect(),
        indices: (0..5).map(numbered).collect(),
    }
}

#[test]
fn digits_are_paired_anew_with_their_images_and_classes() {
    let pairs = five().paired_anew(&[9, 0, 3, 4, 1]);
    assert_eq!(pairs.classes(), [[9, 0], [3, 4]]);
    assert_eq!(pairs.indices(), [[9, 0], [3, 4]]);
    let marks: Vec<f32> = pairs.pixels().chunks(PAIR_PIXELS / 2).map(|image| image[0]).collect();
    assert_eq!(marks, [9.0, 0.0, 3.0, 4.0]);
    assert_eq!(five().paired_anew(&(0..10).collect::<Vec<_>>()), five());
}

#[test]
fn swapped_pairs_have_their_digits_in_the_other_order() {
    let swapped = five().with_swapped(|pair| pair == 1);
    assert_eq!(swapped.classes(), [[0, 1], [3, 2], [4, 5], [6, 7], [8, 9]]);
    assert_eq!(swapped.with_swapped(|pair| pair == 1), five());
}

/// A split of images that are told apart by their labels.
fn split(images: u8) -> Split {
    Split { images: vec![[0; 784]; usize::from(images)], labels: (0..images).collect() }
}

#[test]
fn pairs_are_chosen_counted_and_none_is_empty() {
    let chosen = five().select(&[3, 0]);
    assert_eq!((chosen.len(), chosen.indices(), chosen.classes()), (2, &[[6, 7], [0, 1]][..], &[[6, 7], [0, 1]][..]));
    let marks: Vec<f32> = chosen.pixels().chunks(PAIR_PIXELS / 2).map(|image| image[0]).collect();
    assert_eq!(marks, [6.0, 7.0, 0.0, 1.0]);
    assert!(five().select(&[]).is_empty() && !five().is_empty());
}

#[test]
fn pairs_that_are_chosen_or_swapped_have_the_pixels_of_their_images() {
    let mut split = split(4);
    split.images.iter_mut().zip(1..).for_each(|(image, grey)| *image = [grey; 784]);
    let pairs = PairSet::from_indices(&split, &[0, 1, 2, 3]);
    assert_eq!(pairs.pixels().len(), 2 * 2 * 14 * 14);
    assert_eq!(pairs.select(&[1]), PairSet::from_indices(&split, &[2, 3]));
    assert_eq!(pairs.with_swapped(|_| true), PairSet::from_indices(&split, &[1, 0, 3, 2]));
}

#[test]
fn a_split_is_paired_half_against_half() {
    let pairs = PairSet::disjoint(&split(7));
    assert_eq!(pairs.indices(), [[0, 3], [1, 4], [2, 5]]);
    assert_eq!(pairs.classes(), [[0, 3], [1, 4], [2, 5]]);
}

#[test]
fn the_standard_deviation_is_unbiased() {
    let mut pairs = five();
    pairs.pixels_mut().iter_mut().enumerate().for_each(|(at, pixel)| *pixel = [0.0, 4.0][at % 2]);
    let (mean, standard_deviation) = pairs.mean_and_standard_deviation();
    let all = pairs.pixels().len() as f32;
    assert_eq!(mean, 2.0);
    assert!((standard_deviation - 2.0 * (all / (all - 1.0)).sqrt()).abs() < 1e-6, "{standard_deviation}");
}

#[test]
fn ranges_of_an_order_are_disjoint_and_a_missing_split_has_none() {
    let mnist = |training: u8| Mnist { training: split(training), test: split(4), sums: FileSums::default() };
    let whole = mnist(6);
    let orders = Orders::draw(&whole, 0);
    let all = orders.training(&whole, 0..3).unwrap();
    assert_eq!(orders.training(&whole, 1..2).unwrap().indices(), [all.indices()[1]]);
    assert_eq!(orders.test(&whole, 0..2).unwrap().len(), 2);
    assert!(
        orders
            .test(&whole, 0..3)
            .unwrap_err()
            .to_string()
            .contains("3 pairs take 6 images, but the test split holds 4")
    );
    let without = mnist(0);
    assert!(Orders::draw(&without, 0).training(&without, 0..1).is_err());
    assert_eq!([Protocol::Redrawn, Protocol::Fixed { data_seed: 0 }].map(|it| it.name()), ["redrawn", "fixed"]);
}
