//! Running statistics of batch normalisation for weights that no step has seen, such as averaged ones.

use candle_core::Result;

use super::training_pairs::TrainingPairs;
use crate::layer::Pass;
use crate::network::Comparator;
use random::{Purpose, Stream};

/// Batches whose statistics are averaged.
const BATCHES: u32 = 64;

/// Replaces the running statistics of `comparator` by the means over batches of `pairs`, distorted as suits a training of
/// which the share `progress` is done. The same seed gives the same batches.
///
/// # Errors
/// Candle's, when the device has no room.
pub(super) fn renew(
    comparator: &Comparator,
    pairs: &TrainingPairs,
    batch_size: usize,
    progress: f64,
    seed: u64,
) -> Result<()> {
    if comparator.parameters().buffers.is_empty() {
        return Ok(());
    }
    let mut stream = Stream::new(seed, Purpose::Statistics);
    let order = stream.permutation(pairs.pairs() * pairs.positions_a_pair());
    // What is drawn alike in several streams serves different ends.
    let (mut drawings, mut dropout) = (stream.clone(), stream.clone());
    let size = (batch_size * pairs.positions_a_pair()).min(order.len());
    for (number, positions) in (1..=BATCHES).zip(order.chunks_exact(size).cycle()) {
        let batch = pairs.batch(positions, progress, comparator, &mut stream, &mut drawings)?;
        comparator.forward(&batch, &mut Pass::training(&mut dropout, comparator.kernels()).in_mean(number))?;
    }
    Ok(())
}
