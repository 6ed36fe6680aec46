//! Random numbers for drawings: the same from a seed on every machine.

use crate::scene::SplitMix64;

/// What a drawing draws its sizes, places and shapes from.
#[derive(Debug, Clone)]
pub(super) struct Random(SplitMix64);

impl Random {
    /// The numbers that `seed` gives.
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64(seed))
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f32 {
        (self.0.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// From `low` to `high`.
    pub fn within(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// From `-bound` to `bound`.
    pub fn about(&mut self, bound: f32) -> f32 {
        self.within(-bound, bound)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.0.bits() % (high - low + 1) as u64) as usize
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// One of `choices`, of which there has to be one.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() - 1)]
    }
}
