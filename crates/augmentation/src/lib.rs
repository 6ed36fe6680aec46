#![doc = include_str!("../README.md")]
//!
//! # Contents
//! * [`Augmentation`]: the ranges that distortions are drawn from. An image is resampled once (`warp`), so that a second
//!   interpolation does not blur it, then its strokes are changed (`stroke`) and its ink (`ink`); then comes what preparation
//!   leaves over or takes away ([`Artefacts`]).
//! * [`DrawnSettings`] and [`DrawnImages`]: images that programs draw, and how often training meets them; `written` has
//!   the digits of the training read from photos of paper.
//! * [`switch`]: settings that may be written as `true`, `false`, a word or a table.

mod artefacts;
mod bicubic;
mod drawn;
mod elastic;
mod ink;
mod settings;
mod stroke;
pub mod switch;
mod warp;
mod written;

use digits::SIDE;

use self::ink::Ink;
use self::warp::Warp;
use random::Stream;

pub use artefacts::Artefacts;
pub use drawn::{DrawnImages, DrawnSettings};
pub use settings::Augmentation;

/// Rows of an image; pixels are 0..=255.
type Image = [[f32; SIDE]; SIDE];

/// The largest value of a pixel.
const WHITE: f32 = 255.0;
const IMAGE_PIXELS: usize = SIDE * SIDE;

impl Augmentation {
    /// Distorts every image of `pixels`, `[N, 14, 14]`, in place. `progress` is the fraction of the training's steps that are
    /// done, 0 to 1. The result stays within 0..=255.
    pub fn apply(&self, pixels: &mut [f32], progress: f64, stream: &mut Stream) {
        let strength = self.strength(progress);
        let (images, _) = pixels.as_chunks_mut::<IMAGE_PIXELS>();
        for pixels in images {
            let distortion = Distortion::draw(self, strength, stream);
            let (rows, _) = pixels.as_chunks_mut::<SIDE>();
            if let Some(image) = rows.first_chunk_mut::<SIDE>() {
                distortion.apply(image);
                if let Some(artefacts) = &self.artefacts {
                    artefacts.apply(image, strength, stream);
                }
            }
        }
    }
}

/// What happens to one image.
struct Distortion {
    warp: Warp,
    thickness: f32,
    sharpening: f32,
    ink: Ink,
}

impl Distortion {
    fn draw(ranges: &Augmentation, strength: f32, stream: &mut Stream) -> Self {
        let mut within = |bound: f32| stream.symmetric(bound * strength);
        let (sine, cosine) = within(ranges.rotation.to_radians()).sin_cos();
        let [width, height] = [within(ranges.log_scale).exp(), within(ranges.log_scale).exp()];
        let shear = within(ranges.shear);
        let shift = [within(ranges.shift), within(ranges.shift)];
        let thickness = within(ranges.thickness);
        let [softest, sharpest] = ranges.sharpening;
        let sharpening = strength * (softest + (sharpest - softest) * stream.unit());
        let deviation = ranges.elastic * strength;
        let elastic = (deviation > 0.0).then(|| [elastic::draw(deviation, stream), elastic::draw(deviation, stream)]);
        let ink = Ink::draw(ranges.faintness * strength, ranges.noise * strength, stream);
        // Turned after sheared after scaled.
        let matrix = [cosine * width, (cosine * shear - sine) * height, sine * width, (sine * shear + cosine) * height];
        Self { warp: Warp { matrix, shift, elastic }, thickness, sharpening, ink }
    }

    fn apply(&self, image: &mut Image) {
        *image = self.warp.apply(image);
        if self.thickness != 0.0 {
            stroke::thicken(image, self.thickness);
        }
        if self.sharpening != 0.0 {
            stroke::sharpen(image, self.sharpening);
        }
        self.ink.apply(image);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::Purpose;

    fn pictures(count: usize) -> Vec<f32> {
        let mut stream = Stream::new(9, Purpose::Augmentation);
        (0..count * IMAGE_PIXELS).map(|_| stream.below(256) as f32).collect()
    }

    #[test]
    fn the_widest_ranges_that_are_taken_give_pixels() {
        let widest = Augmentation {
            rotation: 1000.0,
            log_scale: 10.0,
            shear: 1000.0,
            shift: 1000.0,
            elastic: 1000.0,
            thickness: 1.0,
            sharpening: [-1000.0, 0.0],
            faintness: 1.0,
            noise: 1000.0,
            ..Augmentation::EVERYBODY
        };
        assert_eq!(widest.out_of_range(), None);
        for seed in 0..20 {
            assert!(distorted(&widest, seed, 0.0).iter().all(|pixel| (0.0..=WHITE).contains(pixel)), "{seed}");
        }
    }

    fn distorted(augmentation: &Augmentation, seed: u64, progress: f64) -> Vec<f32> {
        let mut pixels = pictures(20);
        augmentation.apply(&mut pixels, progress, &mut Stream::new(seed, Purpose::Augmentation));
        pixels
    }

    #[test]
    fn ranges_of_nothing_change_nothing() {
        assert_eq!(distorted(&Augmentation::NONE, 0, 0.0), pictures(20));
    }

    #[test]
    fn the_same_seed_distorts_in_the_same_way_and_another_does_not() {
        let augmentation = Augmentation::DIGITS;
        let bits = |seed| distorted(&augmentation, seed, 0.3).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(0), bits(0));
        assert_ne!(bits(0), bits(1));
    }

    #[test]
    fn values_stay_in_range_however_wide_the_ranges() {
        let wide = Augmentation {
            rotation: 180.0,
            log_scale: 1.5,
            shear: 2.0,
            shift: 9.0,
            elastic: 4.0,
            thickness: 1.0,
            sharpening: [-1.0, 5.0],
            ..Augmentation::DIGITS
        };
        for seed in 0..20 {
            assert!(distorted(&wide, seed, 0.0).iter().all(|value| (0.0..=255.0).contains(value)));
        }
    }

    #[test]
    fn the_last_steps_distort_less() {
        let change = |progress| {
            let after = distorted(&Augmentation::DIGITS, 0, progress);
            after.iter().zip(pictures(20)).map(|(after, before)| (after - before).abs()).sum::<f32>()
        };
        assert!(change(1.0) < change(0.8) && change(0.8) < change(0.6));
        assert_eq!(change(0.6), change(0.0));
    }

    #[test]
    fn an_image_is_distorted_in_the_same_way_whatever_stands_behind_it() {
        let few = Augmentation::DIGITS;
        let mut one = pictures(1);
        few.apply(&mut one, 0.0, &mut Stream::new(0, Purpose::Augmentation));
        assert_eq!(one, distorted(&few, 0, 0.0)[..IMAGE_PIXELS]);
    }
}
