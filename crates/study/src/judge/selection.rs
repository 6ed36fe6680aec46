//! What choosing the best of many does to the number that is then reported.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Sample;
use super::comparison::{Comparison, compared, p_value, plain, signed, uncorrected};
use crate::declaration::ProtocolName;
use metrics::{Difference, paired};

/// Why nothing can be said about choosing.
const NOT_ENOUGH: &str = "it needs two cells with four rounds in common";

/// Choosing one of several cells by one half of the rounds, and looking at it in the other half; either half chooses once.
///
/// Leaving out single rounds would not do: of two cells that are alike, the one whose bad round is left out looks better.
#[derive(Debug, Clone)]
struct Halves {
    /// Mean over the rounds of what the chosen cell seems to give: its mean in the half that chose it.
    apparent: f64,
    /// Mean over the rounds of what it gives in the other half.
    honest: f64,
    /// What the cell chosen by the other half gives in each round, in the order of the seeds.
    by_round: Vec<f64>,
    /// Positions of the cells chosen by the first and by the second half.
    chosen: [usize; 2],
    /// Apparent minus honest, its interval for these two choices. A round that is easy or hard for all cells is made level
    /// first: each value is taken relative to the round's mean over all cells, which leaves the estimate as it is and
    /// takes out its noise.
    optimism: Difference,
}

/// Lets either half of the rounds choose. The choice is made by `criterion`, what is looked at is `outcome`; both hold one
/// sample a cell, in the same order. None unless there are two cells with four rounds in common.
fn by_halves(criterion: &[Sample], outcome: &[Sample]) -> Option<Halves> {
    let rounds = common_rounds(criterion.iter().chain(outcome));
    if rounds.len() < 4 || outcome.len() < 2 {
        return None;
    }
    let (criterion, outcome) = (table(criterion, &rounds), table(outcome, &rounds));
    let middle = rounds.len() / 2;
    let halves = [0..middle, middle..rounds.len()];
    let field: Vec<f64> = (0..rounds.len()).map(|round| mean(outcome.iter().map(|cell| cell[round]))).collect();
    let chosen = halves.clone().map(|half| best_in(&criterion, half));
    // What a round is judged by: the cell that the other half chose, and that half's view of it.
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

/// The seeds that every sample has.
fn common_rounds<'a>(samples: impl Iterator<Item = &'a Sample<'a>>) -> Vec<u64> {
    let mut sets = samples.map(|sample| sample.by_seed.keys().copied().collect::<BTreeSet<u64>>());
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| &common & &set).into_iter().collect()
}

/// By cell, then by round.
fn table(samples: &[Sample], rounds: &[u64]) -> Vec<Vec<f64>> {
    samples.iter().map(|sample| rounds.iter().map(|seed| sample.by_seed[seed]).collect()).collect()
}

/// The first of the cells with the best mean over some rounds.
fn best_in(cells: &[Vec<f64>], rounds: Range<usize>) -> usize {
    let means: Vec<f64> = cells.iter().map(|cell| mean(cell[rounds.clone()].iter().copied())).collect();
    (1..means.len()).fold(0, |best, cell| if means[cell] > means[best] { cell } else { best })
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// What the best of a series loses in rounds that had no part in choosing it: in fresh seeds where there are, and in
/// the half of the rounds that did not choose.
///
/// `samples` come with the best mean first.
pub(super) fn winners_curse(
    samples: &[Sample],
    fresh: Option<&[Sample]>,
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
         excess of {} points (95 % interval {low} to {high}, {} rounds).{}",
        samples.len(),
        halves.apparent,
        halves.honest,
        signed(halves.optimism.estimate),
        halves.optimism.n[0],
        shared_pairs(protocol),
    );
    if let Some(fresh) = fresh {
        let again = fresh.iter().find(|again| again.cell.label == samples[0].cell.label);
        let title = samples[0].title();
        let again = again.ok_or_else(|| format!("the best by all rounds, {title}, has no fresh seeds"))?;
        let comparison = compared(&samples[0], again)?;
        sentence = format!("The best by all rounds, trained again. {} {sentence}", plain(&comparison));
        comparisons.insert(0, comparison);
    }
    Ok((comparisons, sentence))
}

/// What is given up by choosing by `validation` instead of by the test pairs, both judged in the half of the rounds that did
/// not choose. Both hold
/// one sample a cell, in the same order.
pub(super) fn chosen_by_validation(
    samples: &[Sample],
    validation: &[Sample],
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

/// What other rounds cannot tell where all rounds share one test set.
fn shared_pairs(protocol: ProtocolName) -> &'static str {
    match protocol {
        ProtocolName::Fixed => " All rounds share their test pairs: what suits those very pairs stays in.",
        ProtocolName::Redrawn => "",
    }
}

/// The cells that were chosen.
fn chosen(halves: &Halves, samples: &[Sample]) -> String {
    let [first, second] = halves.chosen.map(|cell| samples[cell].cell.label.as_str());
    if first == second { format!("{first} twice") } else { format!("{first}, {second}") }
}
