//! What a scene draws by lot, from a seed; training and development never draw the parameters of test.

use super::SplitMix64;

/// What a picture is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To train with: development's parameters from seeds of its own.
    Training,
    /// To look at, and to choose by.
    Development,
    /// To measure with, once.
    Test,
}

/// Parameters by lot.
#[derive(Debug, Clone)]
pub struct Dice {
    random: SplitMix64,
    stage: Stage,
}

/// Parts that a range is cut into; training and development have the even ones, test the odd ones.
const PARTS: f32 = 10.0;

impl Dice {
    /// For one picture.
    pub fn new(stage: Stage, seed: u64) -> Self {
        let stream = match stage {
            Stage::Training => 0x7EAC_0003,
            Stage::Development => 0x5EED_0001,
            Stage::Test => 0x7E57_0002,
        };
        let mut random = SplitMix64(seed.wrapping_mul(0x9E37_79B9).wrapping_add(stream << 20));
        random.bits();
        Self { random, stage }
    }

    /// From 0 to 1, the same for all stages.
    pub fn uniform(&mut self) -> f32 {
        self.random.uniform()
    }

    /// A parameter from `low` to `high`, in the stage's own parts of that range.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        let odd = if self.stage == Stage::Test { 1.0 } else { 0.0 };
        let part = 2.0 * (self.uniform() * PARTS / 2.0).floor() + odd;
        low + (high - low) * (part + self.uniform()) / PARTS
    }

    /// Whether something happens that has this chance.
    pub fn happens(&mut self, chance: f32) -> bool {
        self.uniform() < chance
    }

    /// One of several, of the stage's own: the even ones for training and development, the odd ones for test.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let own = all.len() / 2;
        let at = 2 * ((self.uniform() * own as f32) as usize).min(own - 1);
        all[at + usize::from(self.stage == Stage::Test)]
    }

    /// A seed for something else.
    pub fn seed(&mut self) -> u64 {
        self.random.bits()
    }
}
