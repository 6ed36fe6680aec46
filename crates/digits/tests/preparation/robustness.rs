//! What preparation costs: digits drawn in many ways, prepared, and read by a nearest neighbour among training digits.
//!
//! The reader is no part of the product. It measures whether prepared digits lie where MNIST's own lie, without a network
//! whose training would have to be trusted first.

use std::sync::LazyLock;

use digits::scene::Scene;
use digits::{DigitImage, Picture, Polarity, PrepareError, SIDE, prepare};

use crate::support::{Labelled, mnist};

/// Training digits that the reader knows, and test digits that it reads.
const KNOWN: usize = 10_000;
const READ: usize = 150;

/// One nearest neighbour by Euclidean distance at 14x14.
struct Reader(Vec<(DigitImage, u8)>);

impl Reader {
    fn new() -> Self {
        Self(mnist("train")[..KNOWN].iter().map(|digit| (DigitImage::from_mnist(&digit.pixels), digit.label)).collect())
    }

    fn read(&self, image: &DigitImage) -> u8 {
        // A sum for each column, which the processor adds up side by side.
        let distance = |known: &DigitImage| -> f32 {
            let [known, seen] = [known, image].map(|image| image.pixels().as_chunks::<SIDE>().0);
            let mut sums = [0.0_f32; SIDE];
            for (known, seen) in known.iter().zip(seen) {
                sums.iter_mut().zip(known).zip(seen).for_each(|((sum, a), b)| *sum += (a - b) * (a - b));
            }
            sums.iter().sum()
        };
        let nearest = self.0.iter().map(|(known, label)| (distance(known), *label));
        nearest.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1
    }

    /// Accuracy over the digits, each drawn by `scene`.
    fn accuracy(&self, digits: &[Labelled], scene: &Scene) -> f32 {
        let right = digits.iter().enumerate().filter(|(number, digit)| {
            let bytes = scene.draw(&digit.pixels, *number as u64);
            let picture = Picture::luma(scene.width, scene.height, &bytes).unwrap();
            prepare(&picture).is_ok_and(|prepared| self.read(&prepared.image) == digit.label)
        });
        right.count() as f32 / digits.len() as f32
    }
}

static READER: LazyLock<Reader> = LazyLock::new(Reader::new);

/// How many of the test digits are read right as MNIST has them, from 0 to 1.
static CLEAN: LazyLock<f32> = LazyLock::new(|| {
    let as_mnist = |digit: &&Labelled| READER.read(&DigitImage::from_mnist(&digit.pixels)) == digit.label;
    mnist("t10k")[..READ].iter().filter(as_mnist).count() as f32 / READ as f32
});

/// The digit of MNIST's size in `side` pixels, on paper of the same size.
fn at_size(side: usize) -> Scene {
    Scene { width: side, height: side, side: side as f32, ..Scene::default() }
}

/// Reads the test digits as MNIST has them, then drawn by each scene; at most `points` of 100 may be lost.
fn costs_at_most(points: f32, scenes: &[Scene]) {
    for scene in scenes {
        let lost = 100.0 * (*CLEAN - READER.accuracy(&mnist("t10k")[..READ], scene));
        assert!(lost <= points, "{lost:.1} points lost of {:.1} by {scene:?}", 100.0 * *CLEAN);
    }
}

#[test]
fn any_size_of_picture_costs_at_most_two_points() {
    costs_at_most(2.0, &[14, 20, 28, 56, 150].map(at_size));
}

#[test]
fn a_digit_anywhere_on_the_paper_at_any_scale_costs_at_most_two_points() {
    let paper = at_size(84);
    costs_at_most(
        2.0,
        &[
            Scene { side: 42.0, shift: (19.0, -20.0), ..paper },
            Scene { side: 63.0, shift: (-8.5, 9.3), ..paper },
            Scene { side: 20.0, shift: (-30.0, 30.0), ..paper },
        ],
    );
}

#[test]
fn ink_and_paper_of_any_brightness_cost_at_most_two_points() {
    let scene = at_size(84);
    costs_at_most(
        2.0,
        &[
            Scene { ink: 1.0, paper: 0.0, ..scene },
            Scene { ink: 0.2, paper: 0.5, ..scene },
            Scene { ink: 0.65, paper: 0.85, ..scene },
        ],
    );
}

#[test]
fn shadow_and_vignette_cost_at_most_two_points() {
    let scene = Scene { side: 70.0, ink: 0.1, paper: 0.9, ..at_size(84) };
    costs_at_most(2.0, &[Scene { shade: 0.4, ..scene }, Scene { vignette: 0.5, ..scene }]);
}

#[test]
fn noise_specks_and_blur_cost_at_most_two_points() {
    let scene = at_size(84);
    costs_at_most(
        2.0,
        &[
            Scene { noise: 25.0, ..scene },
            Scene { specks: 2.0, ..scene },
            Scene { blur: 6, ..scene },
            Scene { noise: 25.0, ..at_size(28) },
        ],
    );
}

