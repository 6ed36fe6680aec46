//! What the networks of a study cost: by their description, and by the clock.

use study::declaration::{Cell, ProtocolName};
use study::judge::StudyResults;

/// What a cell's network costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Costs {
    /// Million multiply-adds for one image.
    pub(super) millions: f64,
    /// Bytes of the model file with weights in 8 bits, in thousands.
    pub(super) kilobytes: f64,
    /// Seconds that a round takes on one core, for training and judging: the mean over the rounds.
    pub(super) seconds: f64,
}

impl Costs {
    /// The costs of a cell; `None` without trials.
    pub(super) fn of(results: &StudyResults, cell: &Cell, protocol: ProtocolName) -> Option<Self> {
        let trials = results.trials(cell, protocol);
        if trials.is_empty() {
            return None;
        }
        let cost = cell.cost().ok()?;
        Some(Self {
            millions: cost.multiply_adds as f64 / 1e6,
            kilobytes: cost.bytes as f64 / 1e3,
            seconds: trials.iter().map(|trial| trial.seconds).sum::<f64>() / trials.len() as f64,
        })
    }

    /// All three, in this order.
    pub(super) fn all(self) -> [f64; 3] {
        [self.millions, self.kilobytes, self.seconds]
    }
}

/// The positions of those of `points`, each a cost and an accuracy, that no other point of at most their cost reaches: the
/// front, by rising cost.
pub(super) fn front(points: &[[f64; 2]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]).then(points[b][1].total_cmp(&points[a][1])));
    let mut best = f64::NEG_INFINITY;
    order.retain(|&point| {
        let is_better = points[point][1] > best;
        best = best.max(points[point][1]);
        is_better
    });
    order
}

#[cfg(test)]
mod tests {
    use super::front;

    #[test]
    fn the_front_holds_what_no_cheaper_point_reaches() {
        let points = [[2.0, 99.5], [1.0, 99.0], [3.0, 99.4], [2.0, 99.6], [0.5, 98.0], [9.0, 99.6]];
        assert_eq!(front(&points), [4, 1, 3]);
        assert!(front(&[]).is_empty());
    }
}
