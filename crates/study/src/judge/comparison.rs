//! The comparison of two samples and its sentence.

use super::CellSample;
use metrics::{Difference, Pairing};

/// A comparison of two samples in a claim.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Title of the sample favoured by the claim.
    pub first: String,
    /// Title of the other sample.
    pub second: String,
    /// Means of both in percent.
    pub means: [f64; 2],
    /// First minus second, in percentage points, with the p-value before correction.
    pub difference: Difference,
    /// The p-value after Holm's correction in the claim's family.
    pub corrected_p: f64,
    /// Number of comparisons in the family.
    pub family_size: usize,
}

/// Compares two samples.
pub(super) fn compared(first: &CellSample, second: &CellSample) -> Result<Comparison, String> {
    let difference = first.minus(second).ok_or_else(|| {
        let short = if first.by_seed.len() < second.by_seed.len() { first } else { second };
        let (cell, rounds) = (&short.cell.name, short.by_seed.len());
        format!("{cell} has {rounds} of {} rounds so far, and two are needed", short.cell.rounds)
    })?;
    Ok(uncorrected(first.title(), second.title(), [first.mean(), second.mean()], difference))
}

/// A comparison in a family of one.
pub(super) fn uncorrected(first: String, second: String, means: [f64; 2], difference: Difference) -> Comparison {
    Comparison { first, second, means, difference, corrected_p: difference.p, family_size: 1 }
}

/// A comparison as a sentence.
pub(super) fn plain(comparison: &Comparison) -> String {
    let Comparison { first, second, means, difference, corrected_p, family_size } = comparison;
    let [low, high] = difference.interval.map(signed);
    let test = match difference.pairing {
        Pairing::Paired => format!("paired t-test, n = {}", difference.n[0]),
        Pairing::Unpaired => format!("Welch's t-test, n = {} and {}", difference.n[0], difference.n[1]),
    };
    let (p, corrected) = (p_value(difference.p), p_value(*corrected_p));
    let p = match family_size {
        0 | 1 => p,
        size if p == corrected => format!("{p}, also with Holm's correction for {size}"),
        size => format!("{p}, with Holm's correction for {size} {corrected}"),
    };
    format!(
        "{first}: {:.2}; {second}: {:.2}; difference {} points (95 % interval {low} to {high}; {test}, {p}).",
        means[0],
        means[1],
        signed(difference.estimate),
    )
}

/// Percentage points with their sign; a plus for values that round to 0.
pub fn signed(points: f64) -> String {
    format!("{:+.2}", if points.abs() < 0.005 { 0.0 } else { points })
}

/// A p-value with three decimals.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}