#[test]
fn thick_strokes_and_a_tilt_of_ten_degrees_cost_at_most_five_points() {
    let scene = at_size(84);
    costs_at_most(
        5.0,
        &[Scene { thicken: 1.0, ..scene }, Scene { degrees: 10.0, ..scene }, Scene { degrees: -10.0, ..scene }],
    );
}

#[test]
fn a_small_digit_in_a_photo_is_read() {
    let digit = &mnist("t10k")[0];
    let photo = Scene { width: 1600, height: 1200, side: 120.0, shift: (-400.0, 200.0), ..Scene::photographed() };
    let bytes = photo.draw(&digit.pixels, 1);
    let prepared = prepare(&Picture::luma(1600, 1200, &bytes).unwrap()).unwrap();
    assert_eq!(prepared.polarity, Polarity::DarkOnLight);
    assert_eq!(READER.read(&prepared.image), digit.label);
    let found = prepared.tight_box;
    let middle = (found.left + found.width / 2, found.top + found.height / 2);
    assert!(middle.0.abs_diff(400) < 15 && middle.1.abs_diff(800) < 15, "{found:?}");
    assert!(found.height.abs_diff(120 * 20 / 28) < 12, "{found:?}");
}

#[test]
fn coloured_ink_is_found_where_brightness_shows_little() {
    let digit = &mnist("t10k")[0];
    let ink = at_size(140).draw(&digit.pixels, 1);
    let yellow_on_white: Vec<u8> = ink.iter().flat_map(|&paper| [255, 255, paper, 255]).collect();
    let red_on_green: Vec<u8> = ink.iter().flat_map(|&paper| [255 - paper, paper / 2, 0, 255]).collect();
    for rgba in [yellow_on_white, red_on_green] {
        let prepared = prepare(&Picture::rgba(140, 140, &rgba).unwrap()).unwrap();
        assert_eq!(READER.read(&prepared.image), digit.label);
    }
}

#[test]
fn ink_on_transparent_ground_is_found_whatever_its_brightness() {
    let digit = &mnist("t10k")[0];
    let paper = at_size(140).draw(&digit.pixels, 1);
    for (level, polarity) in [(0, Polarity::DarkOnLight), (255, Polarity::LightOnDark)] {
        let rgba: Vec<u8> = paper.iter().flat_map(|&paper| [level, level, level, 255 - paper]).collect();
        let prepared = prepare(&Picture::rgba(140, 140, &rgba).unwrap()).unwrap();
        assert_eq!((READER.read(&prepared.image), prepared.polarity), (digit.label, polarity));
    }
}

#[test]
fn transparent_corners_of_a_photo_are_taken_for_paper() {
    let digit = &mnist("t10k")[0];
    let grey = at_size(140).draw(&digit.pixels, 1);
    let alpha = |at: usize| if at % 140 + at / 140 < 40 { 0 } else { 255 };
    let rgba: Vec<u8> = grey.iter().enumerate().flat_map(|(at, &v)| [v, v, v, alpha(at)]).collect();
    let prepared = prepare(&Picture::rgba(140, 140, &rgba).unwrap()).unwrap();
    assert_eq!((READER.read(&prepared.image), prepared.polarity), (digit.label, Polarity::DarkOnLight));
}

#[test]
fn the_table_beside_the_page_is_not_the_digit() {
    let digit = &mnist("t10k")[0];
    let mut grey = at_size(280).draw(&digit.pixels, 1);
    grey.iter_mut().enumerate().filter(|(at, _)| at % 280 < 14).for_each(|(_, value)| *value = 40);
    let prepared = prepare(&Picture::luma(280, 280, &grey).unwrap()).unwrap();
    assert_eq!(READER.read(&prepared.image), digit.label);
    assert!(prepared.tight_box.left > 20, "{:?}", prepared.tight_box);
}

#[test]
fn paper_with_a_shadow_or_noise_but_no_digit_has_no_ink() {
    let blank = [0; 784];
    let scene = at_size(140);
    let scenes = [
        Scene { shade: 0.4, paper: 0.9, ..scene },
        Scene { vignette: 0.5, paper: 0.9, noise: 6.0, ..scene },
        Scene { noise: 3.0, ..scene },
        Scene { noise: 40.0, paper: 0.5, ..scene },
        Scene { paper: 0.0, ink: 1.0, noise: 4.0, ..scene },
        Scene { specks: 0.5, ..scene },
    ];
    for scene in scenes {
        let bytes = scene.draw(&blank, 7);
        let none = prepare(&Picture::luma(scene.width, scene.height, &bytes).unwrap());
        assert_eq!(none.map(|found| found.tight_box), Err(PrepareError::NoInk), "{scene:?}");
    }
}
