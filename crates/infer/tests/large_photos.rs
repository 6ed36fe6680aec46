//! Photos that are shrunk before anything else looks at them, whatever is asked of them.

#![allow(clippy::unwrap_used, reason = "in a test, a panic with its location is the message")]

use std::io::Cursor;
use std::sync::LazyLock;

use digits::{Picture, TightBox};
use image::{DynamicImage, GrayImage, ImageFormat, imageops};
use infer::picture::{self, Reader};
use infer::{Comparer, Engine, Model};

const COLUMNS: usize = 5000;
const ROWS: usize = 3400;

/// The file of a photo of 17 megapixels with a 2 on the left and a 7 on the right, dark on light.
static PHOTO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let test = infer::test_pairs::load(None).unwrap().test;
    let mut paper = GrayImage::from_raw(COLUMNS as u32, ROWS as u32, vec![255; COLUMNS * ROWS]).unwrap();
    for (number, left) in [(1, 300), (0, 2800)] {
        let dark = test.images[number].iter().map(|ink| 255 - ink).collect();
        let digit = DynamicImage::from(GrayImage::from_raw(28, 28, dark).unwrap());
        let large = digit.resize(1900, 1900, imageops::FilterType::Triangle).into_luma8();
        imageops::overlay(&mut paper, &large, left, 700);
    }
    let mut file = Cursor::new(Vec::new());
    paper.write_to(&mut file, ImageFormat::Pnm).unwrap();
    file.into_inner()
});

#[test]
fn two_digits_are_told_apart_in_what_a_large_photo_is_shrunk_to() {
    let both = picture::two_digits_of(&PHOTO).unwrap();
    assert_eq!((both.width, both.height), (COLUMNS, ROWS));
    let mut reader = Reader::default();
    let decoded = reader.decode(&PHOTO).unwrap();
    assert_eq!((decoded.width, decoded.height), (COLUMNS, ROWS));
    let shrunk = digits::split(&Picture::rgba(COLUMNS / 2, ROWS / 2, reader.pixels()).unwrap()).unwrap();
    let mut comparer = Comparer::open(Model::built_in(), Engine::best()).unwrap();
    let comparison = comparer.compare_two(&both).unwrap().unwrap();
    assert!(comparison.verdict.sentence().starts_with("2 <= 7"), "{}", comparison.verdict.sentence());
    for (found, shrunk) in comparison.pictures.iter().zip(shrunk) {
        assert_eq!((found.width, found.height), (COLUMNS, ROWS));
        assert_eq!(found.prepared.image, shrunk.image);
        let TightBox { left, top, width, height } = shrunk.tight_box;
        let whole = TightBox { left: 2 * left, top: 2 * top, width: 2 * width, height: 2 * height };
        assert_eq!(found.prepared.tight_box, whole);
    }
    let [left, right] = comparison.pictures.map(|digit| digit.prepared.tight_box);
    assert!(left.left + left.width < COLUMNS / 2 && right.left > COLUMNS / 2, "{left:?} {right:?}");
}

#[test]
fn the_steps_of_a_large_photo_end_with_the_readings_that_preparation_gives() {
    let (steps, candidates) = picture::steps_of(&PHOTO).unwrap();
    let prepared = Reader::default().prepare(&PHOTO.as_slice().into()).unwrap();
    assert_eq!(candidates.unwrap(), prepared.candidates);
    // 5000 columns, shrunk by 2 and then by 3.
    assert_eq!((steps[0].name.as_str(), steps[0].width), ("picture", 834));
}
