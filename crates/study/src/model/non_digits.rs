//! What a network says about pictures that show no digit.

use std::ops::Range;

use digits::contract::CLASSES;
use digits::drawn::{Digits, KINDS, NonDigit, NonDigitKind};
use digits::{Choice, DigitImage, Judged, SIDE, Verdict, p_leq_from_digits};
use mnist::PairSet;
use nets::network::Comparator;
use serde::{Deserialize, Serialize};

use super::readings::{chosen, judged_images, pairs_of, readings};

const IMAGE_PIXELS: usize = SIDE * SIDE;

/// Answers about pairs of a digit and a non-digit of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindJudgement {
    /// The kind's name.
    pub kind: String,
    /// Whether every training with non-digits meets the kind.
    pub in_training: bool,
    /// Pairs.
    pub pairs: usize,
    /// Pairs whose non-digit is told to be none, or several: by preparation, which finds no ink, or by the network.
    pub refused: usize,
    /// Pairs answered with a confidence of at least [`digits::VERY_SURE`], no image of them being called no digit.
    pub sure: usize,
    /// The same when the network is given the whole drawing, framed as a digit is: what it knows by itself, where
    /// preparation may take a part of the picture for the digit.
    pub framed_sure: usize,
}

/// Judges `comparator` on `of_each` drawings of every kind, read as the tools read pictures, each beside one digit of
/// `partners`, on the left and on the right in turn; digits that drawings are made of come from `partners` too.
///
/// # Errors
/// A network without digit heads; candle's, when the device has no room.
pub fn judged(
    comparator: &Comparator,
    partners: &PairSet,
    first_seed: u64,
    of_each: usize,
) -> candle_core::Result<Vec<KindJudgement>> {
    let digits = judged_images(comparator, partners)?;
    let seeds = |at: usize| first_seed + (at * of_each) as u64..first_seed + ((at + 1) * of_each) as u64;
    let judge = |(at, kind)| judge(comparator, partners, &digits, kind, seeds(at));
    KINDS.iter().enumerate().map(judge).collect()
}

fn judge(
    comparator: &Comparator,
    partners: &PairSet,
    partners_judged: &[Judged],
    kind: &NonDigitKind,
    seeds: Range<u64>,
) -> candle_core::Result<KindJudgement> {
    let (images, _) = partners.pixels().as_chunks::<IMAGE_PIXELS>();
    let digits = Digits { images, labels: partners.classes().as_flattened() };
    let drawings: Vec<(u64, NonDigit)> = seeds.map(|seed| (seed, NonDigit::draw(kind, &digits, seed))).collect();
    let read = |(seed, drawing): &(u64, NonDigit)| readings(NonDigit::PICTURE_SIDE, &drawing.picture(*seed));
    let choices = chosen(comparator, partners, &drawings.iter().map(read).collect::<Vec<_>>())?;
    let framed: Vec<DigitImage> = drawings.iter().map(|(_, drawing)| drawing.image()).collect();
    let framed = judged_images(comparator, &pairs_of(partners, &framed))?;
    let partner = |at: usize| &partners_judged[at * 37 % partners_judged.len()];
    let answered = |choice: &&Choice| choice.several.is_none() && !is_refused(choice.no_digit);
    let is_sure = |(at, choice): (usize, &Option<Choice>)| {
        choice
            .as_ref()
            .filter(answered)
            .is_some_and(|shown| is_sure_beside(&shown.digits, shown.no_digit, partner(at), at))
    };
    let framed_sure = |(at, shown): &(usize, &Judged)| is_sure_beside(&shown.digits, shown.no_digit, partner(*at), *at);
    Ok(KindJudgement {
        kind: kind.name.to_owned(),
        in_training: kind.in_training,
        pairs: drawings.len(),
        refused: choices.iter().filter(|choice| !choice.as_ref().is_some_and(|choice| answered(&choice))).count(),
        sure: choices.iter().enumerate().filter(|(at, choice)| is_sure((*at, choice))).count(),
        framed_sure: framed.iter().take(drawings.len()).enumerate().filter(framed_sure).count(),
    })
}

fn is_refused(no_digit: Option<f32>) -> bool {
    no_digit.is_some_and(digits::is_no_digit)
}

/// Whether the tools answer about an image read with these probabilities and `partner`, and are sure; the partner stands on
/// the right of even drawings, on the left of odd ones.
fn is_sure_beside(digits: &[f32; CLASSES], no_digit: Option<f32>, partner: &Judged, at: usize) -> bool {
    let image = Judged { prior: 1.0, digits: *digits, no_digit };
    let [first, second] = if at.is_multiple_of(2) { [&image, partner] } else { [partner, &image] };
    let verdict = Verdict::new(p_leq_from_digits(&first.digits, &second.digits), None);
    let verdict = match (first.no_digit, second.no_digit) {
        (Some(first), Some(second)) => verdict.and_then(|verdict| verdict.with_no_digit([first, second])),
        _ => verdict,
    };
    // What is no probability is no answer.
    verdict.is_ok_and(|verdict| verdict.is_very_sure())
}
