//! What choosing the best of many does to the number that is then reported.

use std::collections::BTreeSet;

use super::comparison::{Comparison, compared, p_value, plain, signed, uncorrected};
use super::{ProtocolName, Sample};
use crate::statistics::{Difference, paired};

/// Why nothing can be said about choosing.
const NOT_ENOUGH: &str = "it needs two cells with three rounds in common";

/// Choosing one of several cells by all rounds but one, and looking at it in the round left out; each round is left
/// out once.
#[derive(Debug, Clone)]
struct LeftOut {
    /// Mean over the rounds of what the chosen cell seems to give: its mean in the rounds that chose it.
    apparent: f64,
    /// Mean over the rounds of what it gives in the round left out.
    honest: f64,
    /// What it gives in each round left out, in the order of the seeds.
    by_round: Vec<f64>,
    /// Position of the cell chosen when each round was left out.
    chosen: Vec<usize>,
    /// Apparent minus honest. A round that is easy or hard for all cells is made level first: each value is taken
    /// relative to the round's mean over all cells, which leaves the estimate as it is and takes out its noise.
    optimism: Difference,
}

/// Leaves out every round in turn. The choice is made by `criterion`, what is looked at is `outcome`; both hold one sample
/// a cell, in the same order. None unless there are two cells with three rounds in common.
fn leave_one_out(criterion: &[Sample], outcome: &[Sample]) -> Option<LeftOut> {
    let rounds = common_rounds(criterion.iter().chain(outcome));
    if rounds.len() < 3 || outcome.len() < 2 {
        return None;
    }
    let (criterion, outcome) = (table(criterion, &rounds), table(outcome, &rounds));
    let field: Vec<f64> = (0..rounds.len()).map(|round| mean(outcome.iter().map(|cell| cell[round]))).collect();
    let chosen: Vec<usize> = (0..rounds.len()).map(|left_out| best_without(&criterion, left_out)).collect();
    let by_round: Vec<f64> = chosen.iter().enumerate().map(|(round, &cell)| outcome[cell][round]).collect();
    let apparent: Vec<f64> =
        chosen.iter().enumerate().map(|(round, &cell)| mean_without(&outcome[cell], round)).collect();
    let level = |round: usize| [apparent[round] - mean_without(&field, round), by_round[round] - field[round]];
    let optimism = paired(&(0..rounds.len()).map(level).collect::<Vec<_>>())?;
    let (apparent, honest) = (mean(apparent.iter().copied()), mean(by_round.iter().copied()));
    Some(LeftOut { apparent, honest, by_round, chosen, optimism })
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

/// The first of the cells with the best mean over all rounds but one.
fn best_without(cells: &[Vec<f64>], left_out: usize) -> usize {
    let means: Vec<f64> = cells.iter().map(|cell| mean_without(cell, left_out)).collect();
    (1..means.len()).fold(0, |best, cell| if means[cell] > means[best] { cell } else { best })
}

fn mean_without(values: &[f64], left_out: usize) -> f64 {
    mean(values.iter().enumerate().filter(|(round, _)| *round != left_out).map(|(_, &value)| value))
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// What the best of a series loses in rounds that had no part in choosing it: in fresh seeds where there are, and in
/// rounds left out.
///
/// `samples` come with the best mean first.
pub(super) fn winners_curse(
    samples: &[Sample],
    fresh: Option<&[Sample]>,
    protocol: ProtocolName,
) -> Result<(Vec<Comparison>, String), String> {
    let left_out = leave_one_out(samples, samples).ok_or(NOT_ENOUGH)?;
    let means = [left_out.apparent, left_out.honest];
    let first = format!("the best of {} as chosen", samples.len());
    let second = "the same in the round left out".to_owned();
    let mut comparisons = vec![uncorrected(first, second, means, left_out.optimism)];
    let [low, high] = left_out.optimism.interval.map(signed);
    let mut sentence = format!(
        "Chosen from {} by all rounds but one, the best seems to give {:.2} and gives {:.2} in the round left out: an \
         excess of {} points (95 % interval {low} to {high}, {} rounds).{}",
        samples.len(),
        left_out.apparent,
        left_out.honest,
        signed(left_out.optimism.estimate),
        left_out.optimism.n[0],
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

/// What is given up by choosing by `validation` instead of by the test pairs, both judged in rounds left out. Both hold
/// one sample a cell, in the same order.
pub(super) fn chosen_by_validation(
    samples: &[Sample],
    validation: &[Sample],
    protocol: ProtocolName,
) -> Result<(Vec<Comparison>, String), String> {
    if let Some(sample) = validation.iter().find(|sample| sample.by_seed.is_empty()) {
        return Err(format!("{} has not been evaluated on validation pairs", sample.title()));
    }
    let by_test = leave_one_out(samples, samples).ok_or(NOT_ENOUGH)?;
    let by_validation = leave_one_out(validation, samples).ok_or(NOT_ENOUGH)?;
    let rounds = by_test.by_round.iter().zip(&by_validation.by_round);
    let difference =
        paired(&rounds.map(|(&test, &validation)| [test, validation]).collect::<Vec<_>>()).ok_or(NOT_ENOUGH)?;
    let [low, high] = difference.interval.map(signed);
    let sentence = format!(
        "Of {} networks, the choice by test pairs ({}) seems to give {:.2}, and gives {:.2} in rounds that took no part; \
         the choice by validation pairs ({}) gives {:.2} there. The accuracy that chose overstates by {} points; \
         choosing by validation pairs instead costs {} points (95 % interval {low} to {high}, {}).{}",
        samples.len(),
        favourite(&by_test, samples),
        by_test.apparent,
        by_test.honest,
        favourite(&by_validation, samples),
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

/// What rounds left out cannot tell where all rounds share one test set.
fn shared_pairs(protocol: ProtocolName) -> &'static str {
    match protocol {
        ProtocolName::Fixed => " All rounds share their test pairs: what suits those very pairs stays in.",
        ProtocolName::Redrawn => "",
    }
}

/// The cell that was chosen most often.
fn favourite(left_out: &LeftOut, samples: &[Sample]) -> String {
    let times = |cell: &usize| left_out.chosen.iter().filter(|&chosen| chosen == cell).count();
    let position = (0..samples.len()).rev().max_by_key(times).unwrap_or_default();
    format!("{} in {} of {} choices", samples[position].cell.label, times(&position), left_out.chosen.len())
}
