//! Selection bias: the effect of reporting the best of many.

use std::collections::BTreeSet;
use std::ops::Range;

use super::CellSample;
use super::comparison::{Comparison, compared, p_value, plain, signed, uncorrected};
use crate::declaration::ProtocolName;
use metrics::{Difference, paired};

/// Why selection cannot be judged.
const NOT_ENOUGH: &str = "it needs two cells with four rounds in common";

/// Selection by one half of the rounds, evaluated on the other half. Each half selects once.
///
/// Leave-one-out would be biased: of two equal cells, the one whose bad round is left out looks better.
#[derive(Debug, Clone)]
struct Halves {
    /// Mean apparent accuracy: the selected cell's mean in the half that selected it.
    apparent: f64,
    /// Mean honest accuracy: its mean in the other half.
    honest: f64,
    /// Accuracy in each round of the cell selected by the other half, ordered by seed.
    by_round: Vec<f64>,
    /// Indices of the cells selected by the first and second half.
    chosen: [usize; 2],
    /// Apparent minus honest accuracy, with its interval given these two selections. Each value is taken relative to
    /// its round's mean over all cells; this keeps the estimate and removes the noise of easy and hard rounds.
    optimism: Difference,
}

/// Selects by each half of the rounds. `criterion` selects, `outcome` is evaluated; both hold one sample per cell in
/// the same order. `None` unless two cells have four rounds in common.
fn by_halves(criterion: &[CellSample], outcome: &[CellSample]) -> Option<Halves> {
    let rounds = common_rounds(criterion.iter().chain(outcome));
    if rounds.len() < 4 || outcome.len() < 2 {
        return None;
    }
    let (criterion, outcome) = (table(criterion, &rounds), table(outcome, &rounds));
    let middle = rounds.len() / 2;
    let halves = [0..middle, middle..rounds.len()];
    let field: Vec<f64> = (0..rounds.len()).map(|round| mean(outcome.iter().map(|cell| cell[round]))).collect();
    let chosen = halves.clone().map(|half| best_in(&criterion, half));
    // For each round: the cell selected by the other half, and its mean in that half.
    let judge = |round: usize| if round < middle { 1 } else { 0 };
    let by_round: Vec<f64> = (0..rounds.len()).map(|round| outcome[chosen[judge(round)]][round]).collect();
    let seen = |half: usize, values: &[f64]| mean(values[halves[half].clone()].iter().copied());
    let apparent: Vec<f64> =
        (0..rounds.len()).map(|round| seen(judge(round), &outcome[chosen[judge(round)]])).collect();
    let level = |round: usize| [apparent[round] - seen(judge(round), &field), by_round[round] - field[round]];
    let optimism = paired(&(0..rounds.len()).map(level).collect::<Vec<_>>())?;
    let (apparent, honest) = (mean(apparent.iter().copied()), mean(by_round.iter().copied()));
    Some(Halves { apparent, honest, by_round, chosen, optimism })
}

/// The seeds that all samples have.
fn common_rounds<'a>(samples: impl Iterator<Item = &'a CellSample<'a>>) -> Vec<u64> {
    let mut sets = samples.map(|sample| sample.by_seed.keys().copied().collect::<BTreeSet<u64>>());
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| &common & &set).into_iter().collect()
}

/// Accuracies by cell, then by round.
fn table(samples: &[CellSample], rounds: &[u64]) -> Vec<Vec<f64>> {
    samples.iter().map(|sample| rounds.iter().map(|seed| sample.by_seed[seed]).collect()).collect()
}

