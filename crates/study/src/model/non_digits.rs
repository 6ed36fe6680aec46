//! What a network says about pictures that show no digit.

use digits::drawn::{Digits, KINDS, Kind, NonDigit};
use digits::{DigitImage, Picture, SIDE, prepare};
use serde::{Deserialize, Serialize};

use mnist::PairSet;
use nets::network::Comparator;
use nets::training::{no_digit_probabilities, outputs};

const IMAGE_PIXELS: usize = SIDE * SIDE;

/// From this confidence on, an answer counts as sure.
pub const VERY_SURE: f64 = 0.95;

/// Seeds of the drawings that networks are chosen by; trainings draw their own from their streams.
pub const DEVELOPMENT_SEED: u64 = 1 << 40;
/// Seeds of the drawings that shipped networks are judged on.
pub const TEST_SEED: u64 = 2 << 40;

/// Answers about pairs of a digit and a non-digit of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindJudgement {
    /// The kind's name.
    pub kind: String,
    /// Whether trainings meet the kind.
    pub in_training: bool,
    /// Pairs.
    pub pairs: usize,
    /// Pairs whose non-digit is told to be none: by preparation, which finds no ink, or by the network.
    pub refused: usize,
    /// Pairs answered with a confidence of at least [`VERY_SURE`], no image of them being called no digit.
    pub sure: usize,
}

/// Judges `comparator` on `of_each` drawings of every kind, prepared by the tools, each beside one digit of `partners`, on
/// the left and on the right in turn; digits that drawings are made of come from `partners` too.
///
/// # Errors
/// Candle's, when the device has no room.
pub fn judged(
    comparator: &Comparator,
    partners: &PairSet,
    first_seed: u64,
    of_each: usize,
) -> candle_core::Result<Vec<KindJudgement>> {
    let number = |kind: usize| (kind * of_each) as u64;
    KINDS
        .iter()
        .enumerate()
        .map(|(at, kind)| judge(comparator, partners, kind, first_seed + number(at), of_each))
        .collect()
}

fn judge(
    comparator: &Comparator,
    partners: &PairSet,
    kind: &Kind,
    first_seed: u64,
    count: usize,
) -> candle_core::Result<KindJudgement> {
    let (images, _) = partners.pixels().as_chunks::<IMAGE_PIXELS>();
    let digits = Digits { images, labels: partners.classes().as_flattened() };
    let drawn: Vec<DigitImage> =
        (first_seed..).take(count).filter_map(|seed| prepared(&NonDigit::draw(kind, &digits, seed), seed)).collect();
    let mut judgement = KindJudgement {
        kind: kind.name.to_owned(),
        in_training: kind.in_training,
        pairs: count,
        refused: count - drawn.len(),
        sure: 0,
    };
    if drawn.is_empty() {
        return Ok(judgement);
    }
    let positions: Vec<u32> = (0..drawn.len()).map(|at| ((at * 37) % partners.len()) as u32).collect();
    let mut pairs = partners.select(&positions);
    for (at, image) in drawn.iter().enumerate() {
        let side = 2 * at + at % 2;
        pairs.pixels_mut()[side * IMAGE_PIXELS..][..IMAGE_PIXELS].copy_from_slice(image.pixels());
    }
    let outputs = outputs(comparator, &pairs)?;
    let no_digit = no_digit_probabilities(&outputs)?;
    for (at, logit) in outputs.leq_logit.to_vec1::<f32>()?.into_iter().enumerate() {
        let called = |side: usize| no_digit.as_ref().is_some_and(|all| digits::is_no_digit(all[2 * at + side]));
        judgement.refused += usize::from(called(at % 2));
        let confidence = 1.0 / (1.0 + (-f64::from(logit.abs())).exp());
        judgement.sure += usize::from(!called(0) && !called(1) && confidence >= VERY_SURE);
    }
    Ok(judgement)
}

fn prepared(drawing: &NonDigit, seed: u64) -> Option<DigitImage> {
    let side = NonDigit::PICTURE_SIDE;
    let picture = drawing.picture(seed);
    Some(prepare(&Picture::luma(side, side, &picture).ok()?).ok()?.image)
}
