//! Axes counted from either end.

use crate::fault::NodeFault;

/// An axis of `rank`; negative ones count from the end.
pub(super) fn axis(value: i64, rank: usize) -> Result<usize, NodeFault> {
    let rank = rank as i64;
    let counted = if value < 0 { value.saturating_add(rank) } else { value };
    if (0..rank).contains(&counted) { Ok(counted as usize) } else { Err(NodeFault::Index) }
}

/// Several axes, sorted, each once.
pub(super) fn axes(values: &[i64], rank: usize) -> Result<Vec<usize>, NodeFault> {
    let mut axes = values.iter().map(|&value| axis(value, rank)).collect::<Result<Vec<_>, _>>()?;
    axes.sort_unstable();
    axes.dedup();
    Ok(axes)
}