/// The first cell with the best mean over some rounds.
fn best_in(cells: &[Vec<f64>], rounds: Range<usize>) -> usize {
    let means: Vec<f64> = cells.iter().map(|cell| mean(cell[rounds.clone()].iter().copied())).collect();
    (1..means.len()).fold(0, |best, cell| if means[cell] > means[best] { cell } else { best })
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// The best cell's loss in rounds that did not select it: in fresh seeds if there are any, and in the other half of the
/// rounds.
///
/// `samples` are ordered by mean, best first.
pub(super) fn winners_curse(
    samples: &[CellSample],
    fresh: Option<&[CellSample]>,
    protocol: ProtocolName,
) -> Result<(Vec<Comparison>, String), String> {
    let halves = by_halves(samples, samples).ok_or(NOT_ENOUGH)?;
    let means = [halves.apparent, halves.honest];
    let first = format!("the best of {} as chosen", samples.len());
    let second = "the same in the other half of the rounds".to_owned();
    let mut comparisons = vec![uncorrected(first, second, means, halves.optimism)];
    let [low, high] = halves.optimism.interval.map(signed);
    let mut sentence = format!(
        "Chosen from {} by half of the rounds, the best seems to give {:.2} and gives {:.2} in the other half: an \
         excess of {} points (95 % interval {low} to {high}, {} rounds, {}).{}",
        samples.len(),
        halves.apparent,
        halves.honest,
        signed(halves.optimism.estimate),
        halves.optimism.n[0],
        p_value(halves.optimism.p),
        shared_pairs(protocol),
    );
    if let Some(fresh) = fresh {
        let again = fresh.iter().find(|again| again.cell.label == samples[0].cell.label);
        let title = samples[0].title();
        let again = again.ok_or_else(|| format!("the best by all rounds, {title}, has no fresh seeds"))?;
        let comparison = compared(&samples[0], again)?;
        sentence = format!(
            "The best by all rounds, trained again. {} {sentence} Either way, with Holm's correction for both, would show it.",
            plain(&comparison)
        );
        comparisons.insert(0, comparison);
    }
    Ok((comparisons, sentence))
}

/// The cost of selecting by `validation` instead of by test pairs, both evaluated on the half of the rounds that did
/// not select. Both hold one sample per cell in the same order.
pub(super) fn chosen_by_validation(
    samples: &[CellSample],
    validation: &[CellSample],
    protocol: ProtocolName,
) -> Result<(Vec<Comparison>, String), String> {
    if let Some(sample) = validation.iter().find(|sample| sample.by_seed.is_empty()) {
        return Err(format!("{} has not been evaluated on validation pairs", sample.title()));
    }
    let by_test = by_halves(samples, samples).ok_or(NOT_ENOUGH)?;
    let by_validation = by_halves(validation, samples).ok_or(NOT_ENOUGH)?;
    let rounds = by_test.by_round.iter().zip(&by_validation.by_round);
    let difference =
        paired(&rounds.map(|(&test, &validation)| [test, validation]).collect::<Vec<_>>()).ok_or(NOT_ENOUGH)?;
    let [low, high] = difference.interval.map(signed);
    let sentence = format!(
        "Of {} networks, the choice by half of the rounds' test pairs ({}) seems to give {:.2}, and gives {:.2} in the other \
         half; the choice by validation pairs ({}) gives {:.2} there. The accuracy that chose overstates by {} points; \
         choosing by validation pairs instead costs {} points (95 % interval {low} to {high}, {}).{}",
        samples.len(),
        chosen(&by_test, samples),
        by_test.apparent,
        by_test.honest,
        chosen(&by_validation, samples),
        by_validation.honest,
        signed(by_test.optimism.estimate),
        signed(difference.estimate),
        p_value(difference.p),
        shared_pairs(protocol),
    );
    let means = [by_test.honest, by_validation.honest];
    let [first, second] = ["chosen by test pairs", "chosen by validation pairs"].map(str::to_owned);
    Ok((vec![uncorrected(first, second, means, difference)], sentence))
}

/// A caveat where all rounds share one test set.
fn shared_pairs(protocol: ProtocolName) -> &'static str {
    match protocol {
        ProtocolName::Fixed => " All rounds share their test pairs: what suits those very pairs stays in.",
        ProtocolName::Redrawn => "",
    }
}

/// Titles of the selected cells.
fn chosen(halves: &Halves, samples: &[CellSample]) -> String {
    let [first, second] = halves.chosen.map(|cell| samples[cell].cell.label.as_str());
    if first == second { format!("{first} twice") } else { format!("{first}, {second}") }
}
