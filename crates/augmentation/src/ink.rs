//! Fainter ink, and noise.

use super::{IMAGE_PIXELS, Image, WHITE};
use random::Stream;

/// What happens to the ink of one image.
pub(super) struct Ink {
    /// What every pixel is multiplied by.
    strength: f32,
    /// What is added to each pixel then; absent without noise.
    noise: Option<Box<[f32; IMAGE_PIXELS]>>,
}

impl Ink {
    /// Takes away up to the fraction `faintness` and adds noise with a standard deviation of up to `noise` grey levels. Draws
    /// nothing from `stream` for what is 0.
    pub fn draw(faintness: f32, noise: f32, stream: &mut Stream) -> Self {
        let strength = if faintness > 0.0 { 1.0 - faintness * stream.unit() } else { 1.0 };
        let noise = (noise > 0.0).then(|| {
            let deviation = noise * stream.unit();
            let mut added = Box::new([0.0; IMAGE_PIXELS]);
            for two in added.as_chunks_mut::<2>().0 {
                *two = stream.gaussians().map(|gaussian| deviation * gaussian);
            }
            added
        });
        Self { strength, noise }
    }

    /// Changes `image`; the result stays within 0..=255.
    pub fn apply(&self, image: &mut Image) {
        let pixels = image.as_flattened_mut();
        pixels.iter_mut().for_each(|pixel| *pixel *= self.strength);
        if let Some(noise) = &self.noise {
            pixels.iter_mut().zip(noise.iter()).for_each(|(pixel, added)| *pixel = (*pixel + added).clamp(0.0, WHITE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::Purpose;

    fn inked(faintness: f32, noise: f32) -> [f32; IMAGE_PIXELS] {
        let mut image = [[100.0; digits::SIDE]; digits::SIDE];
        Ink::draw(faintness, noise, &mut Stream::new(0, Purpose::Augmentation)).apply(&mut image);
        *image.as_flattened().first_chunk().unwrap()
    }

    #[test]
    fn no_faintness_and_no_noise_leave_an_image_and_the_stream_as_they_were() {
        let mut stream = Stream::new(0, Purpose::Augmentation);
        Ink::draw(0.0, 0.0, &mut stream);
        assert_eq!(stream.position(), Stream::new(0, Purpose::Augmentation).position());
        assert_eq!(inked(0.0, 0.0), [100.0; IMAGE_PIXELS]);
    }

    #[test]
    fn faint_ink_is_fainter_everywhere_by_the_same_factor() {
        let faint = inked(0.5, 0.0);
        assert!(faint[0] >= 50.0 && faint[0] < 100.0 && faint.iter().all(|&pixel| pixel == faint[0]));
    }

    #[test]
    fn noise_has_mean_0_and_at_most_the_named_deviation() {
        let noisy = inked(0.0, 10.0);
        let mean = noisy.iter().sum::<f32>() / IMAGE_PIXELS as f32;
        let deviation = (noisy.iter().map(|pixel| (pixel - mean).powi(2)).sum::<f32>() / IMAGE_PIXELS as f32).sqrt();
        assert!((mean - 100.0).abs() < 2.0 && deviation > 0.5 && deviation < 12.0, "{mean} {deviation}");
    }
}
