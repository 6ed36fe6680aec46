//! A network's answers about pairs as the tools give them: how likely "first <= second" is, and how sure that is.

use candle_core::Result;
use digits::Verdict;
use mnist::PairSet;
use nets::network::Comparator;
use nets::training::{leq_probabilities, no_digit_probabilities, outputs};

/// The answer about one pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Answered {
    /// Probability that first <= second.
    pub p_leq: f64,
    /// Whether it is so.
    pub leq: bool,
    /// Whether the tools say it without "not sure".
    pub is_sure: bool,
}

impl Answered {
    /// Whether the answer is right.
    pub fn is_right(&self) -> bool {
        (self.p_leq >= 0.5) == self.leq
    }
}

/// A network's answer about each of `pairs`.
///
/// # Errors
/// Candle's, when the device has no room; an output that is no probability.
pub(super) fn answered(comparator: &Comparator, pairs: &PairSet) -> Result<Vec<Answered>> {
    let outputs = outputs(comparator, pairs)?;
    let no_digit = no_digit_probabilities(&outputs)?;
    let is_sure = |pair: usize, p_leq: f64| -> Result<bool> {
        let verdict = Verdict::new(p_leq as f32, None).map_err(candle_core::Error::wrap)?;
        let Some(no_digit) = &no_digit else { return Ok(verdict.is_sure()) };
        let both = [no_digit[2 * pair], no_digit[2 * pair + 1]];
        Ok(verdict.with_no_digit(both).map_err(candle_core::Error::wrap)?.is_sure())
    };
    let asked = leq_probabilities(&outputs)?.into_iter().zip(pairs.targets()).enumerate();
    asked.map(|(pair, (p_leq, leq))| Ok(Answered { p_leq, leq, is_sure: is_sure(pair, p_leq)? })).collect()
}
