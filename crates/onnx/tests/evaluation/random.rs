//! Numbers that are the same in every run.

/// Marsaglia's xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 up to, but without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 20) as usize % end
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// From -2 to 2.
    pub fn float(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 22) as f32 - 2.0
    }

    pub fn shape(&mut self, rank: usize, longest: usize) -> Vec<usize> {
        (0..rank).map(|_| self.between(1, longest)).collect()
    }
}
