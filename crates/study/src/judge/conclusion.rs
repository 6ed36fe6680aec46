//! Verdicts and sentences from comparisons.

use super::comparison::{Comparison, plain};
use super::{CellSample, ClaimVerdict};
use metrics::Summary;

/// A verdict for a claim that cannot be judged.
pub(super) fn untestable(why: &str) -> (ClaimVerdict, String) {
    let mut sentence = why.to_owned();
    if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &first);
    }
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    (ClaimVerdict::Untestable { why: why.to_owned() }, sentence)
}

/// Judges "the best": each comparison is between the favoured cell and one other.
pub(super) fn best(comparisons: &[Comparison]) -> (ClaimVerdict, String) {
    let rival = comparisons.iter().min_by(|a, b| a.difference.estimate.total_cmp(&b.difference.estimate));
    let Some(rival) = rival else { return untestable("there is nothing to compare it with") };
    let count = |verdict| {
        let same = |one: &&Comparison| ClaimVerdict::of(one.difference.estimate, one.corrected_p) == verdict;
        comparisons.iter().filter(same).count()
    };
    let (worse, better) = (count(ClaimVerdict::Reproduced), count(ClaimVerdict::NotReproduced));
    let verdict = match (worse == comparisons.len(), better) {
        (true, _) => ClaimVerdict::Reproduced,
        (false, 0) => ClaimVerdict::WithinNoise,
        (false, _) => ClaimVerdict::NotReproduced,
    };
    let mut sentence = plain(rival);
    if comparisons.len() > 1 {
        let better = if better == 0 { "none" } else { &better.to_string() };
        sentence += &format!(" Of {} others, {worse} are worse beyond noise, {better} better.", comparisons.len());
    }
    (verdict, sentence)
}

/// Judges "better than".
pub(super) fn better(comparison: &Comparison) -> (ClaimVerdict, String) {
    (ClaimVerdict::of(comparison.difference.estimate, comparison.corrected_p), plain(comparison))
}

/// Judges "not better by `margin` points" with a confidence interval, because a missing difference proves nothing.
pub(super) fn not_better(comparison: &Comparison, margin: f64) -> (ClaimVerdict, String) {
    let difference = &comparison.difference;
    let verdict = match ClaimVerdict::of(difference.estimate, comparison.corrected_p) {
        ClaimVerdict::Reproduced => ClaimVerdict::NotReproduced,
        ClaimVerdict::NotReproduced => ClaimVerdict::Reproduced,
        _ if difference.interval[1] < margin => ClaimVerdict::Reproduced,
        _ => ClaimVerdict::WithinNoise,
    };
    let reach = if difference.interval[1] < margin { "rules out" } else { "does not rule out" };
    (verdict, format!("{} That {reach} a gain of {margin} points.", plain(comparison)))
}

/// Judges "the first network has fewer parameters", exactly.
pub(super) fn fewer_parameters([first, second]: [(String, usize); 2]) -> (ClaimVerdict, String) {
    let verdict = if first.1 < second.1 { ClaimVerdict::Reproduced } else { ClaimVerdict::NotReproduced };
    (verdict, format!("{}: {} parameters; {}: {}.", first.0, first.1, second.0, second.1))
}

/// Judges "the mean reaches `percent`".
pub(super) fn reaches(sample: &CellSample, percent: f64) -> Result<(ClaimVerdict, String), String> {
    let rounds = format!("{} has {} of {} rounds so far", sample.title(), sample.by_seed.len(), sample.cell.rounds);
    let summary = sample.summary().filter(|summary| summary.n >= 2).ok_or(rounds)?;
    let Summary { n, mean, interval: [low, high], .. } = summary;
    let verdict = if low >= percent {
        ClaimVerdict::Reproduced
    } else if high < percent {
        ClaimVerdict::NotReproduced
    } else {
        ClaimVerdict::WithinNoise
    };
    let title = sample.title();
    Ok((
        verdict,
        format!("{title} gives {mean:.2} (95 % interval {low:.2} to {high:.2}, n = {n}), to reach {percent:.2}."),
    ))
}
