//! From comparisons to verdicts and sentences.

use super::comparison::{Comparison, plain};
use super::{Sample, Verdict};
use metrics::Summary;

/// What cannot be judged, and why.
pub(super) fn untestable(why: &str) -> (Verdict, String) {
    let mut sentence = why.to_owned();
    if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &first);
    }
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    (Verdict::Untestable { why: why.to_owned() }, sentence)
}

/// The first of all comparisons is the same cell: it must be better than each other one.
pub(super) fn best(comparisons: &[Comparison]) -> (Verdict, String) {
    let rival = comparisons.iter().min_by(|a, b| a.difference.estimate.total_cmp(&b.difference.estimate));
    let Some(rival) = rival else { return untestable("there is nothing to compare it with") };
    let count = |verdict| {
        let same = |one: &&Comparison| Verdict::of(one.difference.estimate, one.corrected_p) == verdict;
        comparisons.iter().filter(same).count()
    };
    let (worse, better) = (count(Verdict::Reproduced), count(Verdict::NotReproduced));
    let verdict = match (worse == comparisons.len(), better) {
        (true, _) => Verdict::Reproduced,
        (false, 0) => Verdict::WithinNoise,
        (false, _) => Verdict::NotReproduced,
    };
    let mut sentence = plain(rival);
    if comparisons.len() > 1 {
        let better = if better == 0 { "none" } else { &better.to_string() };
        sentence += &format!(" Of {} others, {worse} are worse beyond noise and {better} better.", comparisons.len());
    }
    (verdict, sentence)
}

/// One must be better than the other.
pub(super) fn better(comparison: &Comparison) -> (Verdict, String) {
    (Verdict::of(comparison.difference.estimate, comparison.corrected_p), plain(comparison))
}

/// One must not be better than the other by `margin` points: shown by an interval, not by a missing difference.
pub(super) fn not_better(comparison: &Comparison, margin: f64) -> (Verdict, String) {
    let difference = &comparison.difference;
    let verdict = match Verdict::of(difference.estimate, comparison.corrected_p) {
        Verdict::Reproduced => Verdict::NotReproduced,
        Verdict::NotReproduced => Verdict::Reproduced,
        _ if difference.interval[1] < margin => Verdict::Reproduced,
        _ => Verdict::WithinNoise,
    };
    let reach = if difference.interval[1] < margin { "rules out" } else { "does not rule out" };
    (verdict, format!("{} That {reach} a gain of {margin} points.", plain(comparison)))
}

/// A mean must reach so much.
pub(super) fn reaches(sample: &Sample, percent: f64) -> Result<(Verdict, String), String> {
    let rounds = format!("{} has {} of {} rounds so far", sample.title(), sample.by_seed.len(), sample.cell.rounds);
    let summary = sample.summary().filter(|summary| summary.n >= 2).ok_or(rounds)?;
    let Summary { n, mean, interval: [low, high], .. } = summary;
    let verdict = if low >= percent {
        Verdict::Reproduced
    } else if high < percent {
        Verdict::NotReproduced
    } else {
        Verdict::WithinNoise
    };
    let title = sample.title();
    Ok((
        verdict,
        format!("{title} gives {mean:.2} (95 % interval {low:.2} to {high:.2}, n = {n}), to reach {percent:.2}."),
    ))
}
