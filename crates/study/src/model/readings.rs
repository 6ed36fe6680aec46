//! What a network says about pictures, read as the tools read them: in every way that preparation offers, of which the
//! network's answers choose one.

use candle_core::Result;
use digits::{Candidate, Choice, DigitImage, Judged, Picture, SIDE, candidates, choose_among, p_leq_from_digits};
use metrics::Accuracy;
use mnist::{PairSet, Split};
use nets::network::Comparator;
use nets::training::{digit_posteriors, evaluate, no_digit_probabilities, outputs};

use super::drawings::Drawing;

const IMAGE_PIXELS: usize = SIDE * SIDE;

/// All readings of a grey picture of `side` pixels each way; none where it shows no ink.
pub(super) fn readings(side: usize, picture: &[u8]) -> Vec<Candidate> {
    Picture::luma(side, side, picture).and_then(|picture| candidates(&picture)).unwrap_or_default()
}

/// The reading that the tools take of each picture; `None` where it has none. `form` is any pairs, at least one.
///
/// # Errors
/// A network without digit heads; candle's, when the device has no room.
pub(super) fn chosen(
    comparator: &Comparator,
    form: &PairSet,
    pictures: &[Vec<Candidate>],
) -> Result<Vec<Option<Choice>>> {
    let images: Vec<DigitImage> = pictures.iter().flatten().map(|reading| reading.prepared.image).collect();
    let mut judged = judged_images(comparator, &pairs_of(form, &images))?.into_iter();
    let choice = |readings: &Vec<Candidate>| {
        let of_picture = judged.by_ref().take(readings.len()).zip(readings);
        let judged = of_picture.map(|(judged, reading)| Judged { prior: reading.prior, ..judged });
        choose_among(readings, &judged.collect::<Vec<_>>())
    };
    Ok(pictures.iter().map(choice).collect())
}

/// The images, two by two, as pairs without a meaning; of an odd number the last has one of `form`'s beside it.
pub(super) fn pairs_of(form: &PairSet, images: &[DigitImage]) -> PairSet {
    let mut pairs = form.select(&vec![0; images.len().div_ceil(2)]);
    for (pixels, image) in pairs.pixels_mut().chunks_exact_mut(IMAGE_PIXELS).zip(images) {
        pixels.copy_from_slice(image.pixels());
    }
    pairs
}

/// What a network says about every image of `pairs`, each the only reading of its picture.
///
/// # Errors
/// As [`chosen`].
pub(super) fn judged_images(comparator: &Comparator, pairs: &PairSet) -> Result<Vec<Judged>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let outputs = outputs(comparator, pairs)?;
    let no_digit = no_digit_probabilities(&outputs)?;
    let Some(logits) = outputs.digit_logits else {
        candle_core::bail!("the network has no digit heads, so its answers choose no reading")
    };
    let posteriors = digit_posteriors(&logits)?.into_iter().enumerate();
    let no_digit_of = |image: usize| no_digit.as_ref().map(|probabilities| probabilities[image]);
    Ok(posteriors.map(|(image, digits)| Judged { prior: 1.0, digits, no_digit: no_digit_of(image) }).collect())
}

/// Accuracy on `pairs` of `split` drawn otherwise. An image in which the tools find no ink, no digit, or several, is a wrong answer.
/// A network whose digit heads are not trained is given the likeliest reading alone.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn drawn_accuracy(comparator: &Comparator, drawing: Drawing, pairs: &PairSet, split: &Split) -> Result<Accuracy> {
    if !comparator.spec().auxiliary {
        return Ok(evaluate(comparator, &drawing.of(pairs, split))?.learned_head);
    }
    let choices = chosen(comparator, pairs, &drawing.readings(pairs, split))?;
    let is_right = |(sides, leq): (&[Option<Choice>], bool)| {
        let [Some(first), Some(second)] = sides else { return false };
        let refused =
            [first, second].iter().any(|side| side.several.is_some() || side.no_digit.is_some_and(digits::is_no_digit));
        !refused && (p_leq_from_digits(&first.digits, &second.digits) >= 0.5) == leq
    };
    Ok(Accuracy::of(choices.chunks_exact(2).zip(pairs.targets()).map(is_right)))
}
