//! What a network says about pictures that show no digit.

use digits::drawn::{Digits, KINDS, Kind, NonDigit};
use digits::{Candidate, Choice, Judged, Picture, SIDE, candidates, choose, p_leq_from_digits};
use serde::{Deserialize, Serialize};

use mnist::PairSet;
use nets::network::Comparator;
use nets::training::{digit_posteriors, no_digit_probabilities, outputs};

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

/// Judges `comparator` on `of_each` drawings of every kind, read as the tools read pictures, each beside one digit of `partners`, on
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
    let drawn: Vec<Vec<Candidate>> =
        (first_seed..).take(count).map(|seed| readings(&NonDigit::draw(kind, &digits, seed), seed)).collect();
    let (kind, in_training) = (kind.name.to_owned(), kind.in_training);
    let mut judgement = KindJudgement { kind, in_training, pairs: count, refused: 0, sure: 0 };
    let judged = Answers::about(comparator, partners, &drawn)?;
    for (at, readings) in drawn.iter().enumerate() {
        let (shown, partner) = judged.of(at, readings);
        let Some(shown) = shown else {
            judgement.refused += 1;
            continue;
        };
        let refused = |no_digit: Option<f32>| no_digit.is_some_and(digits::is_no_digit);
        let pair = if at % 2 == 0 { [&shown.digits, &partner.digits] } else { [&partner.digits, &shown.digits] };
        let p_leq = f64::from(p_leq_from_digits(pair[0], pair[1]));
        judgement.refused += usize::from(refused(shown.no_digit));
        let answered = !refused(shown.no_digit) && !refused(partner.no_digit);
        judgement.sure += usize::from(answered && p_leq.max(1.0 - p_leq) >= VERY_SURE);
    }
    Ok(judgement)
}

/// All ways in which the tools read a drawing; none where they find no ink.
fn readings(drawing: &NonDigit, seed: u64) -> Vec<Candidate> {
    let side = NonDigit::PICTURE_SIDE;
    let picture = drawing.picture(seed);
    Picture::luma(side, side, &picture).and_then(|picture| candidates(&picture)).unwrap_or_default()
}

/// What a network says about drawings, and about the digit beside each.
struct Answers {
    /// Of each reading of each drawing, then of its digit.
    of_pairs: Vec<[Judged; 2]>,
    /// Where each drawing's readings begin.
    starts: Vec<usize>,
}

impl Answers {
    /// Asks about every reading of every drawing; a drawing without one is asked about in the form of its digit, so that
    /// every drawing has an entry.
    fn about(comparator: &Comparator, partners: &PairSet, drawn: &[Vec<Candidate>]) -> candle_core::Result<Self> {
        let (mut positions, mut starts) = (Vec::new(), Vec::new());
        for (at, readings) in drawn.iter().enumerate() {
            starts.push(positions.len());
            let partner = ((at * 37) % partners.len()) as u32;
            positions.resize(positions.len() + readings.len().max(1), partner);
        }
        let mut pairs = partners.select(&positions);
        for (start, readings) in starts.iter().zip(drawn) {
            for (at, reading) in readings.iter().enumerate() {
                let first = 2 * (start + at) * IMAGE_PIXELS;
                pairs.pixels_mut()[first..first + IMAGE_PIXELS].copy_from_slice(reading.prepared.image.pixels());
            }
        }
        let priors = drawn.iter().flat_map(|readings| {
            let none = readings.is_empty().then_some(1.0);
            readings.iter().map(|reading| reading.prior).chain(none)
        });
        Ok(Self { of_pairs: judged_pairs(comparator, &pairs, priors)?, starts })
    }

    /// The reading of drawing `at` that the tools take, if there is one, and its digit.
    fn of(&self, at: usize, readings: &[Candidate]) -> (Option<Choice>, Judged) {
        let rows = &self.of_pairs[self.starts[at]..];
        let shown: Vec<Judged> = rows.iter().take(readings.len()).map(|[shown, _]| *shown).collect();
        (choose(&shown), rows[0][1])
    }
}

/// What a network with digit heads says about both images of each pair; `priors` are the first images'.
fn judged_pairs(
    comparator: &Comparator,
    pairs: &PairSet,
    priors: impl Iterator<Item = f32>,
) -> candle_core::Result<Vec<[Judged; 2]>> {
    let outputs = outputs(comparator, pairs)?;
    let no_digit = no_digit_probabilities(&outputs)?;
    let Some(logits) = outputs.digit_logits else {
        candle_core::bail!("the network has no digit heads, so nothing can be said of what shows no digit")
    };
    let posteriors = digit_posteriors(&logits)?;
    let image = |at: usize, prior: f32| Judged {
        prior,
        digits: posteriors[at],
        no_digit: no_digit.as_ref().map(|probabilities| probabilities[at]),
    };
    Ok(priors.enumerate().map(|(pair, prior)| [image(2 * pair, prior), image(2 * pair + 1, 1.0)]).collect())
}
