//! Rough training times.

use crate::declaration::Cell;

/// Seconds per step independent of the network, measured on one core of an AMD EPYC.
const SECONDS_A_STEP: f64 = 4e-4;
/// Seconds per multiply-add, forward and backward together, on the same core.
const SECONDS_A_PRODUCT: f64 = 3.6e-11;

impl Cell {
    /// Rough seconds of one training on one core. Machines differ by a factor of two. Early stopping is ignored.
    pub fn estimated_seconds(&self) -> f64 {
        let config = self.config(self.protocols[0], self.seeds_from);
        let pairs = config.pairs - config.recipe.validation_pairs;
        let epochs = f64::from(config.recipe.epochs);
        let steps = pairs.div_ceil(config.recipe.batch_size) as f64;
        let products = config.network.multiply_adds().map_or(0, |count| count.pair) as f64;
        epochs * (steps * SECONDS_A_STEP + pairs as f64 * products * SECONDS_A_PRODUCT)
    }
}
